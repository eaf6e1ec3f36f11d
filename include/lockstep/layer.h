/* Layers, activations, initialisers, regularisers, losses and metrics: the types that an author of
 * one fills in.
 *
 * A layer type is a component (its name and arguments) and three functions. `build` is called once:
 * it sets the shape of the output and declares the parameters. `forward` and `backward` compute one
 * batch. They are functions of pointers and sizes alone: the model provides all memory, they
 * allocate nothing, cannot fail, and know nothing of ranks. The parameters of all layers lie in one
 * flat vector; a layer finds its own at ls_param.offset.
 *
 * Shapes are written as [sample, row, column, channel]; the last dimension is contiguous. A program
 * adds types of its own with ls_layer_register and its siblings. All functions are local. */
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

/* ---- Activations: y = f(z) element by element, or row by row (softmax) ----------------------- */

typedef struct ls_activation_type {
  ls_component component;
  /* Sets y[row, unit] from z[row, unit], both [rows, width]; y may be z. */
  void (*forward)(const void *args, size_t rows, size_t width, const ls_real *z, ls_real *y);
  /* Sets dz[row, unit] from the output y and its gradient dy; dz may be dy. z is the input if
   * `reads_input` is set, else NULL. */
  void (*backward)(const void *args, size_t rows, size_t width, const ls_real *z, const ls_real *y,
                   const ls_real *dy, ls_real *dz);
  /* backward reads z. This costs memory: the output does not overwrite the input. */
  bool reads_input;
} ls_activation_type;

/* ---- Initialisers ---------------------------------------------------------------------------- */

/* The parameter to initialise. Its random numbers are a function of `seed` and `index` alone. */
typedef struct ls_init {
  uint64_t seed;
  uint32_t index;  /* number of the parameter in the model */
  int64_t fan_in;  /* inputs of a unit */
  int64_t fan_out; /* outputs that an input reaches */
  ls_shape shape;
} ls_init;

typedef struct ls_initializer_type {
  ls_component component;
  /* Sets values[0 .. count - 1], of shape init->shape. */
  void (*fill)(const void *args, const ls_init *init, size_t count, ls_real *values);
} ls_initializer_type;

/* ---- Regularisers ---------------------------------------------------------------------------- */

/* The penalty l1 * sum |w| + l2 * sum w^2, which is added to the loss as in Keras. */
typedef struct ls_penalty {
  double l1, l2;
} ls_penalty;

typedef struct ls_regularizer_type {
  ls_component component;
  /* Returns the factors that the arguments give. */
  ls_penalty (*penalty)(const void *args);
} ls_regularizer_type;

/* ---- Layers ---------------------------------------------------------------------------------- */

/* The first member of every layer's struct of arguments. The table of a layer ends with
 * LS_LAYER_ARGS, or with LS_TRAINABLE_ARGS if the layer has parameters, and then {NULL}. */
typedef struct ls_layer_args {
  char *name;     /* NULL: the name of the layer's type, with a number from the second one on */
  bool trainable; /* false: training does not change the parameters */
  char *weights;  /* model file with initial values for the layer of that name; NULL: none */
} ls_layer_args;

#define LS_LAYER_ARGS                                                                              \
  {                                                                                                \
    "name", LS_ARG_TEXT, offsetof(ls_layer_args, name), "null",                                    \
        "name of the layer; default: its kind, with a number from the second one on",              \
        .words = NULL                                                                              \
  }
#define LS_TRAINABLE_ARGS                                                                          \
  LS_LAYER_ARGS,                                                                                   \
      {"trainable",                                                                                \
       LS_ARG_BOOLEAN,                                                                             \
       offsetof(ls_layer_args, trainable),                                                         \
       "true",                                                                                     \
       "whether training changes the layer; if not, there are no penalties on its parameters",     \
       .words = NULL},                                                                             \
  {                                                                                                \
    "weights", LS_ARG_TEXT, offsetof(ls_layer_args, weights), "null",                              \
        "model file from whose layer of the same name the initial weights are taken; a path "      \
        "relative to the job file, see MODEL FILES",                                               \
        .words = NULL                                                                              \
  }

/* One parameter of a layer: an array in the model's flat vector of weights. */
typedef struct ls_param {
  const char *name; /* such as "kernel" */
  ls_shape shape;
  size_t offset;   /* of its first element in the flat vector */
  size_t count;    /* elements */
  int64_t fan_in;  /* inputs of a unit, for initialisers */
  int64_t fan_out; /* outputs that an input reaches, for initialisers */
  const ls_choice *initializer;
  ls_penalty penalty;
  /* A running mean of what the layer computes in training, which has no gradient. backward sets the
   * array's part of `gradient` to the value for the samples of a shard, times pass->n *
   * pass->scale; a step sets value = momentum * value + (1 - momentum) * sum over all shards. */
  bool state;
  double momentum; /* of a state */
} ls_param;

/* The memory of a layer's output. Gradients follow it: dx is dy's memory if y is x's. */
typedef enum ls_layer_memory {
  LS_FRESH,     /* y has memory of its own */
  LS_OVERWRITE, /* y may overwrite x: backward does not read x */
  LS_VIEW,      /* y is x with another shape */
} ls_layer_memory;

struct ls_layer_type;
struct ls_divided_layer;
struct ls_kernels;
struct ls_products;
struct ls_shards;

/* The `source` of a layer that takes the model's input. */
#define LS_MODEL_INPUT SIZE_MAX

/* One layer of a model. Before `build` is called type, args, where, name, index, input and frozen
 * are set, and memory, keeps_output and training_only as in the type; `build` may change the latter
 * three and sets the rest. The model sets source and input_gradient when all layers are built. */
typedef struct ls_layer {
  const struct ls_layer_type *type;
  const void *args;  /* begin with ls_layer_args; NULL: made for an argument of another layer */
  const char *where; /* place in the job file, "FILE:LINE: key.path", for messages */
  char name[LS_MAX_NAME]; /* unique in the model */
  uint32_t index;         /* number of the layer in the model, and of its random streams */
  size_t source;          /* number of the layer whose output is x, or LS_MODEL_INPUT */
  ls_shape input;         /* of one sample */
  ls_shape output;        /* of one sample */
  ls_param params[LS_MAX_PARAMS];
  size_t param_count;
  bool frozen;            /* training does not change the parameters */
  bool input_gradient;    /* training needs dx, because a layer before this one learns */
  ls_layer_memory memory; /* see ls_layer_type */
  bool keeps_output;      /* see ls_layer_type */
  bool training_only;     /* see ls_layer_type */
  bool by_shard;          /* forward in training, too, is called for each shard by itself */
  size_t cache_bytes;     /* memory per sample, kept from forward to backward */
  size_t shard_bytes;     /* memory for each shard of a batch, kept from forward to backward */
  size_t scratch_bytes;   /* memory shared with other layers, undefined when a call begins */
  double flops;           /* floating-point operations of forward for one sample */
  /* forward for one sample as a product of matrices, y[rows, n] = x[rows, k] w[k, n], by definition
   * and however it is computed; rows is 0 if it is none. */
  struct {
    size_t rows, n, k;
  } product;
  const ls_choice *activation; /* of a layer of type activation only */
  ls_penalty activity;         /* of a layer of type activity_regularization only */
} ls_layer;

/* Whether training changes parameters of the layer. */
static inline bool ls_layer_learns(const ls_layer *layer) {
  return layer->param_count > 0 && !layer->frozen;
}

/* One batch in one layer. Arrays of a batch are [sample, ...].
 *
 * In training a batch has the samples of all shards of this rank, whose number depends on that of
 * ranks: what a layer computes of a sample may depend on no other sample. Gradients of parameters
 * are computed shard by shard and added in a fixed order: unless the layer's type has `adds_shards`
 * set, backward of a layer that learns is called for each shard by itself, and with
 * ls_layer.by_shard forward in training as well. */
typedef struct ls_pass {
  size_t n;                         /* samples */
  const ls_real *weights;           /* the model's flat vector */
  const struct ls_kernels *kernels; /* compute products of matrices */
  const ls_real *x;                 /* input */
  ls_real *y;                       /* output; x itself as ls_layer_memory allows */
  void *cache;                      /* cache_bytes for each sample */
  void *shard_cache;                /* shard_bytes for each shard */
  void *scratch;                    /* scratch_bytes, aligned to 64 bytes */
  /* The activation behind this layer, for types that have `activates` set: forward applies it to y,
   * and backward, where y is its result, takes dy as the gradient of that. NULL: none. */
  const ls_choice *activation;
  /* How the ranks of a node divide the layer, for types that have `divides` set. NULL: not at all.
   */
  const struct ls_divided_layer *divided;
  bool training;       /* false: evaluation or prediction */
  uint64_t seed;       /* of the random streams; the same in forward and backward */
  uint32_t epoch;      /* of the random streams; the same in forward and backward */
  const uint32_t *ids; /* [sample], numbers of the samples in the dataset */
  /* The rest is for backward. */
  ls_real *dy;       /* gradient of the output; backward may overwrite it */
  ls_real *dx;       /* gradient of the input, which backward sets; NULL: not needed */
  ls_real *gradient; /* the model's flat vector: backward sets the layer's part unless frozen */
  const struct ls_shards *shards; /* of the batch; for layers that add them */
  ls_real scale; /* 1 / samples of the minibatch over all shards; dy includes this factor */
} ls_pass;

typedef struct ls_layer_type {
  ls_component component;
  /* Checks the input shape, sets the output shape and declares parameters. Returns LS_INVALID, with
   * layer->where in the message, if the input does not suit the layer. */
  int (*build)(ls_layer *layer);
  /* Sets y, and what backward needs in cache and shard_cache. */
  void (*forward)(const ls_layer *layer, const ls_pass *pass);
  /* Sets dx unless it is NULL, and the layer's part of the gradient unless the layer is frozen. */
  void (*backward)(const ls_layer *layer, const ls_pass *pass);
  /* Returns what the layer adds to the loss, summed over the samples, after forward. May be NULL.
   */
  double (*penalty)(const ls_layer *layer, const ls_pass *pass);
  /* Lists the matrix products that forward, or backward in training, computes for `samples`
   * samples, for `lockstep bench`. NULL: ls_layer.product for all samples at once, and its
   * gradients. */
  void (*products)(const ls_layer *layer, size_t samples, bool backward, struct ls_products *list);
  ls_layer_memory memory;
  /* Takes vectors only: as the first layer of a model its input is flattened. */
  bool takes_vectors;
  /* backward reads y, so no later layer may overwrite it. */
  bool keeps_output;
  /* backward is called once for all shards of a batch, and sets the layer's part of the gradients
   * for each sum over shards that remains. */
  bool adds_shards;
  /* The ranks of a node may divide forward and backward in training by units (ls_pass.divided); the
   * first parameter is the kernel of ls_layer.product. */
  bool divides;
  /* forward and backward do what the activation behind the layer would do after them or before
   * them (ls_pass.activation), while its arrays are in the cache. */
  bool activates;
  /* Outside training the output is the input: the layer changes samples at random, or only adds to
   * the loss. */
  bool training_only;
  /* Class of the layer in Keras, for model files. NULL: its name in camel case (max_pooling2d is
   * MaxPooling2D). "": left out of model files, for layers without parameters that do nothing
   * outside training. */
  const char *keras_class;
} ls_layer_type;

/* For `build`: declares the next parameter, of at most LS_MAX_PARAMS. `name`, `initializer` and
 * `regularizer` are borrowed; `regularizer` may be NULL or have no type. LS_INVALID if the
 * parameter has more elements than memory can hold. */
int ls_layer_add_param(ls_layer *layer, const char *name, ls_shape shape, int64_t fan_in,
                       int64_t fan_out, const ls_choice *initializer, const ls_choice *regularizer);

/* For `build`: makes the parameter declared last a running mean, see ls_param.state. */
void ls_layer_make_state(ls_layer *layer, double momentum);

/* Arguments for an activation and for a penalty on the output. The model appends a layer for each,
 * so the code of the layer that has the arguments does not use them. `type` is the struct of the
 * layer's arguments. */
#define LS_ACTIVATION_ARG(type)                                                                    \
  {                                                                                                \
    "activation", LS_ARG_CHOICE, offsetof(type, activation), "linear",                             \
        "function applied to the output", .family = &ls_activations                                \
  }
#define LS_ACTIVITY_ARG(type)                                                                      \
  {                                                                                                \
    "activity_regularizer", LS_ARG_CHOICE, offsetof(type, activity_regularizer), "null",           \
        "penalty on the output after the activation, as a mean over samples",                      \
        .family = &ls_regularizers                                                                 \
  }

/* ---- Losses and metrics ---------------------------------------------------------------------- */

/* The outputs of a batch, and the targets to compare them with. */
typedef struct ls_outputs {
  size_t n;              /* samples */
  size_t width;          /* units */
  const ls_real *y;      /* [sample, unit] */
  bool logits;           /* y is the input of the activation that the loss includes */
  const int32_t *labels; /* [sample], class numbers below width; of LS_CLASSES */
  const ls_real *values; /* [sample, unit]; of LS_VALUES; of classes they are one-hot, or 0 and 1
                            if there is one unit */
} ls_outputs;

/* Which targets a loss or metric reads. */
typedef enum ls_target_kind {
  LS_CLASSES, /* ls_outputs.labels */
  LS_VALUES,  /* ls_outputs.values */
} ls_target_kind;

/* Which outputs a loss or metric is made for. `lockstep check` warns where the output's activation
 * has others. */
typedef enum ls_output_range {
  LS_ANY_OUTPUTS,
  LS_PROBABILITY_OUTPUTS,  /* from 0 to 1 */
  LS_DISTRIBUTION_OUTPUTS, /* the probabilities of classes, perhaps not yet divided by their sum */
  LS_POSITIVE_OUTPUTS,
  LS_SIGNED_OUTPUTS, /* of both signs */
} ls_output_range;

typedef struct ls_loss_type {
  ls_component component;
  ls_target_kind target;
  ls_output_range outputs;
  /* Output activation with which the loss is computed in one step, from logits; NULL: none. */
  const ls_activation_type *fuses;
  /* The output must be a vector; that of losses of classes must be one anyway. */
  bool takes_vectors;
  /* Returns the sum of the samples' losses. Sets dy[sample, unit] to the gradient of scale * sum
   * unless dy is NULL; dy may be y. */
  double (*evaluate)(const void *args, const ls_outputs *outputs, ls_real scale, ls_real *dy);
} ls_loss_type;

/* A metric is a mean over samples, computed by `evaluate`, or a function of several sums over
 * samples, computed by the three functions after it. Sums are added up over all samples of an epoch
 * or an evaluation, in an order that does not depend on the number of ranks. */
typedef struct ls_metric_type {
  ls_component component;
  ls_target_kind target;
  ls_output_range outputs;
  /* Returns the sum over the samples; the metric is their mean. */
  double (*evaluate)(const void *args, const ls_outputs *outputs);
  /* Returns the number of sums that the metric needs for outputs of `width` units. */
  size_t (*size)(const void *args, size_t width);
  /* Adds what the samples contribute to the sums. */
  void (*add)(const void *args, const ls_outputs *outputs, double *sums);
  /* Returns the metric of `samples` samples; NaN where it is undefined. */
  double (*value)(const void *args, size_t width, size_t samples, const double *sums);
  bool counts; /* the sums are integers, which are exact in any order */
  bool higher_is_better;
  bool takes_logits; /* may be computed from logits, whose order is that of the outputs */
  bool takes_single; /* of LS_CLASSES: also takes the single output of two classes */
} ls_metric_type;

/* ---- Families ------------------------------------------------------------------------------- */

/* What job files may name: the types that Lockstep has, and those that a program registers. */
extern ls_family ls_layers, ls_activations, ls_initializers, ls_regularizers, ls_losses, ls_metrics;

/* Each adds a type to its family, under the name type->component.name. `type` is borrowed until the
 * program ends. Call them before ls_main (lockstep/program.h) or ls_predictor_open, on all ranks.
 * LS_INVALID if the family has a member of that name, or the type lacks a function. */
int ls_layer_register(const ls_layer_type *type);
int ls_activation_register(const ls_activation_type *type);
int ls_initializer_register(const ls_initializer_type *type);
int ls_regularizer_register(const ls_regularizer_type *type);
int ls_loss_register(const ls_loss_type *type);
int ls_metric_register(const ls_metric_type *type);

LS_END_DECLARATIONS

#endif
