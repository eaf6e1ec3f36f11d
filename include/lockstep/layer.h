/* Layers, and the families that layers are made of: what an author of a layer needs.
 *
 * A layer type is a component (its name and arguments) plus three functions: `build` works out
 * shapes and declares parameters once, `forward` and `backward` compute one batch. They are plain
 * functions of pointers and sizes: all memory is given to them, nothing is allocated, nothing can
 * fail, nothing depends on ranks. Parameters lie in one flat vector of the whole model; a layer
 * finds its own at the offsets that the model gave it.
 *
 * To add a layer: write src/nn/layers/NAME.c that defines `const ls_layer_type ls_layer_NAME`, and
 * add NAME to LS_LAYERS below. Activations, initialisers, regularisers, losses and metrics
 * likewise. All functions are local. */
#ifndef LOCKSTEP_LAYER_H
#define LOCKSTEP_LAYER_H

#include "lockstep/component.h"
#include "lockstep/real.h"
#include "lockstep/shape.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { LS_MAX_PARAMS = 4, LS_MAX_NAME = 48 };

/* ---- Activations: y = f(z) element by element, or over rows of `width` (softmax) ------------- */

typedef struct ls_activation_type {
  ls_component component;
  /* y[row, unit] from z[row, unit]; y may be z. */
  void (*forward)(const void *args, size_t rows, size_t width, const ls_real *z, ls_real *y);
  /* dz[row, unit] from the output y and dy; dz may be dy. */
  void (*backward)(const void *args, size_t rows, size_t width, const ls_real *y, const ls_real *dy,
                   ls_real *dz);
} ls_activation_type;

/* ---- Initialisers ---------------------------------------------------------------------------- */

/* Where a parameter stands: its random numbers are a function of `seed` and `index` alone. */
typedef struct ls_init {
  uint64_t seed;
  uint32_t index; /* of the parameter in the model */
  int64_t fan_in, fan_out;
} ls_init;

typedef struct ls_initializer_type {
  ls_component component;
  void (*fill)(const void *args, const ls_init *init, size_t count, ls_real *values);
} ls_initializer_type;

/* ---- Regularisers: penalty l1 * sum |w| + l2 * sum w^2, as Keras adds it to the loss ----------
 */

typedef struct ls_penalty {
  double l1, l2;
} ls_penalty;

typedef struct ls_regularizer_type {
  ls_component component;
  ls_penalty (*penalty)(const void *args);
} ls_regularizer_type;

/* ---- Layers ---------------------------------------------------------------------------------- */

/* One trainable array of a layer. `offset` is that in the model's flat vector. */
typedef struct ls_param {
  const char *name;
  ls_shape shape;
  size_t offset, count;
  int64_t fan_in, fan_out;
  const ls_choice *initializer;
  ls_penalty penalty;
} ls_param;

struct ls_layer_type;

/* One layer of a model. `build` finds type, args, where, and input set, and fills in the rest. */
typedef struct ls_layer {
  const struct ls_layer_type *type;
  const void *args;
  const char *where; /* place in the job file, for messages */
  char name[LS_MAX_NAME];
  uint32_t index; /* of its random streams */
  ls_shape input, output;
  ls_param params[LS_MAX_PARAMS];
  size_t param_count;
  size_t cache_bytes; /* per sample, kept from forward to backward */
  double flops;       /* floating-point operations of forward, per sample */
} ls_layer;

/* One batch on its way through one layer. Arrays of a batch are [sample, ...]. */
typedef struct ls_pass {
  size_t n;               /* samples */
  const ls_real *weights; /* the model's flat vector */
  const ls_real *x;       /* input */
  ls_real *y;             /* output; may be x, see ls_layer_memory */
  void *cache;            /* cache_bytes for each sample */
  bool training;
  /* For forward: the streams of random layers. */
  uint64_t seed;
  uint32_t epoch;
  const uint32_t *ids; /* [sample], the samples' numbers in the dataset */
  /* For backward: `dy` is the gradient of the output and may be overwritten; `dx`, that of the
   * input, is to be set, unless NULL. `gradient` is the model's flat vector, of which the layer
   * sets (not adds to) its own part. */
  ls_real *dy, *dx;
  ls_real *gradient;
} ls_pass;

/* Where a layer's output goes. The gradient follows: dx is dy's memory where y is x's. */
typedef enum ls_layer_memory {
  LS_FRESH,     /* y is memory of its own */
  LS_OVERWRITE, /* y may be written over x (elementwise layers) */
  LS_VIEW,      /* y is x, in another shape */
} ls_layer_memory;

typedef struct ls_layer_type {
  ls_component component;
  int (*build)(ls_layer *layer);
  void (*forward)(const ls_layer *layer, const ls_pass *pass);
  void (*backward)(const ls_layer *layer, const ls_pass *pass);
  ls_layer_memory memory;
  /* Takes vectors only. As a model's first layer it gets images flattened. */
  bool takes_vectors;
  /* backward reads y, which therefore no later layer may overwrite. */
  bool keeps_output;
} ls_layer_type;

/* For `build`: declares the next parameter. `regularizer` may be NULL or have no type. Returns
 * LS_INVALID if the number of elements is more than memory can hold. */
int ls_layer_add_param(ls_layer *layer, const char *name, ls_shape shape, int64_t fan_in,
                       int64_t fan_out, const ls_choice *initializer, const ls_choice *regularizer);

/* The argument with which any layer takes an activation: the model puts that activation behind the
 * layer, whose own code needs not know it. `type` is the struct of the layer's arguments. */
#define LS_ACTIVATION_ARG(type)                                                                    \
  {                                                                                                \
    "activation", LS_ARG_CHOICE, offsetof(type, activation), "linear",                             \
        "function applied to the output", .family = &ls_activations                                \
  }

/* ---- Losses and metrics ---------------------------------------------------------------------- */

/* What a model's output is compared with. */
typedef struct ls_outputs {
  size_t n, width;
  const ls_real *y;      /* [sample, unit] */
  bool logits;           /* y is still without the activation that the loss fuses */
  const int32_t *labels; /* [sample], class numbers below width */
} ls_outputs;

typedef struct ls_loss_type {
  ls_component component;
  /* The output activation together with which the loss is computed, from logits; or NULL. */
  const ls_activation_type *fuses;
  /* Returns the sum of the samples' losses. Unless dy is NULL sets dy[sample, unit] to the gradient
   * of scale * sum; dy may be y. */
  double (*evaluate)(const void *args, const ls_outputs *outputs, ls_real scale, ls_real *dy);
} ls_loss_type;

typedef struct ls_metric_type {
  ls_component component;
  /* The sum over samples; the metric is its mean. Logits must order as outputs do. */
  double (*evaluate)(const void *args, const ls_outputs *outputs);
  bool higher_is_better;
} ls_metric_type;

/* ---- The lists: one line each ---------------------------------------------------------------- */

#define LS_LAYERS(X)                                                                               \
  X(dense)                                                                                         \
  X(activation)                                                                                    \
  X(dropout)                                                                                       \
  X(flatten)

#define LS_ACTIVATIONS(X)                                                                          \
  X(linear)                                                                                        \
  X(relu)                                                                                          \
  X(sigmoid)                                                                                       \
  X(tanh)                                                                                          \
  X(softmax)

#define LS_INITIALIZERS(X)                                                                         \
  X(zeros)                                                                                         \
  X(ones)                                                                                          \
  X(glorot_uniform)                                                                                \
  X(glorot_normal)                                                                                 \
  X(he_uniform)                                                                                    \
  X(he_normal)

#define LS_REGULARIZERS(X)                                                                         \
  X(l2)                                                                                            \
  X(l1)                                                                                            \
  X(l1_l2)

#define LS_LOSSES(X) X(categorical_crossentropy)

#define LS_METRICS(X) X(accuracy)

#define LS_DECLARE_LAYER(name) extern const ls_layer_type ls_layer_##name;
#define LS_DECLARE_ACTIVATION(name) extern const ls_activation_type ls_activation_##name;
#define LS_DECLARE_INITIALIZER(name) extern const ls_initializer_type ls_initializer_##name;
#define LS_DECLARE_REGULARIZER(name) extern const ls_regularizer_type ls_regularizer_##name;
#define LS_DECLARE_LOSS(name) extern const ls_loss_type ls_loss_##name;
#define LS_DECLARE_METRIC(name) extern const ls_metric_type ls_metric_##name;
LS_LAYERS(LS_DECLARE_LAYER)
LS_ACTIVATIONS(LS_DECLARE_ACTIVATION)
LS_INITIALIZERS(LS_DECLARE_INITIALIZER)
LS_REGULARIZERS(LS_DECLARE_REGULARIZER)
LS_LOSSES(LS_DECLARE_LOSS)
LS_METRICS(LS_DECLARE_METRIC)

extern const ls_family ls_layers, ls_activations, ls_initializers, ls_regularizers, ls_losses,
    ls_metrics;

#endif
