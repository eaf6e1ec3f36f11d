/* salt_and_pepper: replaces a share of the elements, each independently, by 1 (salt) or 0 (pepper).
 * Not in Keras; like Keras's noise layers it works in training only, unless `always` is set, with
 * which a trained model is evaluated at a level of noise. What happens to a sample depends on
 * (seed, epoch, layer, sample) only; outside training seed and epoch are the same each time. */
#include "lockstep/error.h"
#include "lockstep/random.h"
#include "nn/families.h"
#include "nn/identity.h"

typedef struct salt_and_pepper_args {
  ls_layer_args base;
  double amount, ratio;
  bool always;
} salt_and_pepper_args;

static const ls_arg args[] = {
    {"amount", LS_ARG_REAL, offsetof(salt_and_pepper_args, amount), NULL,
     "fraction of the elements that are replaced", .min = 0, .max = 1},
    {"ratio", LS_ARG_REAL, offsetof(salt_and_pepper_args, ratio), "0.5",
     "fraction of these that become 1; the others become 0", .min = 0, .max = 1},
    {"always", LS_ARG_BOOLEAN, offsetof(salt_and_pepper_args, always), "false",
     "whether this is done outside training too, to measure a model at some level of noise"},
    LS_LAYER_ARGS,
    {NULL},
};

/* The cache holds a byte per element: whether it was kept. */
static int build(ls_layer *layer) {
  layer->output = layer->input;
  layer->cache_bytes = (size_t)ls_shape_size(&layer->output);
  layer->training_only = !((const salt_and_pepper_args *)layer->args)->always;
  return LS_OK;
}

static void forward(const ls_layer *layer, const ls_pass *pass) {
  enum { BLOCK = 256 };
  const salt_and_pepper_args *a = layer->args;
  const ls_real amount = (ls_real)a->amount, salt = (ls_real)(a->amount * a->ratio);
  size_t size = (size_t)ls_shape_size(&layer->output);
  identity_forward(layer, pass);
  if (!pass->training && !a->always) return;
  for (size_t i = 0; i < pass->n; i++) {
    ls_stream stream = {pass->seed, LS_RANDOM_NOISE, pass->epoch, layer->index, pass->ids[i]};
    for (size_t at = 0; at < size; at += BLOCK) {
      size_t n = size - at < BLOCK ? size - at : BLOCK;
      ls_real *y = pass->y + i * size + at, draw[BLOCK];
      uint8_t *kept = (uint8_t *)pass->cache + i * size + at;
      ls_random_uniform(stream, at, n, draw);
      for (size_t j = 0; j < n; j++) kept[j] = draw[j] >= amount;
      for (size_t j = 0; j < n; j++) y[j] = draw[j] < salt ? 1 : draw[j] < amount ? 0 : y[j];
    }
  }
}

static void backward(const ls_layer *layer, const ls_pass *pass) {
  if (!pass->dx) return;
  const uint8_t *kept = pass->cache;
  size_t count = pass->n * (size_t)ls_shape_size(&layer->output);
  for (size_t j = 0; j < count; j++) pass->dx[j] = kept[j] ? pass->dy[j] : 0;
}

const ls_layer_type ls_layer_salt_and_pepper = {
    .component = {"salt_and_pepper", "in training, replaces elements by 0 or 1 at random",
                  sizeof(salt_and_pepper_args), args},
    .build = build,
    .forward = forward,
    .backward = backward,
    .memory = LS_OVERWRITE,
    .training_only = true,
    .keras_class = "",
};
