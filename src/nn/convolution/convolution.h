/* Convolution of images, as conv2d and conv2d_transpose need it.
 *
 *   y[i, j, o] = bias[o] + sum over a, b, c of
 *       x[i stride + a dilation - before, j stride + b dilation - before, c] kernel[a, b, c, o]
 *
 * with 0 outside of the image. Images are [height, width, channel], kernels [height, width, in,
 * out]. Two methods: Winograd's where it applies (winograd.h), else patches of the image as rows of
 * a matrix. Sums over samples have the samples' order; how many go through a product of matrices at
 * a time depends on shapes alone. All functions are local. */
#ifndef LS_NN_CONVOLUTION_CONVOLUTION_H
#define LS_NN_CONVOLUTION_CONVOLUTION_H

#include "lockstep/types.h"

#include <stddef.h>

/* Extents in pixels: of dimension 0 (height) and 1 (width). */
typedef struct convolution {
  size_t image[2], in; /* x: its channels */
  size_t out[2], filters;
  size_t kernel[2], stride[2], dilation[2];
  size_t before[2]; /* padding above and to the left */
} convolution;

/* What a call computes, and the memory for it. */
typedef struct convolution_pass {
  size_t n;              /* samples */
  const ls_real *kernel; /* [height, width, in, filter] */
  const ls_real *bias;   /* [filter]; NULL: none */
  const ls_real *x;      /* [sample, image..., in] */
  ls_real *y;            /* [sample, out..., filter] */
  const ls_real *dy;     /* as y */
  ls_real *dx;           /* as x; what backward sets, each NULL if not wanted */
  ls_real *d_kernel;
  ls_real *d_bias;
  ls_real *scratch; /* convolution_scratch reals */
} convolution_pass;

/* Output pixels along dimension d. Pads so that there are ceil(image / stride), with the odd pixel
 * behind the image, as TensorFlow does; or not at all, and then the kernel must fit. */
void convolution_pad_same(convolution *c, size_t d);
void convolution_pad_none(convolution *c, size_t d);

/* Pixels from the first to the last that the kernel touches along dimension d. */
size_t convolution_reach(const convolution *c, size_t d);

size_t convolution_scratch(const convolution *c);

/* Reads kernel, bias and x; sets y. */
void convolution_forward(const convolution *c, const convolution_pass *pass);

/* Reads dy, kernel for dx, x for d_kernel. */
void convolution_backward(const convolution *c, const convolution_pass *pass);

/* y[row, unit] += bias[unit], and sum[unit] += y[row, unit]. */
void convolution_add_bias(size_t rows, size_t width, const ls_real *bias, ls_real *y);
void convolution_add_rows(size_t rows, size_t width, const ls_real *y, ls_real *sum);

/* The kernel with each of its in x filters matrices transposed. */
void convolution_transpose_kernel(const convolution *c, const ls_real *kernel, ls_real *transposed);

#endif
