/* Winograd's method in two dimensions. Tiles of 6 x 6 pixels overlap by kernel - 1 pixels. A row of
 * tiles is a strip; strips are transformed upright first, over the whole width of the image, then
 * sideways, tile by tile. Transformed tiles are [plane, tile, channel], planes being 6 x 6 points.
 * Strips go through the matrix products in blocks: some of one sample or all of some samples, as
 * many as fit into the cache. */
#include "nn/convolution/winograd.h"

#include "nn/convolution/winograd_kernel.h"
#include "nn/convolution/winograd_maps.h"
#include "nn/products/kernels.h"

#include <string.h>

enum { POINTS = WINOGRAD_POINTS, PLANES = WINOGRAD_PLANES };

enum {
  CACHED = 1 << 17,         /* reals of the transformed tiles of a block */
  FEW_TILES = 32,           /* tiles that a block has even if they are more than CACHED */
  LARGEST_MATRIX = 1 << 20, /* elements of in x filters, of which there are 36 matrices */
};

typedef struct tiling {
  const winograd_maps *maps;
  size_t size[2];  /* of a tile's output */
  size_t count[2]; /* tiles of a sample */
  size_t width;    /* pixels of a strip of tiles of the input */
  size_t strips;   /* in a block: part of a sample's, or a multiple of them */
  ls_real *kernel; /* [plane, in, filter]; in backward [plane, filter, in] */
  ls_real *d_kernel;
  ls_real *in;        /* [plane, tile, in] */
  ls_real *out;       /* [plane, tile, filter] */
  ls_real *strip;     /* [point, width, channel] */
  ls_real *zeros;     /* read for rows outside of the image */
  ls_real *discarded; /* written for rows outside of the image */
  size_t scratch;     /* reals for all this */
} tiling;

static size_t larger(size_t a, size_t b) {
  return a > b ? a : b;
}

static size_t strips_at_once(const convolution *c, const size_t count[2]) {
  size_t fit = CACHED / (PLANES * count[1] * (c->in + c->filters));
  size_t wanted = larger(fit, (FEW_TILES + count[1] - 1) / count[1]);
  if (wanted >= count[0]) return wanted / count[0] * count[0];
  size_t blocks = (count[0] + wanted - 1) / wanted;
  return (count[0] + blocks - 1) / blocks;
}

static tiling tile(const convolution *c, ls_real *scratch) {
  tiling t = {0};
  for (size_t d = 0; d < 2; d++) {
    t.size[d] = POINTS + 1 - c->kernel[d];
    t.count[d] = (c->out[d] + t.size[d] - 1) / t.size[d];
  }
  t.width = t.count[1] * t.size[1] + c->kernel[1] - 1;
  t.strips = strips_at_once(c, t.count);
  size_t tiles = t.strips * t.count[1], matrix = c->in * c->filters;
  size_t row = larger(t.width, c->image[1]) * larger(c->in, c->filters);
  const size_t sizes[] = {PLANES * matrix,
                          PLANES * matrix,
                          PLANES * tiles * c->in,
                          PLANES * tiles * c->filters,
                          POINTS * row,
                          row,
                          POINTS * row};
  ls_real **const parts[] = {&t.kernel, &t.d_kernel, &t.in,       &t.out,
                             &t.strip,  &t.zeros,    &t.discarded};
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
    possible &= c->kernel[d] >= 2 && c->kernel[d] <= WINOGRAD_LARGEST && c->stride[d] == 1 &&
                c->dilation[d] == 1;
  }
  return possible && c->in >= 8 && c->filters >= 8 && c->in * c->filters <= LARGEST_MATRIX;
}

static size_t scratch(const convolution *c) {
  return tile(c, NULL).scratch;
}

/* ---- Strips ---------------------------------------------------------------------------------- */

/* Some strips of the batch, counted through all samples. */
typedef struct block {
  size_t first, strips, tiles;
} block;

/* A strip of a block. */
typedef struct strip_position {
  size_t sample, strip; /* of that sample */
  size_t at, tiles;     /* its first tile, and how many the block has */
} strip_position;

static strip_position strip_position_of(const tiling *t, const block *b, size_t s) {
  size_t strip = b->first + s;
  return (strip_position){strip / t->count[0], strip % t->count[0], s * t->count[1], b->tiles};
}

/* Sets pointers to vectors that are `distance` apart. */
static void strided(ls_real *first, size_t distance, ls_real *vectors[POINTS]) {
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

/* Vectors of tile k in the row of planes p. */
static void find_planes(ls_real *planes, const strip_position *at, size_t channels, size_t p,
                        size_t k, ls_real *vectors[POINTS]) {
  size_t plane = at->tiles * channels;
  strided(planes + p * POINTS * plane + (at->at + k) * channels, plane, vectors);
}

/* A strip of x into planes. */
static void strip_in(const convolution *c, const tiling *t, strip_position at, const ls_real *x) {
  size_t in = c->in, row = t->width * in, used = c->image[1] * in, left = c->before[1] * in;
  ls_real *rows[POINTS], *lines[POINTS], *planes[POINTS];
  ls_real *image = (ls_real *)x + at.sample * c->image[0] * used;
  find_rows(image, c->image[0], used, at.strip * t->size[0], c->before[0], t->zeros, 0, rows);
  strided(t->strip + left, row, lines);
  t->maps->in(used, SOURCES(rows), lines);
  for (size_t p = 0; p < POINTS; p++) {
    ls_real *line = t->strip + p * row;
    memset(line, 0, left * sizeof *line);
    memset(line + left + used, 0, (row - left - used) * sizeof *line);
    for (size_t k = 0; k < t->count[1]; k++) {
      strided(line + k * t->size[1] * in, in, lines);
      find_planes(t->in, &at, in, p, k, planes);
      t->maps->in(in, SOURCES(lines), planes);
    }
  }
}

/* The transpose of strip_in: adds to dx, which the first strip of a sample sets to 0. */
static void strip_in_transposed(const convolution *c, const tiling *t, strip_position at,
                                ls_real *dx) {
  size_t in = c->in, row = t->width * in, used = c->image[1] * in, left = c->before[1] * in;
  ls_real *rows[POINTS], *lines[POINTS], *planes[POINTS];
  ls_real *image = dx + at.sample * c->image[0] * used;
  if (at.strip == 0) memset(image, 0, c->image[0] * used * sizeof *image);
  memset(t->strip, 0, POINTS * row * sizeof *t->strip);
  for (size_t p = 0; p < POINTS; p++) {
    for (size_t k = 0; k < t->count[1]; k++) {
      strided(t->strip + p * row + k * t->size[1] * in, in, lines);
      find_planes(t->in, &at, in, p, k, planes);
      t->maps->in_transposed(in, SOURCES(planes), lines);
    }
  }
  find_rows(image, c->image[0], used, at.strip * t->size[0], c->before[0], t->discarded, used,
            rows);
  strided(t->strip + left, row, lines);
  t->maps->in_transposed(used, SOURCES(lines), rows);
}

/* Where the strip begins in y, and how many pixels of it there are. */
static size_t find_pixels(const convolution *c, const tiling *t, const strip_position *at,
                          size_t *count) {
  size_t top = at->strip * t->size[0], left = c->out[0] - top;
  *count = (left < t->size[0] ? left : t->size[0]) * c->out[1];
  return (at->sample * c->out[0] + top) * c->out[1] * c->filters;
}

/* Planes into the strip of y. */
static void strip_out(const convolution *c, const tiling *t, strip_position at,
                      const convolution_pass *pass) {
  size_t out = c->filters, row = t->count[1] * t->size[1] * out, used = c->out[1] * out, pixels;
  ls_real *rows[POINTS], *lines[POINTS], *planes[POINTS];
  for (size_t p = 0; p < POINTS; p++) {
    for (size_t k = 0; k < t->count[1]; k++) {
      strided(t->strip + p * row + k * t->size[1] * out, out, lines);
      find_planes(t->out, &at, out, p, k, planes);
      t->maps->out(t->size[1], out, SOURCES(planes), lines);
    }
  }
  ls_real *y = pass->y + find_pixels(c, t, &at, &pixels);
  find_rows(y, pixels / c->out[1], used, 0, 0, t->discarded, used, rows);
  strided(t->strip, row, lines);
  t->maps->out(t->size[0], used, SOURCES(lines), rows);
  if (pass->bias) convolution_add_bias(pixels, out, pass->bias, y);
  convolution_activate(pass, pixels, out, y);
}

/* The strip of dy into planes; adds it to d_bias, unless that is NULL. */
static void strip_out_transposed(const convolution *c, const tiling *t, strip_position at,
                                 const convolution_pass *pass) {
  size_t out = c->filters, row = t->count[1] * t->size[1] * out, used = c->out[1] * out, pixels;
  ls_real *rows[POINTS], *lines[POINTS], *planes[POINTS];
  size_t first = find_pixels(c, t, &at, &pixels);
  ls_real *dy = (ls_real *)pass->dy + first;
  if (pass->activation) convolution_activate_gradient(pass, pixels, out, pass->y + first, dy);
  if (pass->d_bias) convolution_add_rows(pixels, out, dy, pass->d_bias);
  find_rows(dy, pixels / c->out[1], used, 0, 0, t->zeros, 0, rows);
  strided(t->strip, row, lines);
  t->maps->out_transposed(t->size[0], used, SOURCES(rows), lines);
  for (size_t p = 0; p < POINTS; p++) {
    ls_real *line = t->strip + p * row;
    memset(line + used, 0, (row - used) * sizeof *line);
    for (size_t k = 0; k < t->count[1]; k++) {
      strided(line + k * t->size[1] * out, out, lines);
      find_planes(t->out, &at, out, p, k, planes);
      t->maps->out_transposed(t->size[1], out, SOURCES(lines), planes);
    }
  }
}

/* ---- Passes ---------------------------------------------------------------------------------- */

/* Moves b to the next block (from {0} to the first). Returns whether there is one. */
static bool next_block(const tiling *t, size_t samples, block *b) {
  b->first += b->strips;
  size_t left = samples * t->count[0] - b->first;
  if (left > 0 && t->strips < t->count[0]) left = t->count[0] - b->first % t->count[0];
  b->strips = left < t->strips ? left : t->strips;
  b->tiles = b->strips * t->count[1];
  return left > 0;
}

/* The products for one of a block's planes: of its tiles with the kernel, of the tiles with dy for
 * d_kernel, of dy with the transposed kernel for the gradient of the tiles. */
static ls_product product_y(const convolution *c, const block *b) {
  return (ls_product){.m = b->tiles, .n = c->filters, .k = c->in};
}

static ls_product product_d_kernel(const convolution *c, const block *b) {
  return (ls_product){
      .m = c->in, .n = c->filters, .k = b->tiles, .a_transposed = true, .adds = b->first > 0};
}

static ls_product product_dx(const convolution *c, const block *b) {
  return (ls_product){.m = b->tiles, .n = c->in, .k = c->filters};
}

static void forward(const convolution *c, const convolution_pass *pass) {
  tiling t = tile(c, pass->scratch);
  t.maps = pass->kernels->maps;
  size_t in = c->in, out = c->filters;
  winograd_map_kernel(c, pass->kernel, t.kernel);
  for (block b = {0}; next_block(&t, pass->n, &b);) {
    for (size_t s = 0; s < b.strips; s++) strip_in(c, &t, strip_position_of(&t, &b, s), pass->x);
    for (size_t p = 0; p < PLANES; p++) {
      ls_multiply(pass->kernels, product_y(c, &b), t.in + p * b.tiles * in, t.kernel + p * in * out,
                  t.out + p * b.tiles * out);
    }
    for (size_t s = 0; s < b.strips; s++) {
      strip_out(c, &t, strip_position_of(&t, &b, s), pass);
    }
  }
}

static void block_backward(const convolution *c, const tiling *t, const block *b,
                           const convolution_pass *pass) {
  for (size_t s = 0; s < b->strips; s++) {
    strip_out_transposed(c, t, strip_position_of(t, b, s), pass);
    if (pass->d_kernel) strip_in(c, t, strip_position_of(t, b, s), pass->x);
  }
  for (size_t p = 0; p < PLANES; p++) {
    ls_real *in = t->in + p * b->tiles * c->in, *out = t->out + p * b->tiles * c->filters;
    size_t matrix = p * c->in * c->filters;
    if (pass->d_kernel)
      ls_multiply(pass->kernels, product_d_kernel(c, b), in, out, t->d_kernel + matrix);
    if (pass->dx) ls_multiply(pass->kernels, product_dx(c, b), out, t->kernel + matrix, in);
  }
  for (size_t s = 0; pass->dx && s < b->strips; s++) {
    strip_in_transposed(c, t, strip_position_of(t, b, s), pass->dx);
  }
}

static void begin_backward(const convolution *c, const convolution_pass *pass) {
  tiling t = tile(c, pass->scratch);
  if (!pass->dx) return;
  winograd_transpose_kernel(c, pass->kernel, t.d_kernel);
  winograd_map_kernel(c, t.d_kernel, t.kernel);
}

static void backward(const convolution *c, const convolution_pass *pass) {
  tiling t = tile(c, pass->scratch);
  t.maps = pass->kernels->maps;
  for (block b = {0}; next_block(&t, pass->n, &b);) block_backward(c, &t, &b, pass);
  if (pass->d_kernel) winograd_map_kernel_transposed(c, t.d_kernel, pass->d_kernel);
}

static void products(const convolution *c, size_t n, unsigned wanted, ls_product_entry entry,
                     ls_products *list) {
  tiling t = tile(c, NULL);
  entry.times = PLANES;
  for (block b = {0}; next_block(&t, n, &b);) {
    const ls_product all[CONVOLUTION_RESULTS] = {product_y(c, &b), product_d_kernel(c, &b),
                                                 product_dx(c, &b)};
    convolution_list(all, wanted, entry, list);
  }
}

const convolution_method convolution_winograd = {
    .scratch = scratch,
    .forward = forward,
    .begin_backward = begin_backward,
    .backward = backward,
    .products = products,
};
