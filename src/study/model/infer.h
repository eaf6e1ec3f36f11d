/* Inference: samples in the memory of the ranks, and running them through trained models.
 *
 * Samples go through a model in chunks of at most 256, the same chunks for any number of ranks. A
 * sum by chunks, or a value of each sample, therefore has the same bits on any number of ranks. */
#ifndef LS_STUDY_MODEL_INFER_H
#define LS_STUDY_MODEL_INFER_H

#include "study/model/perturb.h"
#include "study/model/samples.h"

/* Samples in memory, partitioned over the ranks of a world. */
typedef struct ls_inputs {
  const ls_dataset *dataset;
  size_t count;
  ls_layout layout; /* whose shards are the chunks */
  const ls_group *world;
  ls_peers peers;
  ls_pool *pool;
  ls_feed *feed;
} ls_inputs;

/* Collective: the given samples of a part of a dataset, which like the world is borrowed. */
int ls_inputs_create(ls_inputs **out, const ls_dataset *dataset, ls_part part,
                     const ls_samples *samples, const ls_group *world);
void ls_inputs_free(ls_inputs **inputs);

/* A chunk after it has gone through the model. Everything is borrowed. */
typedef struct ls_chunk {
  const ls_trained *model;
  size_t number;         /* of the chunk */
  size_t first, n;       /* positions of its samples in the order of the inputs */
  const uint32_t *ids;   /* [n], their numbers in the part of the dataset */
  const ls_real *images; /* [n, ...], inputs as in the dataset, scaled */
  const ls_real
      *seen; /* [n, ...], the same after the perturbation and `through`, before transforms */
  ls_workspace *workspace; /* of the model: its batch (inputs after transforms, targets) and the
                              outputs of all layers */
} ls_chunk;

/* An array [sample] of items of `bytes` bytes, which `take` or, where that is NULL, `visit` sets
 * for the samples of a chunk. */
typedef struct ls_gathered {
  void *items;
  size_t bytes;
  void (*take)(void *items, size_t number, const ls_chunk *chunk); /* `items`: the chunk's */
  size_t number; /* of a layer (see ls_trained_layer) or head */
} ls_gathered;

/* Take arrays of ls_real: inputs as the model sees them (`seen`), the output of a layer, of a head
 * after its last activation. */
void ls_take_seen(void *items, size_t number, const ls_chunk *chunk);
void ls_take_layer(void *items, size_t number, const ls_chunk *chunk);
void ls_take_head(void *items, size_t number, const ls_chunk *chunk);

typedef struct ls_inference {
  const ls_trained *model;
  const ls_trained *through; /* its output replaces the input; NULL: none */
  /* Changes inputs before anything else; NULL: none. A target that is the input itself stays
   * unchanged. */
  const ls_perturbation *perturbation;
  size_t level;  /* the number of its level */
  uint64_t seed; /* of its random numbers */
  /* Called for each chunk on the one rank that has it, after the arrays have taken theirs; returns
   * an ls_status. NULL: nothing is called. */
  int (*visit)(void *context, const ls_chunk *chunk);
  void *visit_context;
  const ls_gathered *gathered; /* completed on all ranks at the end; the list ends with a NULL */
} ls_inference;

/* LS_INVALID if the outputs of `through` are not inputs of the model. Local. */
int ls_inference_check(const ls_inference *inference);

/* Collective: runs all inputs through the model. */
int ls_infer(const ls_inputs *inputs, const ls_inference *inference);

/* Collective: the same for samples that are used once. */
int ls_infer_samples(const ls_inference *inference, ls_part part, const ls_samples *samples,
                     const ls_group *world);

/* Collective: sets `outputs` [sample, ...], on all ranks, to those of a layer (see
 * ls_trained_layer). LS_FAILED, naming the sample, if one is not finite. */
int ls_infer_layer(ls_real *outputs, const ls_trained *model, size_t layer, ls_part part,
                   const ls_samples *samples, const ls_group *world);

#endif
