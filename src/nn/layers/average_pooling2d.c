/* average_pooling2d: the mean of each channel in windows of the image, with the arguments of
 * keras.layers.AveragePooling2D. Padding doesn't count: a mean is over the pixels that are there.
 */
#include "nn/image/pooling.h"

static void forward(const ls_layer *layer, const ls_pass *pass) {
  pooling p = pooling_of(layer);
  pooling_mean(&p, pass->n, pass->x, pass->y);
}

static void backward(const ls_layer *layer, const ls_pass *pass) {
  pooling p = pooling_of(layer);
  if (pass->dx) pooling_mean_gradient(&p, pass->n, pass->dy, pass->dx);
}

const ls_layer_type ls_layer_average_pooling2d = {
    .component = {"average_pooling2d",
                  "mean of each channel in windows of an image; padding does not count",
                  sizeof(pooling_args), pooling_arguments},
    .build = pooling_build,
    .forward = forward,
    .backward = backward,
};
