/* A model: layers in a row, their parameters in one flat vector, and a loss at the end.
 *
 * The model itself is only structure and can be shared; the memory of a batch is a workspace, and
 * weights and gradients are flat vectors owned by the caller: reducing, updating, hashing and
 * saving are loops over flat memory. All functions are local and know nothing of ranks. */
#ifndef LOCKSTEP_MODEL_H
#define LOCKSTEP_MODEL_H

#include "lockstep/layer.h"

typedef struct ls_model {
  ls_layer *layers;
  size_t layer_count;
  ls_shape input, output;
  size_t param_count; /* elements of the flat vector */
  double flops;       /* of forward, per sample */
  const ls_loss_type *loss;
  const void *loss_args;
  bool fused; /* the loss takes logits: the output activation is left out of `layers` */
} ls_model;

/* Memory for one batch of up to `capacity` samples. `input` is to be filled by the caller before
 * forward; `output` [sample, unit] is what forward leaves. */
typedef struct ls_workspace ls_workspace;

/* Builds the model that a job's `layers` and `loss` describe, for inputs of the given shape and
 * `classes` label values. Borrows the arguments in `layers` and `loss`, which must outlive it.
 * LS_INVALID, naming the layer's place in the job, where shapes don't fit. */
int ls_model_create(ls_model **out, const ls_choices *layers, const ls_choice *loss,
                    const ls_shape *input, int64_t classes);
void ls_model_free(ls_model **model);

/* Fills the flat vector with the initial values, a function of the seed alone. */
void ls_model_initialize(const ls_model *model, uint64_t seed, ls_real *weights);

/* l1 * sum |w| + l2 * sum w^2 over some weights, added up in a fixed order. */
double ls_penalty_sum(ls_penalty penalty, size_t count, const ls_real *weights);

/* The same over all parameters. */
double ls_model_penalty(const ls_model *model, const ls_real *weights);

int ls_workspace_create(ls_workspace **out, const ls_model *model, size_t capacity);
void ls_workspace_free(ls_workspace **workspace);
size_t ls_workspace_bytes(const ls_model *model, size_t capacity);

/* Where the next batch is to be put, each for `capacity` samples. */
typedef struct ls_batch {
  size_t n;
  ls_real *x;      /* [sample, ...] */
  int32_t *labels; /* [sample] */
  uint32_t *ids;   /* [sample] */
} ls_batch;
ls_batch *ls_workspace_batch(ls_workspace *workspace);

/* Runs the workspace's batch through the model. seed and epoch name the random streams of training
 * and don't matter otherwise. The result is what the loss takes: logits, where it is fused. */
ls_outputs ls_model_forward(const ls_model *model, ls_workspace *workspace, const ls_real *weights,
                            bool training, uint64_t seed, uint32_t epoch);

/* The sum of the batch's losses after forward, without penalties. */
double ls_model_loss(const ls_model *model, ls_workspace *workspace);

/* The same, and sets `gradient` (flat) to the gradient of scale * that sum. Forward must have run
 * with training set. */
double ls_model_backward(const ls_model *model, ls_workspace *workspace, const ls_real *weights,
                         ls_real scale, ls_real *gradient);

#endif
