/* A convolution of images as data: its shapes, what one call of it computes, and the interface of
 * the methods that compute it.
 *
 *   y[i, j, o] = bias[o] + sum over a, b, c of
 *       x[i stride + a dilation - before, j stride + b dilation - before, c] kernel[a, b, c, o]
 *
 * with 0 outside of the image. Images are [height, width, channel], kernels [height, width, in,
 * out]. conv2d and conv2d_transpose call it by convolve.h. All functions are local. */
#ifndef LS_NN_CONVOLUTION_CONVOLUTION_H
#define LS_NN_CONVOLUTION_CONVOLUTION_H

#include "lockstep/layer.h"
#include "lockstep/types.h"
#include "nn/product.h"

#include <stddef.h>

/* Extents are in pixels, of dimension 0 (height) and 1 (width). */
typedef struct convolution {
  size_t image[2];    /* of x */
  size_t in;          /* channels of x */
  size_t out[2];      /* of y */
  size_t filters;     /* channels of y */
  size_t kernel[2];   /* extents of the kernel */
  size_t stride[2];   /* pixels of x from one output to the next */
  size_t dilation[2]; /* pixels of x from one pixel of the kernel to the next */
  size_t before[2];   /* padding above and to the left */
} convolution;

/* What a call computes, and the memory for it. */
typedef struct convolution_pass {
  size_t n; /* samples */
  const struct ls_kernels *kernels;
  const ls_real *kernel; /* [height, width, in, filter] */
  const ls_real *bias;   /* [filter]; NULL: none */
  const ls_real *x;      /* [sample, image..., in] */
  ls_real *y;            /* [sample, out..., filter] */
  /* Applied to y; then dy is the gradient of its result and is replaced by that of its input. NULL:
   * none. */
  const ls_choice *activation;
  const ls_real *dy; /* [sample, out..., filter]; with an activation it may be written */
  ls_real *dx;       /* [sample, image..., in]; NULL: not wanted */
  /* Gradients of parameters are a stack of sums over shards, shards->stride apart (nn/shards.h). */
  const struct ls_shards *shards;
  ls_real *d_kernel; /* [height, width, in, filter]; NULL: not wanted */
  ls_real *d_bias;   /* [filter]; NULL: not wanted */
  ls_real *scratch;  /* as many reals as the method's `scratch` returns */
} convolution_pass;

/* Results whose matrix products are listed; CONVOLUTION_RESULTS is their number. */
enum { CONVOLUTION_Y = 1, CONVOLUTION_D_KERNEL = 2, CONVOLUTION_DX = 4, CONVOLUTION_RESULTS = 3 };

/* A way to compute convolutions. Sums over samples have the samples' order; how many samples go
 * through a product of matrices at a time depends on shapes alone. */
typedef struct convolution_method {
  /* Reals of working memory that a call needs. */
  size_t (*scratch)(const convolution *c);
  /* Reads kernel, bias and x; sets y. */
  void (*forward)(const convolution *c, const convolution_pass *pass);
  /* Transforms the kernel for the calls of backward that follow, in scratch memory. NULL: nothing
   * to do. */
  void (*begin_backward)(const convolution *c, const convolution_pass *pass);
  /* One sum over samples: reads dy, and kernel for dx, and x for d_kernel. Sets dx; adds to d_bias,
   * which is 0 before the call, as d_kernel is. */
  void (*backward)(const convolution *c, const convolution_pass *pass);
  /* Lists the products of a call for n samples that computes the results `wanted`, as copies of
   * `entry` with product and times set. */
  void (*products)(const convolution *c, size_t n, unsigned wanted, ls_product_entry entry,
                   ls_products *list);
} convolution_method;

/* Set the padding and the output along dimension d: ceil(image / stride) pixels, with the odd pixel
 * of padding behind the image, as in TensorFlow; or no padding, where the kernel must fit. */
void convolution_pad_same(convolution *c, size_t d);
void convolution_pad_none(convolution *c, size_t d);

/* Pixels from the first to the last that the kernel touches along dimension d. */
size_t convolution_reach(const convolution *c, size_t d);

/* Elements of the kernel for one filter. */
size_t convolution_patch_size(const convolution *c);

/* For a method's `products`: adds those products that belong to the results `wanted` to the list,
 * as copies of `entry`. */
void convolution_list(const ls_product products[CONVOLUTION_RESULTS], unsigned wanted,
                      ls_product_entry entry, ls_products *list);

/* Apply the activation of the pass to y[row, unit], or its gradient to dy. */
void convolution_activate(const convolution_pass *pass, size_t rows, size_t width, ls_real *y);
void convolution_activate_gradient(const convolution_pass *pass, size_t rows, size_t width,
                                   const ls_real *y, ls_real *dy);

/* y[row, unit] += bias[unit] */
void convolution_add_bias(size_t rows, size_t width, const ls_real *bias, ls_real *y);

/* sum[unit] += y[row, unit] */
void convolution_add_rows(size_t rows, size_t width, const ls_real *y, ls_real *sum);

#endif
