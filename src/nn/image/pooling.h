/* Pooling over images [height, width, channel]: the windows, and the maximum and the mean within
 * them, for the layers max_pooling2d, average_pooling2d and their global forms. All
 * functions are local. */
#ifndef LS_NN_IMAGE_POOLING_H
#define LS_NN_IMAGE_POOLING_H

#include "lockstep/layer.h"

/* Arguments of layers whose windows slide. */
typedef struct pooling_args {
  ls_layer_args base;
  ls_reals pool_size; /* see image_pair */
  ls_reals strides;   /* see image_pair; empty: pool_size */
  int padding;
} pooling_args;

extern const ls_arg pooling_arguments[];

/* The shapes of a pooling; dimension 0 is the height, 1 the width. Window i of dimension d covers
 * the pixels i * stride[d] - before[d] and the size[d] - 1 after it that are within the image,
 * which is at least one. */
typedef struct pooling {
  size_t in[2];     /* pixels of x */
  size_t out[2];    /* pixels of y */
  size_t channels;  /* of both */
  size_t size[2];   /* pixels of a window */
  size_t stride[2]; /* pixels from one window to the next */
  size_t before[2]; /* padding above and to the left */
} pooling;

/* The shapes of a layer that is built: sliding windows, or one over the whole image. */
pooling pooling_of(const ls_layer *layer);
pooling pooling_global(const ls_layer *layer);

/* For `build`: output and flops. LS_INVALID if the input is no image or smaller than a window. */
int pooling_build(ls_layer *layer);
int pooling_build_global(ls_layer *layer);

/* Sets y[sample, row, column, channel] to the maxima of x, and index, of the same shape, to the
 * position of each maximum in its sample of x, the first one in the order of rows. The maximum of a
 * window with a NaN is NaN. */
void pooling_max(const pooling *p, size_t n, const ls_real *x, ls_real *y, uint32_t *index);
void pooling_max_gradient(const pooling *p, size_t n, const uint32_t *index, const ls_real *dy,
                          ls_real *dx);

/* Sets y to the means over the pixels that each window covers. */
void pooling_mean(const pooling *p, size_t n, const ls_real *x, ls_real *y);
void pooling_mean_gradient(const pooling *p, size_t n, const ls_real *dy, ls_real *dx);

#endif
