/* The maps of Winograd's method for one instruction set. Each file that includes this header is
 * compiled for an instruction set of its own. */
#ifndef LS_NN_CONVOLUTION_WINOGRAD_MAP_KERNEL_H
#define LS_NN_CONVOLUTION_WINOGRAD_MAP_KERNEL_H

#include "nn/convolution/winograd_maps.h"
#include "nn/products/vector.h"

static const ls_real A = WINOGRAD_A, A2 = WINOGRAD_A * WINOGRAD_A;
static const ls_real B = WINOGRAD_B, B2 = WINOGRAD_B * WINOGRAD_B;

enum { POINTS = WINOGRAD_POINTS };

/* Elements i to i + lanes - 1 of the first `arrays` arrays. */
INLINE void load_all(size_t arrays, winograd_sources from, size_t i, size_t lanes, ls_vector *v) {
  for (size_t k = 0; k < arrays; k++) v[k] = ls_vector_load_lanes(from[k] + i, lanes);
}

INLINE void store_all(size_t arrays, winograd_results to, size_t i, size_t lanes,
                      const ls_vector *v) {
  for (size_t k = 0; k < arrays; k++) ls_vector_store_lanes(to[k] + i, v[k], lanes);
}

/* Calls map(..., i, lanes) for all elements; whole vectors are known to the compiler. */
#define FOR_LANES(count, map, ...)                                                                 \
  do {                                                                                             \
    size_t i_ = 0;                                                                                 \
    for (; i_ + LS_LANES <= (count); i_ += LS_LANES) map(__VA_ARGS__, i_, LS_LANES);               \
    if (i_ < (count)) map(__VA_ARGS__, i_, (count)-i_);                                            \
  } while (0)

INLINE void in_lanes(winograd_sources from, winograd_results to, size_t i, size_t lanes) {
  ls_vector d[POINTS], v[POINTS];
  load_all(POINTS, from, i, lanes, d);
  ls_vector even_a = d[4] - B2 * d[2], odd_a = A * (d[3] - B2 * d[1]);
  ls_vector even_b = d[4] - A2 * d[2], odd_b = B * (d[3] - A2 * d[1]);
  v[0] = A2 * B2 * d[0] - (A2 + B2) * d[2] + d[4];
  v[1] = even_a + odd_a;
  v[2] = even_a - odd_a;
  v[3] = even_b + odd_b;
  v[4] = even_b - odd_b;
  v[5] = A2 * B2 * d[1] - (A2 + B2) * d[3] + d[5];
  store_all(POINTS, to, i, lanes, v);
}

static inline void map_in(size_t count, winograd_sources d, winograd_results v) {
  FOR_LANES(count, in_lanes, d, v);
}

INLINE void in_transposed_lanes(winograd_sources from, winograd_results to, size_t i,
                                size_t lanes) {
  ls_vector v[POINTS], d[POINTS];
  load_all(POINTS, from, i, lanes, v);
  load_all(POINTS, (winograd_sources)to, i, lanes, d);
  ls_vector sum_a = v[1] + v[2], difference_a = A * (v[1] - v[2]);
  ls_vector sum_b = v[3] + v[4], difference_b = B * (v[3] - v[4]);
  d[0] += A2 * B2 * v[0];
  d[1] += A2 * B2 * v[5] - B2 * difference_a - A2 * difference_b;
  d[2] -= (A2 + B2) * v[0] + B2 * sum_a + A2 * sum_b;
  d[3] += difference_a + difference_b - (A2 + B2) * v[5];
  d[4] += v[0] + sum_a + sum_b;
  d[5] += v[5];
  store_all(POINTS, to, i, lanes, d);
}

static inline void map_in_transposed(size_t count, winograd_sources v, winograd_results d) {
  FOR_LANES(count, in_transposed_lanes, v, d);
}

/* The maps that depend on the kernel's size are made for each size. */

INLINE void out_lanes(size_t size, winograd_sources from, winograd_results to, size_t i,
                      size_t lanes) {
  ls_vector m[POINTS], y[WINOGRAD_LARGEST];
  const ls_vector none = ls_vector_all(0);
  load_all(POINTS, from, i, lanes, m);
  ls_vector even_a = m[1] + m[2], odd_a = A * (m[1] - m[2]);
  ls_vector even_b = m[3] + m[4], odd_b = B * (m[3] - m[4]);
  ls_vector last = m[5];
  y[0] = m[0] + even_a + even_b;
  y[1] = odd_a + odd_b + (size == 2 ? last : none);
  y[2] = A2 * even_a + B2 * even_b + (size == 3 ? last : none);
  y[3] = A2 * odd_a + B2 * odd_b + (size == 4 ? last : none);
  y[4] = A2 * A2 * even_a + B2 * B2 * even_b + last;
  store_all(size, to, i, lanes, y);
}

static inline void map_out(size_t size, size_t count, winograd_sources m, winograd_results y) {
  if (size == 2) FOR_LANES(count, out_lanes, 2, m, y);
  if (size == 3) FOR_LANES(count, out_lanes, 3, m, y);
  if (size == 4) FOR_LANES(count, out_lanes, 4, m, y);
  if (size == 5) FOR_LANES(count, out_lanes, 5, m, y);
}

INLINE void out_transposed_lanes(size_t size, winograd_sources from, winograd_results to, size_t i,
                                 size_t lanes) {
  ls_vector y[WINOGRAD_LARGEST], m[POINTS];
  load_all(size, from, i, lanes, y);
  ls_vector even_a = y[0], odd_a = y[1], even_b = y[0], odd_b = y[1], last = y[1];
  if (size > 2) even_a += A2 * y[2], even_b += B2 * y[2], last = y[2];
  if (size > 3) odd_a += A2 * y[3], odd_b += B2 * y[3], last = y[3];
  if (size > 4) even_a += A2 * A2 * y[4], even_b += B2 * B2 * y[4], last = y[4];
  odd_a *= A;
  odd_b *= B;
  m[0] = y[0];
  m[1] = even_a + odd_a;
  m[2] = even_a - odd_a;
  m[3] = even_b + odd_b;
  m[4] = even_b - odd_b;
  m[5] = last;
  store_all(POINTS, to, i, lanes, m);
}

static inline void map_out_transposed(size_t size, size_t count, winograd_sources y,
                                      winograd_results m) {
  if (size == 2) FOR_LANES(count, out_transposed_lanes, 2, y, m);
  if (size == 3) FOR_LANES(count, out_transposed_lanes, 3, y, m);
  if (size == 4) FOR_LANES(count, out_transposed_lanes, 4, y, m);
  if (size == 5) FOR_LANES(count, out_transposed_lanes, 5, y, m);
}

#define WINOGRAD_MAPS                                                                              \
  { map_in, map_in_transposed, map_out, map_out_transposed }

#endif
