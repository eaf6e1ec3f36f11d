/* random_flip: in training images are flipped left to right, upside down, or both, each with
 * probability 1/2. As keras.layers.RandomFlip of Keras 3. */
#include "nn/image/augment.h"

typedef struct flip_args {
  ls_layer_args base;
  int mode;
} flip_args;

enum { HORIZONTAL, VERTICAL, HORIZONTAL_AND_VERTICAL };
static const char *const modes[] = {"horizontal", "vertical", "horizontal_and_vertical", NULL};

static const ls_arg args[] = {
    {"mode", LS_ARG_WORD, offsetof(flip_args, mode), "horizontal_and_vertical",
     "directions of the flips", .words = modes},
    LS_LAYER_ARGS,
    {NULL},
};

static int build(ls_layer *layer) {
  if (augment_build(layer) != LS_OK) return LS_INVALID;
  layer->flops = (double)ls_shape_size(&layer->input);
  return LS_OK;
}

static void swap(ls_real *a, ls_real *b, size_t count) {
  for (size_t i = 0; i < count; i++) {
    ls_real kept = a[i];
    a[i] = b[i];
    b[i] = kept;
  }
}

/* Flips the images of `batch`. A flip is its own inverse, so the gradient is flipped alike. */
static void flip(const ls_layer *layer, const ls_pass *pass, ls_real *batch) {
  const flip_args *a = layer->args;
  size_t height = (size_t)layer->input.extent[0], channels = (size_t)layer->input.extent[2];
  size_t row = (size_t)layer->input.extent[1] * channels;
  for (size_t n = 0; n < pass->n; n++) {
    ls_real u[2], *image = batch + n * height * row;
    ls_random_uniform(augment_stream(layer, pass, n), 0, 2, u);
    bool horizontal = a->mode != VERTICAL && u[0] < (ls_real)0.5;
    bool vertical = a->mode != HORIZONTAL && u[1] < (ls_real)0.5;
    for (size_t i = 0; horizontal && i < height; i++) {
      ls_real *left = image + i * row, *right = left + row - channels;
      for (; left < right; left += channels, right -= channels) swap(left, right, channels);
    }
    for (size_t i = 0; vertical && i < height / 2; i++) {
      swap(image + i * row, image + (height - 1 - i) * row, row);
    }
  }
}

static void forward(const ls_layer *layer, const ls_pass *pass) {
  identity_forward(layer, pass);
  if (pass->training) flip(layer, pass, pass->y);
}

static void backward(const ls_layer *layer, const ls_pass *pass) {
  if (!pass->dx) return;
  identity_backward(layer, pass);
  flip(layer, pass, pass->dx);
}

const ls_layer_type ls_layer_random_flip = {
    .component = {"random_flip", "in training, flips each image with probability 1/2",
                  sizeof(flip_args), args},
    .build = build,
    .forward = forward,
    .backward = backward,
    .memory = LS_OVERWRITE,
    .training_only = true,
    .keras_class = "",
};
