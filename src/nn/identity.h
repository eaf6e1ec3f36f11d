/* The passes of a layer whose output is its input: noise and augmentation outside of training. */
#ifndef LS_NN_IDENTITY_H
#define LS_NN_IDENTITY_H

#include "lockstep/layer.h"

#include <string.h>

/* y = x. */
static inline void identity_forward(const ls_layer *layer, const ls_pass *pass) {
  if (pass->y == pass->x) return;
  memcpy(pass->y, pass->x, pass->n * (size_t)ls_shape_size(&layer->output) * sizeof *pass->y);
}

/* dx = dy, if dx is needed. */
static inline void identity_backward(const ls_layer *layer, const ls_pass *pass) {
  if (!pass->dx || pass->dx == pass->dy) return;
  memcpy(pass->dx, pass->dy, pass->n * (size_t)ls_shape_size(&layer->output) * sizeof *pass->dx);
}

#endif
