/* A model: a trunk of layers, and heads that end in a loss each; parameters in one flat vector.
 *
 * Most models have one head without layers of its own: a chain. With several, each head is a chain
 * that starts from the trunk's output; losses are added with the heads' weights.
 *
 * The model itself is only structure and can be shared; the memory of a batch is a workspace, and
 * weights and gradients are flat vectors owned by the caller: reducing, updating, hashing and
 * saving are loops over flat memory. All functions are local and know nothing of ranks. */
#ifndef LS_NN_MODEL_MODEL_H
#define LS_NN_MODEL_MODEL_H

#include "lockstep/layer.h"

/* What a head's output is compared with. */
typedef struct ls_target {
  const char *name; /* for messages */
  bool input;       /* the sample's input itself, as it was before any layer */
  int64_t classes;  /* labels are 0 .. classes - 1; 0: values */
  size_t width;     /* values of a sample; 1 for labels */
} ls_target;

/* A head as a job describes it; what is pointed to is borrowed. `layers` may be NULL. Without
 * metrics there is accuracy where the loss reads classes. */
typedef struct ls_head_spec {
  const char *name; /* NULL: the model's only one */
  const ls_choices *layers;
  ls_choice loss;
  double weight;
  ls_choices metrics;
  ls_target target;
  const char *where;
} ls_head_spec;

typedef struct ls_head {
  ls_head_spec spec;
  size_t first, end; /* its own layers */
  ls_shape output;
  const ls_loss_type *loss;
  bool fused;     /* the loss takes logits: the output activation is left out of the layers */
  bool values;    /* somebody reads values, see ls_outputs */
  size_t measure; /* number of its loss among the measures */
  size_t metrics; /* number of its first metric among them */
  size_t metric_count;
  /* Arguments of the activation that was left out; NULL where it stood behind another layer. */
  const void *fused_args;
} ls_head;

/* What is measured of a batch: the loss, with several heads each one's own, then metrics. */
typedef struct ls_measure {
  char name[LS_MAX_NAME];
  bool higher_is_better;
} ls_measure;

enum { LS_MAX_HEADS = 8, LS_MAX_MEASURES = 32 };

typedef struct ls_model {
  ls_layer *layers;
  size_t layer_count, trunk; /* the first `trunk` layers are before all heads */
  ls_shape input;
  size_t param_count;  /* elements of the flat vector */
  size_t learnt_count; /* those that training changes by gradients */
  double flops;        /* of forward, per sample */
  ls_head heads[LS_MAX_HEADS];
  size_t head_count;
  ls_measure measures[LS_MAX_MEASURES];
  size_t measure_count;
} ls_model;

/* Memory for one batch of up to `capacity` samples. */
typedef struct ls_workspace ls_workspace;

/* Builds the model of `layers` (the trunk) and heads, all borrowed, for inputs of the given shape.
 * LS_INVALID, naming the place in the job, where shapes don't fit or a loss or metric can't be had
 * of a target. */
int ls_model_create(ls_model **out, const ls_choices *layers, const ls_head_spec *heads,
                    size_t head_count, const ls_shape *input);
void ls_model_free(ls_model **model);

/* Fills the flat vector with the initial values, a function of the seed alone. */
void ls_model_initialize(const ls_model *model, uint64_t seed, ls_real *weights);

/* The metrics of a head, its own or the default ones. */
const ls_choices *ls_head_metrics(const ls_head *head);

/* The layer of that name, or NULL. */
const ls_layer *ls_model_layer(const ls_model *model, const char *name);

/* l1 * sum |w| + l2 * sum w^2 over some weights, added up in a fixed order. */
double ls_penalty_sum(ls_penalty penalty, size_t count, const ls_real *weights);

/* The same over all parameters. */
double ls_model_penalty(const ls_model *model, const ls_real *weights);

int ls_workspace_create(ls_workspace **out, const ls_model *model, size_t capacity);

/* The same, with memory of its own for each layer's output: for whoever looks at them. It also has
 * the outputs of heads behind an activation that their loss fuses (ls_model_activated). */
int ls_workspace_create_separate(ls_workspace **out, const ls_model *model, size_t capacity);
void ls_workspace_free(ls_workspace **workspace);
size_t ls_workspace_bytes(const ls_model *model, size_t capacity);

/* Where the next batch is to be put, each for `capacity` samples. A head's target goes into labels
 * or values, the other one being NULL; both are where the target is the input. */
typedef struct ls_batch {
  size_t n;
  ls_real *x;                    /* [sample, ...] */
  uint32_t *ids;                 /* [sample] */
  int32_t *labels[LS_MAX_HEADS]; /* [sample] */
  ls_real *values[LS_MAX_HEADS]; /* [sample, unit] */
} ls_batch;
ls_batch *ls_workspace_batch(ls_workspace *workspace);

/* Seconds spent in a layer. With times [layer] given (NULL: no longer), every training pass adds to
 * them; they are borrowed. */
typedef struct ls_layer_times {
  double forward, backward;
} ls_layer_times;
void ls_workspace_time_layers(ls_workspace *workspace, ls_layer_times *times);

/* Called in backward after each layer, from the last to the first: the elements from `first` on of
 * the gradient are complete. Those before them are once backward is done. With several heads, whose
 * layers are done head by head, `first` is the end of the vector until the last head's turn. */
typedef void (*ls_gradient_ready)(void *context, size_t first);
void ls_workspace_on_gradient(ls_workspace *workspace, ls_gradient_ready ready, void *context);

/* Runs the workspace's batch through the model. seed and epoch name the random streams of training
 * and don't matter otherwise. */
void ls_model_forward(const ls_model *model, ls_workspace *workspace, const ls_real *weights,
                      bool training, uint64_t seed, uint32_t epoch);

/* The two halves of it: what the batch is compared with, where that is its own input, is that of
 * the call of the former; the latter runs the layers from number `first` on. */
void ls_model_set_targets(const ls_model *model, ls_workspace *workspace);
void ls_model_forward_from(const ls_model *model, ls_workspace *workspace, const ls_real *weights,
                           bool training, size_t first);

/* The output [sample, ...] of a layer by its number. It is what the layer left only in a whole
 * workspace, and may be written to before later layers are run. */
ls_real *ls_workspace_output(ls_workspace *workspace, size_t layer);

/* After forward: what a head's loss takes (logits, where it is fused). */
ls_outputs ls_model_outputs(const ls_model *model, const ls_workspace *workspace, size_t head);

/* After forward, in a whole workspace: a head's outputs as the last activation makes them. */
ls_outputs ls_model_activated(const ls_model *model, const ls_workspace *workspace, size_t head);

/* After forward: adds the batch's metrics, as sums over samples, to sums[measure]. */
void ls_model_add_metrics(const ls_model *model, ls_workspace *workspace, double *sums);

/* After forward: the sum of the batch's losses, without penalties on weights; adds the losses to
 * sums[measure]. */
double ls_model_loss(const ls_model *model, ls_workspace *workspace, double *sums);

/* The same, and sets `gradient` (flat) to the gradient of scale * that sum. Forward must have run
 * with training set. */
double ls_model_backward(const ls_model *model, ls_workspace *workspace, const ls_real *weights,
                         ls_real scale, ls_real *gradient, double *sums);

/* After forward without training: sets dx [sample, ...] to the gradient, with respect to the
 * batch's inputs, of output number units[sample] of a head: of what its loss takes
 * (ls_model_outputs). */
void ls_model_input_gradient(const ls_model *model, ls_workspace *workspace, const ls_real *weights,
                             size_t head, const uint32_t *units, ls_real *dx);

#endif
