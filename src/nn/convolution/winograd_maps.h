/* The maps of one dimension that Winograd's method consists of, see winograd.h. For a kernel g and
 * inputs d
 *
 *   y = out((G g) * in(d)),   `*` element by element.
 *
 * They come from the product of polynomials by values at the points 0, +-A, +-B and infinity (Cook
 * and Toom): row p of G is [1, p, p^2, ...] / N(p), N(p) being the product of p's distances from
 * the other points; row p of `in` has the coefficients of the polynomial that is 0 at all other
 * points; `out` adds up the powers of the points, times the values there. Gradients are the
 * transposed maps, in the opposite order.
 *
 * Maps work on vectors: d[k], v[k] and y[k] are arrays of `count` elements. `size` is the number of
 * outputs, 7 - the kernel's size. No two arrays may overlap, but for arrays that are only read. */
#ifndef LS_NN_CONVOLUTION_WINOGRAD_MAPS_H
#define LS_NN_CONVOLUTION_WINOGRAD_MAPS_H

#include "lockstep/types.h"

#include <stddef.h>

enum { WINOGRAD_POINTS = 6, WINOGRAD_LARGEST = 5 };

void winograd_map_in(size_t count, const ls_real *const d[WINOGRAD_POINTS],
                     ls_real *const v[WINOGRAD_POINTS]);

/* Adds to d. */
void winograd_map_in_transposed(size_t count, const ls_real *const v[WINOGRAD_POINTS],
                                ls_real *const d[WINOGRAD_POINTS]);

void winograd_map_out(size_t size, size_t count, const ls_real *const m[WINOGRAD_POINTS],
                      ls_real *const y[WINOGRAD_POINTS]);
void winograd_map_out_transposed(size_t size, size_t count, const ls_real *const y[WINOGRAD_POINTS],
                                 ls_real *const m[WINOGRAD_POINTS]);

/* The matrix G, [point, pixel of the kernel]. */
void winograd_kernel_map(size_t size, ls_real g[WINOGRAD_POINTS][WINOGRAD_LARGEST]);

#endif
