/* The memory of a batch: where everything lies that belongs to it. */
#ifndef LS_NN_MODEL_WORKSPACE_H
#define LS_NN_MODEL_WORKSPACE_H

#include "nn/model/model.h"

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
  ls_layer_times *times;   /* [layer], or NULL */
  ls_gradient_ready ready; /* or NULL */
  void *ready_context;
  void **owned;
  size_t owned_count;
  bool whole; /* no layer writes over its input */
  bool failed;
};

/* What layer i gets to see of the batch. */
ls_pass workspace_pass(const ls_workspace *w, size_t i, const ls_real *weights, bool training);

/* Elements of a sample's output of the trunk, where several heads start from it; else 0. */
size_t workspace_trunk_size(const ls_model *model);

#endif
