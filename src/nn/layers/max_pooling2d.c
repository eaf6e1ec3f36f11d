/* max_pooling2d: the largest value of each channel in windows of the image, with the arguments of
 * keras.layers.MaxPooling2D. A gradient goes to the first of equal values. */
#include "nn/image/pooling.h"

static int build(ls_layer *layer) {
  int status = pooling_build(layer);
  layer->cache_bytes = (size_t)ls_shape_size(&layer->output) * sizeof(uint32_t);
  return status;
}

static void forward(const ls_layer *layer, const ls_pass *pass) {
  pooling p = pooling_of(layer);
  pooling_max(&p, pass->n, pass->x, pass->y, pass->cache);
}

static void backward(const ls_layer *layer, const ls_pass *pass) {
  pooling p = pooling_of(layer);
  if (pass->dx) pooling_max_gradient(&p, pass->n, pass->cache, pass->dy, pass->dx);
}

const ls_layer_type ls_layer_max_pooling2d = {
    .component = {"max_pooling2d",
                  "largest value of each channel in windows of an image; padding does not count",
                  sizeof(pooling_args), pooling_arguments},
    .build = build,
    .forward = forward,
    .backward = backward,
};
