/* dropout: in training sets each element to 0 with probability `rate` and scales the others by
 * 1 / (1 - rate), so that the expected value stays; otherwise does nothing. As
 * keras.layers.Dropout. The mask of a sample depends on (seed, epoch, layer, sample) only. An
 * element stays where its 32 random bits, as an integer, are at least rate * 2^32. */
#include "lockstep/error.h"
#include "lockstep/random.h"
#include "nn/families.h"
#include "nn/identity.h"

enum { CHUNK = 1024 };

typedef struct dropout_args {
  ls_layer_args base;
  double rate;
} dropout_args;

static const ls_arg args[] = {
    {"rate", LS_ARG_REAL, offsetof(dropout_args, rate), NULL,
     "probability of an element to be set to 0", .min = 0, .max = 1,
     .flags = LS_BELOW_MAX | LS_MORE_IS_SIMPLER},
    LS_LAYER_ARGS,
    {NULL},
};

static int build(ls_layer *layer) {
  layer->output = layer->input;
  layer->cache_bytes = (size_t)ls_shape_size(&layer->output);
  return LS_OK;
}

/* kept[i] = 1 or 0 for the elements of one sample. */
static void draw(ls_stream stream, double rate, size_t size, uint8_t *kept) {
  const uint32_t threshold = (uint32_t)(rate * 0x1p32);
  uint32_t bits[CHUNK];
  for (size_t first = 0; first < size; first += CHUNK) {
    size_t n = size - first < CHUNK ? size - first : CHUNK;
    ls_random_bits(stream, first, n, bits);
    for (size_t i = 0; i < n; i++) kept[first + i] = bits[i] >= threshold;
  }
}

/* Products, not choices, so that NaN stays NaN. out may be in. */
static void apply(const dropout_args *a, size_t count, const uint8_t *kept, const ls_real *in,
                  ls_real *out) {
  const ls_real scale = (ls_real)(1 / (1 - a->rate));
  for (size_t i = 0; i < count; i++) out[i] = in[i] * (kept[i] ? scale : 0);
}

static void forward(const ls_layer *layer, const ls_pass *pass) {
  const dropout_args *a = layer->args;
  size_t size = (size_t)ls_shape_size(&layer->output);
  if (!pass->training) {
    identity_forward(layer, pass);
    return;
  }
  uint8_t *kept = pass->cache;
  for (size_t i = 0; i < pass->n; i++) {
    ls_stream stream = {pass->seed, LS_RANDOM_DROPOUT, pass->epoch, layer->index, pass->ids[i]};
    draw(stream, a->rate, size, kept + i * size);
  }
  apply(a, pass->n * size, kept, pass->x, pass->y);
}

static void backward(const ls_layer *layer, const ls_pass *pass) {
  if (!pass->dx) return;
  apply(layer->args, pass->n * (size_t)ls_shape_size(&layer->output), pass->cache, pass->dy,
        pass->dx);
}

const ls_layer_type ls_layer_dropout = {
    .component =
        {"dropout",
         "in training, sets elements to 0 at random and multiplies the others by 1 / (1 - rate)",
         sizeof(dropout_args), args},
    .build = build,
    .forward = forward,
    .backward = backward,
    .memory = LS_OVERWRITE,
    .training_only = true,
};
