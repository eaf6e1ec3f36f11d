/* Winograd's method. One-dimensional maps of 6 numbers, applied to columns and then rows of a tile:
 * with the points 0, +-A, +-B and infinity (Cook and Toom), for a kernel g and inputs d,
 *
 *   y = out((G g) * in(d)),   `*` element by element,
 *
 * where row p of G is [1, p, p^2, ...] / N(p), N(p) being the product of p's distances from the
 * other points, `out` adds up what each point contributes to the coefficients of a polynomial, and
 * row p of `in` has the coefficients of the polynomial that is 0 at all other points. Gradients are
 * the same maps transposed, in the opposite order. A = 3/4 and B = 3/2 are exact in binary and keep
 * all factors near 1, which rounds better than the usual 1 and 2.
 *
 * Tiles overlap by kernel - 1 pixels. A row of tiles is a strip; strips are transformed upright
 * first, over the whole width of the image, then sideways, tile by tile. Transformed tiles are
 * [point, tile, channel], points being 6 x 6. Strips of one sample go through the matrix products
 * together, as many as fit into the cache. */
#include "winograd.h"

#include "blas.h"

#include <string.h>

enum { POINTS = 6, PLANES = POINTS * POINTS, LARGEST_KERNEL = 5 };

static const ls_real A = (ls_real)0.75, A2 = (ls_real)0.5625, B = (ls_real)1.5, B2 = (ls_real)2.25;

/* In reals: what a block of transformed tiles may take, to stay in the cache; and the largest
 * matrix in x filters, of which there are 36. */
enum { CACHED = 1 << 17, LARGEST_MATRIX = 1 << 20 };

typedef struct tiling {
  size_t size[2];  /* of a tile's output */
  size_t count[2]; /* tiles */
  size_t width;    /* pixels of a strip of tiles of the input */
  size_t strips;   /* in a block */
  size_t channels; /* the larger number, of in and filters */
  ls_real *kernel; /* [plane, in, filter]; in backward [plane, filter, in] */
  ls_real *d_kernel;
  ls_real *in;    /* [plane, tile, in] */
  ls_real *out;   /* [plane, tile, filter] */
  ls_real *strip; /* [point, width, channel] */
  ls_real *zeros; /* stands for a row outside of the image; */
  ls_real *waste; /* where such rows go */
  size_t scratch; /* reals for all this */
} tiling;

static size_t larger(size_t a, size_t b) {
  return a > b ? a : b;
}

static tiling tile(const convolution *c, ls_real *scratch) {
  tiling t = {.channels = larger(c->in, c->filters)};
  for (size_t d = 0; d < 2; d++) {
    t.size[d] = POINTS + 1 - c->kernel[d];
    t.count[d] = (c->out[d] + t.size[d] - 1) / t.size[d];
  }
  t.width = t.count[1] * t.size[1] + c->kernel[1] - 1;
  size_t strip = PLANES * t.count[1] * (c->in + c->filters);
  size_t blocks = (t.count[0] * strip + CACHED - 1) / CACHED;
  t.strips = (t.count[0] + blocks - 1) / blocks;
  size_t tiles = t.strips * t.count[1], matrix = c->in * c->filters;
  size_t row = larger(t.width, c->image[1]) * t.channels;
  const size_t sizes[] = {PLANES * matrix,
                          PLANES * matrix,
                          PLANES * tiles * c->in,
                          PLANES * tiles * c->filters,
                          POINTS * row,
                          row,
                          POINTS * row};
  ls_real **const parts[] = {&t.kernel, &t.d_kernel, &t.in, &t.out, &t.strip, &t.zeros, &t.waste};
  for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
    if (scratch) *parts[i] = scratch + t.scratch;
    t.scratch += (sizes[i] + 15) / 16 * 16; /* aligned to 64 bytes */
  }
  if (scratch) memset(t.zeros, 0, row * sizeof *t.zeros);
  return t;
}

bool winograd_applies(const convolution *c) {
  bool possible = true;
  for (size_t d = 0; d < 2; d++) {
    possible &= c->kernel[d] >= 2 && c->kernel[d] <= LARGEST_KERNEL && c->stride[d] == 1 &&
                c->dilation[d] == 1;
  }
  return possible && c->in >= 8 && c->filters >= 8 && c->in * c->filters <= LARGEST_MATRIX;
}

size_t winograd_scratch(const convolution *c) {
  return tile(c, NULL).scratch;
}

/* ---- Maps of one dimension: vectors of `count` elements, 6 or `size` of them -------------------
 */

static void map_in(size_t count, const ls_real *const d[POINTS], ls_real *const v[POINTS]) {
  const ls_real *d0 = d[0], *d1 = d[1], *d2 = d[2], *d3 = d[3], *d4 = d[4], *d5 = d[5];
  ls_real *v0 = v[0], *v1 = v[1], *v2 = v[2], *v3 = v[3], *v4 = v[4], *v5 = v[5];
#pragma GCC ivdep
  for (size_t i = 0; i < count; i++) {
    ls_real even_a = d4[i] - B2 * d2[i], odd_a = A * (d3[i] - B2 * d1[i]);
    ls_real even_b = d4[i] - A2 * d2[i], odd_b = B * (d3[i] - A2 * d1[i]);
    v0[i] = A2 * B2 * d0[i] - (A2 + B2) * d2[i] + d4[i];
    v1[i] = even_a + odd_a;
    v2[i] = even_a - odd_a;
    v3[i] = even_b + odd_b;
    v4[i] = even_b - odd_b;
    v5[i] = A2 * B2 * d1[i] - (A2 + B2) * d3[i] + d5[i];
  }
}

/* Adds to d. */
static void map_in_transposed(size_t count, const ls_real *const v[POINTS],
                              ls_real *const d[POINTS]) {
  const ls_real *v0 = v[0], *v1 = v[1], *v2 = v[2], *v3 = v[3], *v4 = v[4], *v5 = v[5];
  ls_real *d0 = d[0], *d1 = d[1], *d2 = d[2], *d3 = d[3], *d4 = d[4], *d5 = d[5];
#pragma GCC ivdep
  for (size_t i = 0; i < count; i++) {
    ls_real sum_a = v1[i] + v2[i], difference_a = A * (v1[i] - v2[i]);
    ls_real sum_b = v3[i] + v4[i], difference_b = B * (v3[i] - v4[i]);
    d0[i] += A2 * B2 * v0[i];
    d1[i] += A2 * B2 * v5[i] - B2 * difference_a - A2 * difference_b;
    d2[i] -= (A2 + B2) * v0[i] + B2 * sum_a + A2 * sum_b;
    d3[i] += difference_a + difference_b - (A2 + B2) * v5[i];
    d4[i] += v0[i] + sum_a + sum_b;
    d5[i] += v5[i];
  }
}

/* The maps that depend on the kernel's size are made for each size. */
static inline __attribute__((always_inline)) void
map_out_of(size_t size, size_t count, const ls_real *const m[POINTS], ls_real *const y[POINTS]) {
  const ls_real *m0 = m[0], *m1 = m[1], *m2 = m[2], *m3 = m[3], *m4 = m[4], *m5 = m[5];
  ls_real *y0 = y[0], *y1 = y[1], *y2 = y[2], *y3 = y[3], *y4 = y[4];
#pragma GCC ivdep
  for (size_t i = 0; i < count; i++) {
    ls_real even_a = m1[i] + m2[i], odd_a = A * (m1[i] - m2[i]);
    ls_real even_b = m3[i] + m4[i], odd_b = B * (m3[i] - m4[i]);
    ls_real last = m5[i];
    y0[i] = m0[i] + even_a + even_b;
    y1[i] = odd_a + odd_b + (size == 2 ? last : 0);
    if (size > 2) y2[i] = A2 * even_a + B2 * even_b + (size == 3 ? last : 0);
    if (size > 3) y3[i] = A2 * odd_a + B2 * odd_b + (size == 4 ? last : 0);
    if (size > 4) y4[i] = A2 * A2 * even_a + B2 * B2 * even_b + last;
  }
}

static inline __attribute__((always_inline)) void
map_out_transposed_of(size_t size, size_t count, const ls_real *const y[POINTS],
                      ls_real *const m[POINTS]) {
  const ls_real *y0 = y[0], *y1 = y[1], *y2 = y[2], *y3 = y[3], *y4 = y[4];
  ls_real *m0 = m[0], *m1 = m[1], *m2 = m[2], *m3 = m[3], *m4 = m[4], *m5 = m[5];
#pragma GCC ivdep
  for (size_t i = 0; i < count; i++) {
    ls_real even_a = y0[i], odd_a = y1[i], even_b = y0[i], odd_b = y1[i], last = y1[i];
    if (size > 2) even_a += A2 * y2[i], even_b += B2 * y2[i], last = y2[i];
    if (size > 3) odd_a += A2 * y3[i], odd_b += B2 * y3[i], last = y3[i];
    if (size > 4) even_a += A2 * A2 * y4[i], even_b += B2 * B2 * y4[i], last = y4[i];
    odd_a *= A;
    odd_b *= B;
    m0[i] = y0[i];
    m1[i] = even_a + odd_a;
    m2[i] = even_a - odd_a;
    m3[i] = even_b + odd_b;
    m4[i] = even_b - odd_b;
    m5[i] = last;
  }
}

static void map_out(size_t size, size_t count, const ls_real *const m[POINTS],
                    ls_real *const y[POINTS]) {
  if (size == 2) map_out_of(2, count, m, y);
  if (size == 3) map_out_of(3, count, m, y);
  if (size == 4) map_out_of(4, count, m, y);
  if (size == 5) map_out_of(5, count, m, y);
}

static void map_out_transposed(size_t size, size_t count, const ls_real *const y[POINTS],
                               ls_real *const m[POINTS]) {
  if (size == 2) map_out_transposed_of(2, count, y, m);
  if (size == 3) map_out_transposed_of(3, count, y, m);
  if (size == 4) map_out_transposed_of(4, count, y, m);
  if (size == 5) map_out_transposed_of(5, count, y, m);
}

/* ---- Kernels -----------------------------------------------------------------------------------
 */

/* The matrix G, [point, pixel of the kernel]. */
static void kernel_map(size_t size, ls_real g[POINTS][LARGEST_KERNEL]) {
  const ls_real points[] = {0, A, -A, B, -B};
  const ls_real scale[] = {1 / (A2 * B2), 1 / (2 * A2 * (A2 - B2)), 1 / (2 * A2 * (A2 - B2)),
                           1 / (2 * B2 * (B2 - A2)), 1 / (2 * B2 * (B2 - A2))};
  memset(g, 0, POINTS * sizeof *g);
  for (size_t p = 0; p < POINTS - 1; p++) {
    g[p][0] = scale[p];
    for (size_t i = 1; i < size; i++) g[p][i] = g[p][i - 1] * points[p];
  }
  g[POINTS - 1][size - 1] = 1;
}

/* to[e] += factor * from[e] */
static void add_scaled(size_t count, ls_real factor, const ls_real *restrict from,
                       ls_real *restrict to) {
  for (size_t e = 0; e < count; e++) to[e] += factor * from[e];
}

/* Transforms a kernel, or (back) its gradient from the planes. */
static void map_kernel(const convolution *c, ls_real *kernel, ls_real *planes, bool back) {
  ls_real high[POINTS][LARGEST_KERNEL], wide[POINTS][LARGEST_KERNEL];
  size_t matrix = c->in * c->filters, pixels = c->kernel[0] * c->kernel[1];
  kernel_map(c->kernel[0], high);
  kernel_map(c->kernel[1], wide);
  memset(back ? kernel : planes, 0, (back ? pixels : PLANES) * matrix * sizeof(ls_real));
  for (size_t k = 0; k < PLANES * pixels; k++) {
    size_t plane = k / pixels, pixel = k % pixels;
    ls_real factor =
        high[plane / POINTS][pixel / c->kernel[1]] * wide[plane % POINTS][pixel % c->kernel[1]];
    ls_real *own = kernel + pixel * matrix, *other = planes + plane * matrix;
    if (factor != 0) add_scaled(matrix, factor, back ? other : own, back ? own : other);
  }
}

/* ---- Strips ------------------------------------------------------------------------------------
 */

/* Pointers to vectors at even distances. */
static void spread(ls_real *first, size_t distance, ls_real *vectors[POINTS]) {
  for (size_t i = 0; i < POINTS; i++) vectors[i] = first + i * distance;
}

#define SOURCES(vectors) ((const ls_real *const *)(vectors))

/* The strip's rows of an image of `height` rows, from row `top` - before on. Those that are not
 * within are at `outside`, `distance` apart. */
static void find_rows(ls_real *image, size_t height, size_t row, size_t top, size_t before,
                      ls_real *outside, size_t distance, ls_real *rows[POINTS]) {
  for (size_t i = 0; i < POINTS; i++) {
    size_t at = top + i;
    bool within = at >= before && at - before < height;
    rows[i] = within ? image + (at - before) * row : outside + i * distance;
  }
}

/* Row `strip` of the tiles of x into planes. `at` is the place of its first tile among `tiles`. */
static void strip_in(const convolution *c, const tiling *t, const ls_real *x, size_t strip,
                     size_t at, size_t tiles) {
  size_t in = c->in, row = t->width * in, used = c->image[1] * in, left = c->before[1] * in;
  ls_real *rows[POINTS], *lines[POINTS], *planes[POINTS];
  find_rows((ls_real *)x, c->image[0], used, strip * t->size[0], c->before[0], t->zeros, 0, rows);
  spread(t->strip + left, row, lines);
  map_in(used, SOURCES(rows), lines);
  for (size_t p = 0; p < POINTS; p++) {
    ls_real *line = t->strip + p * row;
    memset(line, 0, left * sizeof *line);
    memset(line + left + used, 0, (row - left - used) * sizeof *line);
    for (size_t k = 0; k < t->count[1]; k++) {
      spread(line + k * t->size[1] * in, in, lines);
      spread(t->in + (p * POINTS * tiles + at + k) * in, tiles * in, planes);
      map_in(in, SOURCES(lines), planes);
    }
  }
}

/* The way back, adding to dx. */
static void strip_in_transposed(const convolution *c, const tiling *t, ls_real *dx, size_t strip,
                                size_t at, size_t tiles) {
  size_t in = c->in, row = t->width * in, used = c->image[1] * in, left = c->before[1] * in;
  ls_real *rows[POINTS], *lines[POINTS], *planes[POINTS];
  memset(t->strip, 0, POINTS * row * sizeof *t->strip);
  for (size_t p = 0; p < POINTS; p++) {
    ls_real *line = t->strip + p * row;
    for (size_t k = 0; k < t->count[1]; k++) {
      spread(line + k * t->size[1] * in, in, lines);
      spread(t->in + (p * POINTS * tiles + at + k) * in, tiles * in, planes);
      map_in_transposed(in, SOURCES(planes), lines);
    }
  }
  find_rows(dx, c->image[0], used, strip * t->size[0], c->before[0], t->waste, used, rows);
  spread(t->strip + left, row, lines);
  map_in_transposed(used, SOURCES(lines), rows);
}

/* Planes into the strip's rows of y. */
static void strip_out(const convolution *c, const tiling *t, ls_real *y, size_t strip, size_t at,
                      size_t tiles) {
  size_t out = c->filters, row = t->count[1] * t->size[1] * out, used = c->out[1] * out;
  ls_real *rows[POINTS], *lines[POINTS], *planes[POINTS];
  for (size_t p = 0; p < POINTS; p++) {
    for (size_t k = 0; k < t->count[1]; k++) {
      spread(t->strip + p * row + k * t->size[1] * out, out, lines);
      spread(t->out + (p * POINTS * tiles + at + k) * out, tiles * out, planes);
      map_out(t->size[1], out, SOURCES(planes), lines);
    }
  }
  find_rows(y, c->out[0], used, strip * t->size[0], 0, t->waste, used, rows);
  spread(t->strip, row, lines);
  map_out(t->size[0], used, SOURCES(lines), rows);
}

/* Rows of dy into planes. */
static void strip_out_transposed(const convolution *c, const tiling *t, const ls_real *dy,
                                 size_t strip, size_t at, size_t tiles) {
  size_t out = c->filters, row = t->count[1] * t->size[1] * out, used = c->out[1] * out;
  ls_real *rows[POINTS], *lines[POINTS], *planes[POINTS];
  find_rows((ls_real *)dy, c->out[0], used, strip * t->size[0], 0, t->zeros, 0, rows);
  spread(t->strip, row, lines);
  map_out_transposed(t->size[0], used, SOURCES(rows), lines);
  for (size_t p = 0; p < POINTS; p++) {
    ls_real *line = t->strip + p * row;
    memset(line + used, 0, (row - used) * sizeof *line);
    for (size_t k = 0; k < t->count[1]; k++) {
      spread(line + k * t->size[1] * out, out, lines);
      spread(t->out + (p * POINTS * tiles + at + k) * out, tiles * out, planes);
      map_out_transposed(t->size[1], out, SOURCES(lines), planes);
    }
  }
}

/* ---- Passes ------------------------------------------------------------------------------------
 */

/* The strips of a sample that go together, from `first` on. */
typedef struct block {
  size_t first, strips, tiles;
} block;

static bool next_block(const tiling *t, block *b) {
  b->first += b->strips;
  size_t left = t->count[0] - b->first;
  b->strips = left < t->strips ? left : t->strips;
  b->tiles = b->strips * t->count[1];
  return left > 0;
}

void winograd_forward(const convolution *c, const convolution_pass *pass) {
  tiling t = tile(c, pass->scratch);
  size_t in = c->in, out = c->filters, pixels = c->out[0] * c->out[1];
  map_kernel(c, (ls_real *)pass->kernel, t.kernel, false);
  for (size_t n = 0; n < pass->n; n++) {
    const ls_real *x = pass->x + n * c->image[0] * c->image[1] * in;
    ls_real *y = pass->y + n * pixels * out;
    for (block b = {0}; next_block(&t, &b);) {
      for (size_t s = 0; s < b.strips; s++) {
        strip_in(c, &t, x, b.first + s, s * t.count[1], b.tiles);
      }
      for (size_t p = 0; p < PLANES; p++) {
        ls_gemm(LS_PLAIN, LS_PLAIN, b.tiles, out, in, t.in + p * b.tiles * in,
                t.kernel + p * in * out, t.out + p * b.tiles * out);
      }
      for (size_t s = 0; s < b.strips; s++) {
        strip_out(c, &t, y, b.first + s, s * t.count[1], b.tiles);
      }
    }
    if (pass->bias) convolution_add_bias(pixels, out, pass->bias, y);
  }
}

/* One block of one sample: the kernel's gradient, unless x is NULL, added to what there is if so
 * said; dx, unless it is NULL. */
static void block_backward(const convolution *c, const tiling *t, const block *b, const ls_real *x,
                           const ls_real *dy, ls_real *dx, bool add) {
  size_t in = c->in, out = c->filters;
  for (size_t s = 0; s < b->strips; s++) {
    strip_out_transposed(c, t, dy, b->first + s, s * t->count[1], b->tiles);
    if (x) strip_in(c, t, x, b->first + s, s * t->count[1], b->tiles);
  }
  for (size_t p = 0; p < PLANES; p++) {
    ls_real *tiles_in = t->in + p * b->tiles * in, *tiles_out = t->out + p * b->tiles * out;
    size_t matrix = p * in * out;
    if (x) {
      ls_gemm_add(LS_TRANSPOSED, LS_PLAIN, in, out, b->tiles, tiles_in, tiles_out, add ? 1 : 0,
                  t->d_kernel + matrix);
    }
    if (dx) {
      ls_gemm(LS_PLAIN, LS_PLAIN, b->tiles, in, out, tiles_out, t->kernel + matrix, tiles_in);
    }
  }
  for (size_t s = 0; dx && s < b->strips; s++) {
    strip_in_transposed(c, t, dx, b->first + s, s * t->count[1], b->tiles);
  }
}

void winograd_backward(const convolution *c, const convolution_pass *pass) {
  tiling t = tile(c, pass->scratch);
  size_t size = c->image[0] * c->image[1] * c->in, pixels = c->out[0] * c->out[1];
  bool learn = pass->d_kernel != NULL;
  if (pass->dx) {
    convolution_transpose_kernel(c, pass->kernel, t.d_kernel);
    map_kernel(c, t.d_kernel, t.kernel, false);
  }
  for (size_t n = 0; n < pass->n; n++) {
    const ls_real *x = learn ? pass->x + n * size : NULL, *dy = pass->dy + n * pixels * c->filters;
    ls_real *dx = pass->dx ? pass->dx + n * size : NULL;
    if (dx) memset(dx, 0, size * sizeof *dx);
    if (pass->d_bias) convolution_add_rows(pixels, c->filters, dy, pass->d_bias);
    for (block b = {0}; next_block(&t, &b);) {
      block_backward(c, &t, &b, x, dy, dx, n > 0 || b.first > 0);
    }
  }
  if (learn) map_kernel(c, pass->d_kernel, t.d_kernel, true);
}
