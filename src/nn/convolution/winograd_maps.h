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
 * The points A = 3/4 and B = 3/2 are exact in binary and keep all factors near 1, which rounds
 * better than the usual points 1 and 2.
 *
 * Maps work on vectors: d[k], v[k] and y[k] are arrays of `count` elements. `size` is the number of
 * outputs, 7 - the kernel's size. No two arrays may overlap, but for arrays that are only read.
 * All functions are local. */
#ifndef LS_NN_CONVOLUTION_WINOGRAD_MAPS_H
#define LS_NN_CONVOLUTION_WINOGRAD_MAPS_H

#include "lockstep/types.h"

#include <stddef.h>

enum { WINOGRAD_POINTS = 6, WINOGRAD_LARGEST = 5 };

#define WINOGRAD_A ((ls_real)0.75)
#define WINOGRAD_B ((ls_real)1.5)

typedef const ls_real *const *winograd_sources; /* [WINOGRAD_POINTS] */
typedef ls_real *const *winograd_results;

/* The maps for one instruction set. All have the same results, to the bit. */
typedef struct winograd_maps {
  void (*in)(size_t count, winograd_sources d, winograd_results v);
  /* Adds to d. */
  void (*in_transposed)(size_t count, winograd_sources v, winograd_results d);
  void (*out)(size_t size, size_t count, winograd_sources m, winograd_results y);
  void (*out_transposed)(size_t size, size_t count, winograd_sources y, winograd_results m);
} winograd_maps;

/* Those for the instruction set that the program is built for. */
extern const winograd_maps winograd_maps_of_build;

#endif
