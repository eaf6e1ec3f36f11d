/* A model: layers, heads that end in a loss each, and one flat vector of parameters.
 *
 * Most models are one chain of layers with one head that has no layers of its own. With several
 * heads, each is a chain that starts from the output of the common layers, the trunk; the loss is
 * the sum of the heads' losses times their weights.
 *
 * An ls_model is structure only and may be shared. The memory of a batch is an ls_workspace.
 * Weights and gradients are flat vectors of param_count elements that the caller owns, so reducing,
 * updating, hashing and saving are loops over flat memory. All functions are local and know nothing
 * of ranks. */
#ifndef LS_NN_MODEL_MODEL_H
#define LS_NN_MODEL_MODEL_H

#include "base/preprocessing.h"
#include "lockstep/layer.h"

enum { LS_MAX_HEADS = 8, LS_MAX_MEASURES = 32 };

/* What a head's output is compared with. */
typedef struct ls_target {
  const char *name; /* for messages */
  bool input;       /* the model's input itself */
  int64_t classes;  /* labels are 0 .. classes - 1; 0: the target is values */
  size_t width;     /* values of a sample; 1 for labels */
} ls_target;

/* A head as a job describes it. Everything pointed to is borrowed. */
typedef struct ls_head_spec {
  const char *name;         /* NULL: the only head */
  const ls_choices *layers; /* of the head alone; NULL: none */
  ls_choice loss;
  double weight;      /* of the loss in the sum over heads */
  bool weighs;        /* samples have weights in the loss, ls_batch.weights */
  bool scales;        /* the loss compares with scaled values, ls_workspace_scale_target */
  ls_choices metrics; /* empty: accuracy, if the loss reads classes */
  ls_target target;
  const char *where; /* place in the job file */
} ls_head_spec;

typedef struct ls_head {
  ls_head_spec spec;
  size_t first, end; /* its own layers, by number: first .. end - 1 */
  ls_shape output;   /* of one sample */
  const ls_loss_type *loss;
  bool fused;          /* the loss includes the output activation, which is none of the layers */
  bool needs_values;   /* the loss or a metric reads ls_outputs.values */
  size_t loss_measure; /* number of its loss among the model's measures */
  size_t first_metric; /* number of its first metric among the model's measures */
  size_t metric_count;
  /* Arguments of the fused activation if that was a layer in the job; NULL if it was an argument of
   * another layer. */
  const void *fused_args;
} ls_head;

/* What is measured over the samples of an epoch: a loss or a metric. The first measure of a model
 * is its loss; with several heads the heads' losses follow; then all metrics. A measure is computed
 * from one or more sums over samples, or from counts. */
typedef struct ls_measure {
  char name[LS_MAX_NAME]; /* "NAME", or "HEAD_NAME" where heads have names */
  bool higher_is_better;
  const ls_choice *metric; /* NULL: a loss */
  size_t width;            /* units of the head, of a metric */
  size_t first;            /* number of its first sum, or of its first count */
} ls_measure;

typedef struct ls_model {
  ls_layer *layers; /* of the trunk, then of each head */
  size_t layer_count;
  void *names;                      /* of the layers, while the model is being built */
  size_t trunk;                     /* number of layers of the trunk */
  ls_shape input;                   /* of one sample */
  size_t param_count;               /* elements of the flat vector */
  size_t trainable_count;           /* elements that training changes by their gradients */
  double flops;                     /* floating-point operations of forward for one sample */
  const struct ls_kernels *kernels; /* of the products of matrices in workspaces made from now on */
  ls_head heads[LS_MAX_HEADS];
  size_t head_count;
  ls_measure measures[LS_MAX_MEASURES];
  size_t measure_count;
  size_t sum_count;   /* sums of all measures; a loss has the number of its measure */
  size_t count_count; /* counts of all measures */
} ls_model;

/* ---- Structure ------------------------------------------------------------------------------- */

/* Builds a model of the trunk `layers` and `heads` for inputs of shape `input`; all is borrowed.
 * LS_INVALID, with the place in the job, if shapes don't fit, a loss or metric does not suit its
 * target, or nothing is trainable. */
int ls_model_create(ls_model **out, const ls_choices *layers, const ls_head_spec *heads,
                    size_t head_count, const ls_shape *input);
void ls_model_free(ls_model **model);

/* Sets the flat vector to the initial values, which are a function of the seed alone. */
void ls_model_initialize(const ls_model *model, uint64_t seed, ls_real *weights);

/* Returns the metrics of a head as named: its own, or the default. */
const ls_choices *ls_head_metrics(const ls_head *head);

/* Returns what computes metric `i` of a head: `accuracy` of a single output is binary_accuracy, as
 * in Keras. */
const ls_choice *ls_head_metric(const ls_head *head, size_t i);

/* Returns the layer of that name, or NULL. */
const ls_layer *ls_model_layer(const ls_model *model, const char *name);

/* Returns l1 * sum |w| + l2 * sum w^2 over `count` weights, added in a fixed order. */
double ls_penalty_sum(ls_penalty penalty, size_t count, const ls_real *weights);

/* Returns the sum of the penalties of all parameters. */
double ls_model_penalty(const ls_model *model, const ls_real *weights);

/* ---- Memory of a batch ----------------------------------------------------------------------- */

/* Memory for one batch of up to `capacity` samples. */
typedef struct ls_workspace ls_workspace;

/* The inputs and targets of a batch, with room for `capacity` samples. The target of a head is
 * either labels or values; the other is NULL. Both are NULL if the target is the input. */
typedef struct ls_batch {
  size_t n;                       /* samples */
  ls_real *x;                     /* [sample, ...] */
  uint32_t *ids;                  /* [sample], numbers of the samples in the dataset */
  int32_t *labels[LS_MAX_HEADS];  /* [sample] */
  ls_real *values[LS_MAX_HEADS];  /* [sample, unit] */
  ls_real *weights[LS_MAX_HEADS]; /* [sample], in the loss of a head that weighs; else NULL */
  const struct ls_shards *shards; /* how it is divided, nn/shards.h; NULL: not */
} ls_batch;

/* Creates a workspace, for batches of up to `shards` shards, in which layers share memory where
 * their ls_layer_memory allows it; the second gives each layer's output separate memory
 * (ls_workspace_output), and also has room for the outputs of fused activations
 * (ls_model_activated). LS_FAILED without memory. */
int ls_workspace_create(ls_workspace **out, const ls_model *model, size_t capacity, size_t shards);
int ls_workspace_create_separate(ls_workspace **out, const ls_model *model, size_t capacity);
void ls_workspace_free(ls_workspace **workspace);

/* Returns the bytes that ls_workspace_create would allocate for so many shards. */
size_t ls_workspace_bytes(const ls_model *model, size_t capacity, size_t shards);

/* Sets how the values of a head that `scales` are scaled for its loss; arrays are borrowed. Its
 * metrics, and outputs as ls_model_activated returns them, are in the units of the values. Before
 * this they are taken for scaled. */
void ls_workspace_scale_target(ls_workspace *workspace, size_t head,
                               const ls_target_scaling *scaling);

/* Returns the workspace's batch, for the caller to fill. */
ls_batch *ls_workspace_batch(ls_workspace *workspace);

/* Returns the output [sample, ...] of a layer by its number. Unless the workspace is separate, a
 * later layer may have overwritten it. The caller may change it before it runs later layers. */
ls_real *ls_workspace_output(ls_workspace *workspace, size_t layer);

/* Seconds that layers took in training passes. */
typedef struct ls_layer_times {
  double forward, backward;
} ls_layer_times;

/* From now on every training pass adds its times to times[layer], which is borrowed; NULL: no
 * longer. */
void ls_workspace_time_layers(ls_workspace *workspace, ls_layer_times *times);

struct ls_division;

/* From now on training passes divide layers among the ranks of a node (nn/division.h), which makes
 * them collective over these. The division is borrowed. */
void ls_workspace_divide(ls_workspace *workspace, const struct ls_division *division);

/* Called by backward after each layer, from the last to the first: the elements of the gradient
 * from `first` on are complete. When backward returns, all are. With several heads, `first` is
 * param_count until the layers of the last head are done. */
typedef void (*ls_gradient_ready)(void *context, size_t first);

/* Sets the function that backward calls; `context` is borrowed. */
void ls_workspace_on_gradient(ls_workspace *workspace, ls_gradient_ready ready, void *context);

/* ---- Passes ---------------------------------------------------------------------------------- */

/* Computes the outputs of the workspace's batch. `seed` and `epoch` name the random streams of
 * training; without `training` they have no effect. */
void ls_model_forward(const ls_model *model, ls_workspace *workspace, const ls_real *weights,
                      bool training, uint64_t seed, uint32_t epoch);

/* The two parts of ls_model_forward: the first sets the targets that follow from the batch (the
 * input itself, classes as one-hot values); the second computes layer `first` and all after it. */
void ls_model_set_targets(const ls_model *model, ls_workspace *workspace);
void ls_model_forward_from(const ls_model *model, ls_workspace *workspace, const ls_real *weights,
                           bool training, size_t first);

/* After forward: returns what a head's loss reads: logits if it is fused, scaled targets. */
ls_outputs ls_model_outputs(const ls_model *model, const ls_workspace *workspace, size_t head);

/* After forward, in a separate workspace: returns a head's outputs behind the fused activation, in
 * the units of the data. */
ls_outputs ls_model_activated(const ls_model *model, const ls_workspace *workspace, size_t head);

/* After forward: adds what the batch contributes to the metrics to sums[shard][sum] and
 * counts[count]. */
void ls_model_add_metrics(const ls_model *model, ls_workspace *workspace, double *sums,
                          double *counts);

/* Sets values[measure] from the sums and counts over `samples` samples. */
void ls_model_measure(const ls_model *model, size_t samples, const double *sums,
                      const double *counts, double *values);

/* After forward: returns the sum of the batch's losses, without penalties on weights, and adds the
 * losses to sums[shard][sum]. */
double ls_model_loss(const ls_model *model, ls_workspace *workspace, double *sums);

/* After forward with `training`: does what ls_model_loss does, and sets gradient[k] (flat vectors,
 * shards->stride apart) to that of scale * the losses of each sum over shards that remains. There
 * is room for shards->depth of them; with one shard it is one. */
double ls_model_backward(const ls_model *model, ls_workspace *workspace, const ls_real *weights,
                         ls_real scale, ls_real *gradient, double *sums);

/* After forward without `training`: sets dx [sample, ...] to the gradient, with respect to the
 * batch's inputs, of output units[sample] of a head as its loss reads it (ls_model_outputs). */
void ls_model_input_gradient(const ls_model *model, ls_workspace *workspace, const ls_real *weights,
                             size_t head, const uint32_t *units, ls_real *dx);

#endif
