/* Layers, and the families that layers are made of: what an author of a layer needs.
 *
 * A layer type is a component (its name and arguments) plus three functions: `build` works out
 * shapes and declares parameters once, `forward` and `backward` compute one batch. They are plain
 * functions of pointers and sizes: all memory is given to them, nothing is allocated, nothing can
 * fail, nothing depends on ranks. Parameters lie in one flat vector of the whole model; a layer
 * finds its own at the offsets that the model gave it.
 *
 * A program adds layers of its own with ls_layer_register; activations, initialisers, regularisers,
 * losses and metrics likewise. All functions are local. */
#ifndef LOCKSTEP_LAYER_H
#define LOCKSTEP_LAYER_H

#include "lockstep/component.h"
#include "lockstep/types.h"
#include "lockstep/visibility.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

LS_BEGIN_DECLARATIONS

enum { LS_MAX_PARAMS = 4, LS_MAX_NAME = 48 };

/* ---- Activations: y = f(z) element by element, or over rows of `width` (softmax) ------------- */

typedef struct ls_activation_type {
  ls_component component;
  /* y[row, unit] from z[row, unit]; y may be z. */
  void (*forward)(const void *args, size_t rows, size_t width, const ls_real *z, ls_real *y);
  /* dz[row, unit] from the input z, the output y and dy; dz may be dy. z is only there (else NULL)
   * with `reads_input`, at the cost of memory: the output then isn't written over it. */
  void (*backward)(const void *args, size_t rows, size_t width, const ls_real *z, const ls_real *y,
                   const ls_real *dy, ls_real *dz);
  bool reads_input;
} ls_activation_type;

/* ---- Initialisers ---------------------------------------------------------------------------- */

/* Where a parameter stands: its random numbers are a function of `seed` and `index` alone. */
typedef struct ls_init {
  uint64_t seed;
  uint32_t index; /* of the parameter in the model */
  int64_t fan_in, fan_out;
  ls_shape shape;
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

/* What a layer's arguments begin with. Tables end with LS_LAYER_ARGS, or with LS_TRAINABLE_ARGS
 * where the layer has parameters, before the entry without a name. */
typedef struct ls_layer_args {
  char *name;     /* NULL: made of the layer's kind */
  bool trainable; /* false: parameters stay as they are */
  char *weights;  /* file of a model in which the layer of the same name has them; NULL: none */
} ls_layer_args;

#define LS_LAYER_ARGS                                                                              \
  {                                                                                                \
    "name", LS_ARG_TEXT, offsetof(ls_layer_args, name), "null",                                    \
        "name of the layer; left out: its kind, and a number from the second one on",              \
        .words = NULL                                                                              \
  }
#define LS_TRAINABLE_ARGS                                                                          \
  LS_LAYER_ARGS,                                                                                   \
      {"trainable",                                                                                \
       LS_ARG_BOOLEAN,                                                                             \
       offsetof(ls_layer_args, trainable),                                                         \
       "true",                                                                                     \
       "whether training changes the layer",                                                       \
       .words = NULL},                                                                             \
  {                                                                                                \
    "weights", LS_ARG_TEXT, offsetof(ls_layer_args, weights), "null",                              \
        "model file from whose layer of the same name the initial weights are taken",              \
        .words = NULL                                                                              \
  }

/* One array of a layer. `offset` is that in the model's flat vector. */
typedef struct ls_param {
  const char *name;
  ls_shape shape;
  size_t offset, count;
  int64_t fan_in, fan_out;
  const ls_choice *initializer;
  ls_penalty penalty;
  /* A running mean of what the layer sees in training, which no gradient changes: backward sets the
   * array's part of `gradient` to its value for these samples times pass->n * pass->scale, and a
   * step makes value = momentum * value + (1 - momentum) * sum over all shards. */
  bool state;
  double momentum;
} ls_param;

/* Where a layer's output goes. The gradient follows: dx is dy's memory where y is x's. */
typedef enum ls_layer_memory {
  LS_FRESH,     /* y is memory of its own */
  LS_OVERWRITE, /* y may be written over x (elementwise layers) */
  LS_VIEW,      /* y is x, in another shape */
} ls_layer_memory;

struct ls_layer_type;
struct ls_products;

/* The `source` of a layer that takes the model's input. */
#define LS_MODEL_INPUT SIZE_MAX

/* One layer of a model. `build` finds type, args, where, input, frozen, memory, keeps_output and
 * training_only set (the latter three as in the type, for it to change) and fills in the rest but
 * for source and input_gradient, which the model sets when all layers are built. */
typedef struct ls_layer {
  const struct ls_layer_type *type;
  const void *args;  /* begin with ls_layer_args; NULL in a layer that stands behind another one */
  const char *where; /* place in the job file, for messages */
  char name[LS_MAX_NAME];
  uint32_t index; /* its number in the model, and that of its random streams */
  size_t source;  /* number of the layer whose output it takes, or LS_MODEL_INPUT */
  ls_shape input, output;
  ls_param params[LS_MAX_PARAMS];
  size_t param_count;
  bool frozen;            /* parameters stay as they are: backward leaves them out */
  bool input_gradient;    /* a layer before it learns, so that training asks backward for dx */
  ls_layer_memory memory; /* see ls_layer_type */
  bool keeps_output, training_only;
  size_t cache_bytes;   /* per sample, kept from forward to backward */
  size_t batch_bytes;   /* the same, whatever the number of samples */
  size_t scratch_bytes; /* memory shared with other layers, undefined at each call */
  double flops;         /* floating-point operations of forward, per sample */
  /* The product of matrices, y[rows, n] = x[rows, k] w[k, n], that forward is for a sample by
   * definition, however it is computed; rows 0: it is none. */
  struct {
    size_t rows, n, k;
  } product;
  const ls_choice *activation; /* of a layer of type activation */
  ls_penalty activity;         /* of a layer of type activity_regularization */
} ls_layer;

/* Whether it has parameters that training changes. */
static inline bool ls_layer_learns(const ls_layer *layer) {
  return layer->param_count > 0 && !layer->frozen;
}

/* One batch on its way through one layer. Arrays of a batch are [sample, ...]. */
typedef struct ls_pass {
  size_t n;               /* samples */
  const ls_real *weights; /* the model's flat vector */
  const ls_real *x;       /* input */
  ls_real *y;             /* output; may be x, see ls_layer_memory */
  void *cache;            /* cache_bytes for each sample */
  void *batch_cache;      /* batch_bytes */
  void *scratch;          /* scratch_bytes, aligned to 64 */
  bool training;
  /* The streams of random layers, the same in forward and backward. */
  uint64_t seed;
  uint32_t epoch;
  const uint32_t *ids; /* [sample], the samples' numbers in the dataset */
  /* For backward: `dy` is the gradient of the output and may be overwritten; `dx`, that of the
   * input, is to be set, unless NULL. `gradient` is the model's flat vector, of which the layer
   * sets (not adds to) its own part, unless the layer is frozen. `scale` is 1 / samples of the
   * whole minibatch, over all shards, and is in dy already. */
  ls_real *dy, *dx;
  ls_real *gradient;
  ls_real scale;
} ls_pass;

typedef struct ls_layer_type {
  ls_component component;
  int (*build)(ls_layer *layer);
  void (*forward)(const ls_layer *layer, const ls_pass *pass);
  void (*backward)(const ls_layer *layer, const ls_pass *pass);
  /* What the layer adds to the loss, summed over the samples, after forward. May be NULL. */
  double (*penalty)(const ls_layer *layer, const ls_pass *pass);
  /* Lists the matrix products by which forward, or backward in training, is computed for `samples`
   * samples, for `lockstep bench`. NULL: ls_layer.product for all samples at once, and its
   * gradients. */
  void (*products)(const ls_layer *layer, size_t samples, bool backward, struct ls_products *list);
  ls_layer_memory memory;
  /* Takes vectors only. As a model's first layer it gets images flattened. */
  bool takes_vectors;
  /* backward reads y, which therefore no later layer may overwrite. */
  bool keeps_output;
  /* Outside training its output is its input: it changes inputs or outputs at random, or only adds
   * to the loss. */
  bool training_only;
  /* For model files: its class in Keras, where that isn't its name in camel case (max_pooling2d is
   * MaxPooling2D). "": left out of them, as it has no parameters and does nothing outside training.
   */
  const char *keras_class;
} ls_layer_type;

/* For `build`: declares the next parameter. `regularizer` may be NULL or have no type. Returns
 * LS_INVALID if the number of elements is more than memory can hold. */
int ls_layer_add_param(ls_layer *layer, const char *name, ls_shape shape, int64_t fan_in,
                       int64_t fan_out, const ls_choice *initializer, const ls_choice *regularizer);

/* Makes the parameter declared last a running mean, see ls_param. */
void ls_layer_make_state(ls_layer *layer, double momentum);

/* The arguments with which any layer takes an activation, or a penalty on its output: the model
 * puts those behind the layer, whose own code needs not know them. `type` is the struct of the
 * layer's arguments. */
#define LS_ACTIVATION_ARG(type)                                                                    \
  {                                                                                                \
    "activation", LS_ARG_CHOICE, offsetof(type, activation), "linear",                             \
        "function applied to the output", .family = &ls_activations                                \
  }
#define LS_ACTIVITY_ARG(type)                                                                      \
  {                                                                                                \
    "activity_regularizer", LS_ARG_CHOICE, offsetof(type, activity_regularizer), "null",           \
        "penalty on the output, per sample, after the activation", .family = &ls_regularizers      \
  }

/* ---- Losses and metrics ---------------------------------------------------------------------- */

/* What a model's output is compared with: class numbers, or values as many as the output has units.
 * Who asks for values where there are classes gets them one-hot (of one unit: 0 or 1). */
typedef struct ls_outputs {
  size_t n, width;
  const ls_real *y;      /* [sample, unit] */
  bool logits;           /* y is still without the activation that the loss fuses */
  const int32_t *labels; /* [sample], class numbers below width */
  const ls_real *values; /* [sample, unit] */
} ls_outputs;

/* Which of the two a loss or metric reads. */
typedef enum ls_target_kind { LS_CLASSES, LS_VALUES } ls_target_kind;

typedef struct ls_loss_type {
  ls_component component;
  ls_target_kind target;
  /* The output activation together with which the loss is computed, from logits; or NULL. */
  const ls_activation_type *fuses;
  /* Returns the sum of the samples' losses. Unless dy is NULL sets dy[sample, unit] to the gradient
   * of scale * sum; dy may be y. */
  double (*evaluate)(const void *args, const ls_outputs *outputs, ls_real scale, ls_real *dy);
} ls_loss_type;

typedef struct ls_metric_type {
  ls_component component;
  ls_target_kind target;
  /* The sum over samples; the metric is its mean. */
  double (*evaluate)(const void *args, const ls_outputs *outputs);
  bool higher_is_better;
  bool takes_logits; /* only the order of outputs matters, which logits have as well */
} ls_metric_type;

/* ---- Families ------------------------------------------------------------------------------- */

/* What job files may name: the types that Lockstep has, and those that a program registers. */
extern ls_family ls_layers, ls_activations, ls_initializers, ls_regularizers, ls_losses, ls_metrics;

/* Each adds a type of the program's own to its family, under the type's component.name; `type` is
 * borrowed for good. To be called before ls_main (lockstep/program.h) or ls_predictor_open, on all
 * ranks alike. LS_INVALID if the family has a member of that name, or the type lacks a function. */
int ls_layer_register(const ls_layer_type *type);
int ls_activation_register(const ls_activation_type *type);
int ls_initializer_register(const ls_initializer_type *type);
int ls_regularizer_register(const ls_regularizer_type *type);
int ls_loss_register(const ls_loss_type *type);
int ls_metric_register(const ls_metric_type *type);

LS_END_DECLARATIONS

#endif
