/* Pooling over images [row, column, channel]: where the windows lie, and the maximum and the mean
 * within them, for the layers max_pooling2d, average_pooling2d and their global forms. All
 * functions are local. */
#ifndef LS_NN_IMAGE_POOLING_H
#define LS_NN_IMAGE_POOLING_H

#include "lockstep/layer.h"

/* Arguments of layers whose windows slide. */
typedef struct pooling_args {
  ls_layer_args base;
  ls_reals pool_size, strides; /* one number for both dimensions, or one for each */
  int padding;
} pooling_args;

extern const ls_arg pooling_arguments[];
const char *pooling_check(const void *args);

/* What comes in, what comes out and the windows, [0] along a column of pixels and [1] along a row.
 * Window i of dimension d covers the pixels i * stride[d] - before[d] and the size[d] - 1 after it,
 * as far as there are such pixels: there is always one. */
typedef struct pooling {
  size_t in[2], out[2], channels;
  size_t size[2], stride[2], before[2];
} pooling;

/* Those of a layer that is built: sliding windows, or one over the whole image. */
pooling pooling_of(const ls_layer *layer);
pooling pooling_global(const ls_layer *layer);

/* For `build`: output and flops. LS_INVALID if the input is no image or smaller than a window. */
int pooling_build(ls_layer *layer);
int pooling_build_global(ls_layer *layer);

/* y[n, row, column, channel] from x; index[same] is the place of the maximum in its sample of x,
 * the first one in the order of rows. The maximum of a window with a NaN is NaN. */
void pooling_max(const pooling *p, size_t n, const ls_real *x, ls_real *y, uint32_t *index);
void pooling_max_gradient(const pooling *p, size_t n, const uint32_t *index, const ls_real *dy,
                          ls_real *dx);

/* The mean over the pixels that a window covers. */
void pooling_mean(const pooling *p, size_t n, const ls_real *x, ls_real *y);
void pooling_mean_gradient(const pooling *p, size_t n, const ls_real *dy, ls_real *dx);

#endif
