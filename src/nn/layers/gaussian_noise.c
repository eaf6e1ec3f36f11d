/* gaussian_noise: in training adds normal numbers of mean 0; otherwise does nothing. As
 * keras.layers.GaussianNoise. The noise of a sample depends on (seed, epoch, layer, sample) only:
 * elements 2i and 2i + 1 take the two numbers that Box and Muller make of bits 2i and 2i + 1 of the
 * stream. Here rather than by ls_random_normal, of whose numbers an epoch takes too many. */
#include "lockstep/error.h"
#include "lockstep/random.h"
#include "nn/families.h"
#include "nn/identity.h"
#include "nn/vmath.h"

typedef struct gaussian_noise_args {
  ls_layer_args base;
  double stddev;
} gaussian_noise_args;

static const ls_arg args[] = {
    {"stddev", LS_ARG_REAL, offsetof(gaussian_noise_args, stddev), NULL, "standard deviation",
     .min = 0, .max = 1e30, .flags = LS_MORE_IS_SIMPLER},
    LS_LAYER_ARGS,
    {NULL},
};

static int build(ls_layer *layer) {
  layer->output = layer->input;
  return LS_OK;
}

enum { BLOCK = 256 }; /* even */

/* Normal numbers first .. first + BLOCK - 1 of the stream. */
static void draw(ls_stream stream, size_t first, ls_real *numbers) {
  uint32_t bits[BLOCK];
  ls_random_bits(stream, first, BLOCK, bits);
  for (size_t i = 0; i < BLOCK; i += 2) {
    ls_real share = (ls_real)(int32_t)((bits[i] >> 8) + 1) * (ls_real)0x1p-24; /* (0, 1] */
    ls_real radius = (ls_real)sqrt((double)(-2 * ls_log(share))), cosine, sine;
    ls_turn((int32_t)(bits[i + 1] >> 8), &cosine, &sine);
    numbers[i] = radius * cosine;
    numbers[i + 1] = radius * sine;
  }
}

static void forward(const ls_layer *layer, const ls_pass *pass) {
  const ls_real stddev = (ls_real)((const gaussian_noise_args *)layer->args)->stddev;
  size_t size = (size_t)ls_shape_size(&layer->output);
  identity_forward(layer, pass);
  if (!pass->training) return;
  for (size_t i = 0; i < pass->n; i++) {
    ls_stream stream = {pass->seed, LS_RANDOM_NOISE, pass->epoch, layer->index, pass->ids[i]};
    ls_real *y = pass->y + i * size, noise[BLOCK];
    for (size_t at = 0; at < size; at += BLOCK) {
      size_t n = size - at < BLOCK ? size - at : BLOCK;
      draw(stream, at, noise);
      for (size_t j = 0; j < n; j++) y[at + j] += stddev * noise[j];
    }
  }
}

const ls_layer_type ls_layer_gaussian_noise = {
    .component = {"gaussian_noise", "in training, adds normally distributed noise",
                  sizeof(gaussian_noise_args), args},
    .build = build,
    .forward = forward,
    .backward = identity_backward,
    .memory = LS_OVERWRITE,
    .training_only = true,
};
