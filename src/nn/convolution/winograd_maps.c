/* The maps of Winograd's method. A = 3/4 and B = 3/2 are exact in binary and keep all factors near
 * 1, which rounds better than the usual points 1 and 2. */
#include "nn/convolution/winograd_maps.h"

#include <string.h>

enum { POINTS = WINOGRAD_POINTS, LARGEST_KERNEL = WINOGRAD_LARGEST };

static const ls_real A = (ls_real)0.75, A2 = (ls_real)0.5625, B = (ls_real)1.5, B2 = (ls_real)2.25;

/* No vector that a loop writes overlaps another one, which "ivdep" promises to the compiler. */

void winograd_map_in(size_t count, const ls_real *const d[POINTS], ls_real *const v[POINTS]) {
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

void winograd_map_in_transposed(size_t count, const ls_real *const v[POINTS],
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
out_of(size_t size, size_t count, const ls_real *const m[POINTS], ls_real *const y[POINTS]) {
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

static inline __attribute__((always_inline)) void out_transposed_of(size_t size, size_t count,
                                                                    const ls_real *const y[POINTS],
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

void winograd_map_out(size_t size, size_t count, const ls_real *const m[POINTS],
                      ls_real *const y[POINTS]) {
  if (size == 2) out_of(2, count, m, y);
  if (size == 3) out_of(3, count, m, y);
  if (size == 4) out_of(4, count, m, y);
  if (size == 5) out_of(5, count, m, y);
}

void winograd_map_out_transposed(size_t size, size_t count, const ls_real *const y[POINTS],
                                 ls_real *const m[POINTS]) {
  if (size == 2) out_transposed_of(2, count, y, m);
  if (size == 3) out_transposed_of(3, count, y, m);
  if (size == 4) out_transposed_of(4, count, y, m);
  if (size == 5) out_transposed_of(5, count, y, m);
}

/* The matrix G, [point, pixel of the kernel]. */
void winograd_kernel_map(size_t size, ls_real g[POINTS][LARGEST_KERNEL]) {
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
