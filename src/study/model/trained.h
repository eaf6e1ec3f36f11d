/* Trained models: opening one from its model file, its layers.
 *
 * A model comes with the plan of the trial that trained it (its dataset, split, heads), its
 * weights, and its transforms as fitted then. */
#ifndef LS_STUDY_MODEL_TRAINED_H
#define LS_STUDY_MODEL_TRAINED_H

#include "comm/group.h"
#include "store/digests.h"
#include "trial/plan.h"
#include "trial/target_scaling.h"

typedef struct ls_trained_options {
  const char *dataset; /* name or file of the dataset to use, with all samples of its parts whatever
                          the job's split is; NULL: the job's */
  const char *metrics; /* additional ones: names, separated by commas; NULL: none */
} ls_trained_options;

typedef struct ls_trained {
  char *path;
  char *name; /* job and trial: "a3_cnn network=cnn6" */
  ls_job *job;
  size_t trial;                    /* its number in the job, from 0 */
  ls_plan *plan;                   /* with the dataset asked for */
  ls_transforms *transforms;       /* with what they have learnt from the job's own dataset */
  target_scaling targets;          /* as learnt then */
  double thresholds[LS_MAX_HEADS]; /* of heads of two classes */
  bool has_learnt;                 /* the file has that; else they are fitted again */
  ls_real *weights;                /* the flat vector */
  ls_digests digests; /* of the data that the job read; none where another dataset is used */
} ls_trained;

/* Collective. LS_INVALID, naming the file, if it is no model file of Lockstep's or its dataset
 * does not exist, has inputs of another shape, targets that do not fit the model, or other columns
 * or classes than its training data. */
int ls_trained_open(ls_trained **out, const char *path, const ls_trained_options *options,
                    const ls_group *world);
void ls_trained_free(ls_trained **trained);

/* The same for a list [count]; those that were not opened are NULL. */
int ls_trained_open_all(ls_trained ***list, size_t count, const char *const *paths,
                        const ls_trained_options *options, const ls_group *world);
void ls_trained_free_all(ls_trained ***list, size_t count);

/* Creates a separate workspace for batches of up to `capacity` samples, whose outputs
 * (ls_model_activated) are in the units of the data. Local. */
int ls_trained_workspace(ls_workspace **out, const ls_trained *trained, size_t capacity);

#endif
