/* The matrix of patches, [pixel of the output, element of the patch], read from the image where it
 * lies: the place of an element is the sum of a place for the pixel and one for the element. Where
 * the kernel reaches outside of the image, rows of the image are first copied with zeros around
 * them. All functions are local. */
#ifndef LS_NN_CONVOLUTION_IN_PLACE_H
#define LS_NN_CONVOLUTION_IN_PLACE_H

#include "nn/convolution/convolution.h"
#include "nn/products/kernels.h"

#include <stdbool.h>

/* Reals of memory for the places of `rows` rows of pixels of the output. */
size_t in_place_offsets_reals(const convolution *c, size_t rows);

/* Whether the rows of the image that `rows` rows of the output depend on, with zeros around them,
 * fit `reals` of memory. They need none where the kernel stays inside of the image. */
bool in_place_fits(const convolution *c, size_t rows, size_t reals);

/* Computes the places of `rows` rows of the output, in as many reals as in_place_offsets_reals
 * returns. */
void in_place_set_offsets(const convolution *c, size_t rows, ls_real *offsets);

/* The patches of the rows of the output from `first` on, at most `rows`, whose places are
 * `offsets`: [pixel, element]. x is a sample; `padded` is memory that in_place_fits has found to be
 * enough. */
ls_indexed in_place_patches(const convolution *c, size_t rows, const ls_real *x, size_t first,
                            const ls_real *offsets, ls_real *padded);

#endif
