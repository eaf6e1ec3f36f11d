/* global_max_pooling2d: the largest value of each channel of the image, a vector, as
 * keras.layers.GlobalMaxPooling2D. A gradient goes to the first of equal values. */
#include "nn/image/pooling.h"

static const ls_arg args[] = {LS_LAYER_ARGS, {NULL}};

static int build(ls_layer *layer) {
  int status = pooling_build_global(layer);
  layer->cache_bytes = (size_t)ls_shape_size(&layer->output) * sizeof(uint32_t);
  return status;
}

static void forward(const ls_layer *layer, const ls_pass *pass) {
  pooling p = pooling_global(layer);
  pooling_max(&p, pass->n, pass->x, pass->y, pass->cache);
}

static void backward(const ls_layer *layer, const ls_pass *pass) {
  pooling p = pooling_global(layer);
  if (pass->dx) pooling_max_gradient(&p, pass->n, pass->cache, pass->dy, pass->dx);
}

const ls_layer_type ls_layer_global_max_pooling2d = {
    .component = {"global_max_pooling2d",
                  "largest value of each channel of an image; gives a vector of the channels",
                  sizeof(ls_layer_args), args},
    .build = build,
    .forward = forward,
    .backward = backward,
};
