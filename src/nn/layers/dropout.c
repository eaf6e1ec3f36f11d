/* dropout: in training sets each element to 0 with probability `rate` and scales the others by
 * 1 / (1 - rate), so that the expected value stays; otherwise does nothing. As
 * keras.layers.Dropout. The mask of a sample depends on (seed, epoch, layer, sample) only. */
#include "lockstep/error.h"
#include "lockstep/layer.h"
#include "lockstep/random.h"

#include <string.h>

typedef struct dropout_args {
  ls_layer_args base;
  double rate;
} dropout_args;

static const ls_arg args[] = {
    {"rate", LS_ARG_REAL, offsetof(dropout_args, rate), NULL, "share of elements set to 0",
     .min = 0, .max = 1, .flags = LS_BELOW_MAX},
    LS_LAYER_ARGS,
    {NULL},
};

static int build(ls_layer *layer) {
  layer->output = layer->input;
  layer->cache_bytes = (size_t)ls_shape_size(&layer->output) * sizeof(ls_real);
  return LS_OK;
}

static void forward(const ls_layer *layer, const ls_pass *pass) {
  const dropout_args *a = layer->args;
  size_t size = (size_t)ls_shape_size(&layer->output);
  if (!pass->training) {
    if (pass->y != pass->x) memcpy(pass->y, pass->x, pass->n * size * sizeof *pass->y);
    return;
  }
  ls_real *mask = pass->cache;
  const ls_real scale = (ls_real)(1 / (1 - a->rate)), rate = (ls_real)a->rate;
  for (size_t i = 0; i < pass->n; i++) {
    ls_stream stream = {pass->seed, LS_RANDOM_DROPOUT, pass->epoch, layer->index, pass->ids[i]};
    ls_real *m = mask + i * size;
    ls_random_uniform(stream, 0, size, m);
    for (size_t j = 0; j < size; j++) m[j] = m[j] < rate ? 0 : scale;
  }
  for (size_t j = 0; j < pass->n * size; j++) pass->y[j] = pass->x[j] * mask[j];
}

static void backward(const ls_layer *layer, const ls_pass *pass) {
  if (!pass->dx) return;
  const ls_real *mask = pass->cache;
  size_t count = pass->n * (size_t)ls_shape_size(&layer->output);
  for (size_t j = 0; j < count; j++) pass->dx[j] = pass->dy[j] * mask[j];
}

const ls_layer_type ls_layer_dropout = {
    .component = {"dropout", "sets elements to 0 at random in training", sizeof(dropout_args),
                  args},
    .build = build,
    .forward = forward,
    .backward = backward,
    .memory = LS_OVERWRITE,
};
