/* The memory of a batch. */
#ifndef LS_NN_MODEL_WORKSPACE_H
#define LS_NN_MODEL_WORKSPACE_H

#include "nn/model/model.h"
#include "nn/shards.h"

/* The memory of a layer, see ls_pass. */
typedef struct layer_memory {
  ls_real *x; /* the output of the layer before it */
  ls_real *y; /* separate memory, or x */
  void *cache, *shard_cache;
} layer_memory;

/* The memory of a head. */
typedef struct head_memory {
  ls_real *y;                /* the output of its last layer */
  int32_t *labels;           /* its target; NULL: not needed */
  ls_real *values;           /* its target; NULL: not needed */
  ls_real *scaled;           /* its target as the loss reads it; NULL: as `values` */
  ls_target_scaling scaling; /* from `values` to `scaled` */
  ls_real *weights;          /* of the samples in its loss; NULL: all 1 */
  ls_real *activated; /* outputs behind the fused activation, in the units of the data; NULL: not
                         needed */
} head_memory;

struct ls_workspace {
  const struct ls_kernels *kernels;
  ls_batch batch;
  const ls_shards *shards; /* of the batch that went forward; `whole` if it was not divided */
  ls_shards whole;         /* one shard */
  layer_memory *layers;    /* [layer] */
  head_memory heads[LS_MAX_HEADS];
  ls_real *gradients[2];              /* of the outputs of alternate layers */
  ls_real *trunk_gradient;            /* sum over several heads; NULL: there is one */
  void *scratch;                      /* of the layer that needs most */
  uint64_t seed;                      /* of the last forward pass */
  uint32_t epoch;                     /* of the last forward pass */
  ls_layer_times *times;              /* [layer], or NULL */
  const struct ls_division *division; /* of layers in training; NULL: none is divided */
  ls_gradient_ready ready;            /* or NULL */
  void *ready_context;
  void **owned; /* [owned_count], all allocations */
  size_t owned_count;
  bool separate; /* every output has memory of its own, but for views */
  bool failed;   /* an allocation has failed */
};

/* Returns the pass of layer i. */
ls_pass workspace_pass(const ls_workspace *w, size_t i, const ls_real *weights, bool training);

/* The part of a pass of `layer` that has shard number `shard` alone, for parameters' gradients that
 * begin at `gradient`. */
ls_pass workspace_shard_pass(const ls_workspace *w, const ls_layer *layer, const ls_pass *pass,
                             size_t shard, ls_real *gradient);

/* Elements of a sample's output of the trunk, where several heads start from it; else 0. */
size_t workspace_trunk_size(const ls_model *model);

#endif
