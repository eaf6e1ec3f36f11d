/* global_average_pooling2d: the mean of each channel of the image, a vector, as
 * keras.layers.GlobalAveragePooling2D. */
#include "nn/image/pooling.h"

static const ls_arg args[] = {LS_LAYER_ARGS, {NULL}};

static void forward(const ls_layer *layer, const ls_pass *pass) {
  pooling p = pooling_global(layer);
  pooling_mean(&p, pass->n, pass->x, pass->y);
}

static void backward(const ls_layer *layer, const ls_pass *pass) {
  pooling p = pooling_global(layer);
  if (pass->dx) pooling_mean_gradient(&p, pass->n, pass->dy, pass->dx);
}

const ls_layer_type ls_layer_global_average_pooling2d = {
    .component = {"global_average_pooling2d",
                  "mean of each channel of an image; gives a vector of the channels",
                  sizeof(ls_layer_args), args},
    .build = pooling_build_global,
    .forward = forward,
    .backward = backward,
};
