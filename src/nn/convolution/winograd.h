/* Convolution by Winograd's method, for kernels of 2 to 5 pixels each way and steps of 1: tiles of
 * 6 x 6 pixels are transformed, multiplied with the transformed kernel as 36 matrix products, and
 * transformed back. A kernel of r x r pixels takes 36 / ((7 - r) r)^2 of the plain multiplications:
 * 1/4 at 3 x 3, 0.36 at 5 x 5. Only the rounding differs, by some 1e-6 of the largest output in
 * single precision. A. Lavin, S. Gray, Fast algorithms for convolutional neural networks, CVPR
 * 2016. */
#ifndef LS_NN_CONVOLUTION_WINOGRAD_H
#define LS_NN_CONVOLUTION_WINOGRAD_H

#include "nn/convolution/convolution.h"

#include <stdbool.h>

extern const convolution_method convolution_winograd;

/* Whether the method is possible for these shapes, and faster than products with patches. */
bool winograd_applies(const convolution *c);

#endif
