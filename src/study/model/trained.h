/* Trained models: opening one from its model file, and running samples through it.
 *
 * A model comes with the plan of the trial that it was trained in (its dataset, split, heads), its
 * weights and its transforms as they were fitted then. Samples go through it in pieces of at most
 * 256, the same pieces whoever computes them: a sum by pieces, or a value of each sample, has the
 * same bits on any number of ranks.
 *
 *   open model -> its samples -> inputs in memory -> infer: a call for each piece of them */
#ifndef LS_STUDY_MODEL_TRAINED_H
#define LS_STUDY_MODEL_TRAINED_H

#include "comm/group.h"
#include "trial/plan.h"

/* ---- The model ---------------------------------------------------------------------------------
 */

typedef struct ls_trained_options {
  const char *dataset; /* name or file of one to take the place of the job's; NULL: the job's */
  const char *metrics; /* more than the job's: names, separated by commas; NULL: none */
} ls_trained_options;

typedef struct ls_trained {
  char *path;
  char *name; /* job and trial: "a3_cnn network=cnn6" */
  ls_job *job;
  size_t trial;              /* its number in the job, from 0 */
  ls_plan *plan;             /* with the dataset asked for */
  ls_transforms *transforms; /* fitted on the job's own dataset */
  ls_real *weights;          /* the flat vector */
} ls_trained;

/* Collective. LS_INVALID, naming the file, if it is no model file of Lockstep's or its dataset
 * isn't there, has inputs of another shape, or targets that the model doesn't fit. */
int ls_trained_open(ls_trained **out, const char *path, const ls_trained_options *options,
                    const ls_group *world);
void ls_trained_free(ls_trained **trained);

/* The number of the layer that a name of the job (or a made one: dense_1) stands for: of its last
 * stage, which is its activation where it has one. Numbers from the model's layer_count on are the
 * activations that the losses of its heads fuse. LS_INVALID, with the nearest name or all of them,
 * if there is no such layer. Local. */
int ls_trained_layer(const ls_trained *trained, const char *name, size_t *layer);

/* Of a layer by that number: its output's shape, and the output [sample, ...] after a batch has
 * gone through the model in a whole workspace. Local. */
ls_shape ls_trained_shape(const ls_trained *trained, size_t layer);
const ls_real *ls_trained_output(const ls_trained *trained, ls_workspace *workspace, size_t layer);

/* Runs the model from behind a layer (below layer_count) on: `codes` [n, ...] take the place of its
 * output. The workspace is a whole one for at least n samples; what comes out is there
 * (ls_trained_output, ls_model_activated). Local. */
void ls_trained_decode(const ls_trained *trained, ls_workspace *workspace, size_t layer, size_t n,
                       const ls_real *codes);

/* ---- Samples -----------------------------------------------------------------------------------
 */

typedef enum ls_split_name { LS_SPLIT_TRAIN, LS_SPLIT_VALIDATION, LS_SPLIT_TEST } ls_split_name;

/* train, validation or test; LS_INVALID naming the option. Local. */
int ls_split_name_read(ls_split_name *out, const char *option, const char *text);

/* The numbers of the samples that the trial's split and subset put there, in ascending order, and
 * the part of the dataset that they are of. Where the validation is on the test part, test and
 * validation are the same. LS_INVALID if there are none. Local. */
int ls_trained_samples(ls_samples *samples, ls_part *part, const ls_trained *trained,
                       ls_split_name which);

/* Samples in memory, spread over the ranks of a world, to run models on. */
typedef struct ls_inputs {
  const ls_dataset *dataset;
  ls_part part;
  uint32_t *numbers; /* [count] */
  size_t count, pieces;
  const ls_group *world;
  ls_peers peers;
  ls_pool *pool;
  ls_feed *feed;
} ls_inputs;

/* Collective: the given samples of a part of a dataset, which like the world is borrowed. */
int ls_inputs_create(ls_inputs **out, const ls_dataset *dataset, ls_part part,
                     const ls_samples *samples, const ls_group *world);
void ls_inputs_free(ls_inputs **inputs);

/* ---- Inference ---------------------------------------------------------------------------------
 */

/* One piece, after it has gone through the model. Everything is borrowed. */
typedef struct ls_chunk {
  size_t number;           /* of the piece */
  size_t first, n;         /* its samples' places in the order of the inputs */
  const uint32_t *ids;     /* [n], their numbers in the part of the dataset */
  const ls_real *images;   /* [n, ...], inputs as in the dataset, scaled */
  const ls_real *seen;     /* [n, ...], the same after `change` and `through`, before transforms */
  ls_workspace *workspace; /* of the model, whole: its batch (inputs as the model got them, targets)
                              and all outputs */
} ls_chunk;

typedef struct ls_inference {
  const ls_trained *model;
  const ls_trained *through; /* its output takes the place of the input; NULL: none */
  /* Changes inputs [n, ...] in place, before anything else; NULL: nothing does. Targets that are
   * the input itself are what it was before. */
  void (*change)(const void *context, size_t n, const uint32_t *ids, ls_real *images);
  const void *change_context;
  /* Called for each piece on the one rank that has it; returns an ls_status. */
  int (*visit)(void *context, const ls_chunk *piece);
  void *visit_context;
} ls_inference;

/* LS_INVALID if what comes out of `through` isn't what goes into the model. Local. */
int ls_inference_check(const ls_inference *inference);

/* Collective: runs all inputs through the model. */
int ls_infer(const ls_inputs *inputs, const ls_inference *inference);

#endif
