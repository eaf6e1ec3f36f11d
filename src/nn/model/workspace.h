/* Inside the workspace: where everything of a batch lies. */
#ifndef LS_NN_MODEL_WORKSPACE_H
#define LS_NN_MODEL_WORKSPACE_H

#include "nn/model.h"

/* A layer's memory. */
typedef struct stage {
  ls_real *x, *y; /* y is memory of its own, or x */
  void *cache, *batch_cache;
} stage;

/* A head's: what its last layer leaves, its target, and the outputs behind a fused activation. */
typedef struct ends {
  ls_real *y;
  int32_t *labels;
  ls_real *values;
  ls_real *activated;
} ends;

struct ls_workspace {
  ls_batch batch;
  stage *stages; /* [layer] */
  ends ends[LS_MAX_HEADS];
  ls_real *gradients[2];   /* of outputs, in turn */
  ls_real *trunk_gradient; /* sum over heads, where there are several */
  void *scratch;
  uint64_t seed;
  uint32_t epoch;
  ls_layer_times *times; /* [layer], or NULL */
  ls_ready ready;        /* or NULL */
  void *ready_context;
  void **owned;
  size_t owned_count;
  bool whole; /* no layer writes over its input */
  bool failed;
};

/* What layer i gets to see of the batch. */
ls_pass workspace_pass(const ls_workspace *w, size_t i, const ls_real *weights, bool training);

/* A head's sum of losses with its weight; adds to sums[measure] and, unless dy is NULL, sets the
 * gradient of scale * that sum. */
double workspace_head_loss(const ls_model *model, const ls_workspace *w, size_t head, ls_real scale,
                           ls_real *dy, double *sums);

/* The sum of what layers add to the loss; adds it to sums[0]. */
double workspace_penalties(const ls_model *model, const ls_workspace *w, double *sums);

#endif
