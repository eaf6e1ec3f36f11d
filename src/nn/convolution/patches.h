/* Convolution as a product of matrices (im2col): a patch is what the kernel sees of the image for
 * one pixel of the output. For any kernel, stride and dilation. */
#ifndef LS_NN_CONVOLUTION_PATCHES_H
#define LS_NN_CONVOLUTION_PATCHES_H

#include "nn/convolution/convolution.h"

extern const convolution_method convolution_patches;

#endif
