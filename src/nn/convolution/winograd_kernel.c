/* The transformation of kernels, as a linear map of in x filters matrices from pixels to planes.
 * Each element of a result is one sum of products in ascending order of its sources. */
#include "nn/convolution/winograd_kernel.h"

#include "nn/convolution/winograd_maps.h"

#include <stdbool.h>
#include <string.h>

enum { POINTS = WINOGRAD_POINTS, PLANES = WINOGRAD_PLANES };

#define INLINE static inline __attribute__((always_inline))

void winograd_transpose_kernel(const convolution *c, const ls_real *kernel, ls_real *transposed) {
  size_t in = c->in, out = c->filters;
  for (size_t k = 0; k < c->kernel[0] * c->kernel[1]; k++, kernel += in * out) {
    for (size_t j = 0; j < out; j++) {
      for (size_t i = 0; i < in; i++) *transposed++ = kernel[i * out + j];
    }
  }
}

/* The matrix G, [point, pixel of the kernel], see winograd_maps.h. */
static void make_matrix(size_t size, ls_real g[POINTS][WINOGRAD_LARGEST]) {
  const ls_real A = WINOGRAD_A, B = WINOGRAD_B, A2 = A * A, B2 = B * B;
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

/* A linear map of matrices: to[i] = sum of factor[i][k] from[source[i][k]] over ascending k. */
typedef struct matrix_map {
  size_t sources, results;
  size_t terms[PLANES];
  ls_real factor[PLANES][PLANES];
  size_t source[PLANES][PLANES];
} matrix_map;

static void add_term(matrix_map *map, size_t result, size_t source, ls_real factor) {
  size_t k = map->terms[result];
  if (factor == 0) return;
  map->factor[result][k] = factor;
  map->source[result][k] = source;
  map->terms[result]++;
}

/* From the pixels of a kernel to planes, or the transpose. */
static matrix_map make_map(const convolution *c, bool transposed) {
  ls_real high[POINTS][WINOGRAD_LARGEST], wide[POINTS][WINOGRAD_LARGEST];
  const size_t width = c->kernel[1], pixels = c->kernel[0] * width;
  matrix_map map = {.sources = transposed ? PLANES : pixels,
                    .results = transposed ? pixels : PLANES};
  make_matrix(c->kernel[0], high);
  make_matrix(c->kernel[1], wide);
  for (size_t p = 0; p < PLANES; p++) {
    for (size_t k = 0; k < pixels; k++) {
      ls_real factor = high[p / POINTS][k / width] * wide[p % POINTS][k % width];
      add_term(&map, transposed ? k : p, transposed ? p : k, factor);
    }
  }
  return map;
}

/* A block of elements, whose sums stay in registers and their sources in the cache. */
typedef ls_real vector __attribute__((vector_size(32)));
enum { VECTORS = 8, BLOCK = VECTORS * sizeof(vector) / sizeof(ls_real) };
typedef vector block_of_matrix[VECTORS];

INLINE void sum_block(const matrix_map *map, size_t result, const block_of_matrix *from,
                      block_of_matrix to) {
  block_of_matrix sum = {{0}};
  for (size_t k = 0; k < map->terms[result]; k++) {
    const ls_real factor = map->factor[result][k];
    const vector *source = from[map->source[result][k]];
    for (size_t v = 0; v < VECTORS; v++) sum[v] += factor * source[v];
  }
  for (size_t v = 0; v < VECTORS; v++) to[v] = sum[v];
}

/* Maps the elements of matrices of `size` from e on. */
INLINE void map_block(const matrix_map *map, size_t size, size_t e, size_t count,
                      const ls_real *from, ls_real *to) {
  block_of_matrix block[PLANES], sum;
  for (size_t i = 0; i < map->sources; i++) {
    const ls_real *restrict source = from + i * size + e;
    for (size_t j = 0; j < BLOCK; j++) ((ls_real *)block[i])[j] = j < count ? source[j] : 0;
  }
  for (size_t i = 0; i < map->results; i++) {
    ls_real *restrict result = to + i * size + e;
    sum_block(map, i, block, sum);
    for (size_t j = 0; j < count; j++) result[j] = ((const ls_real *)sum)[j];
  }
}

/* Maps matrices of `size` elements, which follow one another. */
static void apply_map(const matrix_map *map, size_t size, const ls_real *from, ls_real *to) {
  size_t e = 0;
  for (; e + BLOCK <= size; e += BLOCK) map_block(map, size, e, BLOCK, from, to);
  if (e < size) map_block(map, size, e, size - e, from, to);
}

void winograd_map_kernel(const convolution *c, const ls_real *kernel, ls_real *planes) {
  const matrix_map map = make_map(c, false);
  apply_map(&map, c->in * c->filters, kernel, planes);
}

void winograd_map_kernel_transposed(const convolution *c, const ls_real *planes, ls_real *kernel) {
  const matrix_map map = make_map(c, true);
  apply_map(&map, c->in * c->filters, planes, kernel);
}
