/* Checks and arguments of layers whose input is an image [height, width, channel]. */
#ifndef LS_NN_IMAGE_IMAGE_H
#define LS_NN_IMAGE_IMAGE_H

#include "lockstep/error.h"
#include "lockstep/layer.h"

/* LS_INVALID unless the layer's input is an image. */
static inline int image_check(const ls_layer *layer) {
  if (layer->input.rank == 3) return LS_OK;
  return ls_fail(LS_INVALID, "%s: takes images [height, width, channel], not %d dimensions",
                 layer->where, layer->input.rank);
}

/* Fields of an ls_arg of kind LS_ARG_REALS: one number for both dimensions, or one for each. */
#define IMAGE_PAIR .min = 1, .min_items = 1, .max_items = 2

/* The value of such an argument for dimension d. */
static inline size_t image_pair(const ls_reals *pair, size_t d) {
  return (size_t)pair->values[d % pair->count];
}

#endif
