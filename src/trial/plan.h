/* A plan: one trial of a job worked out in full, before anything runs: its values, its dataset, the
 * split, the model, the names of its curves. Local; the same on every rank. */
#ifndef LS_TRIAL_PLAN_H
#define LS_TRIAL_PLAN_H

#include "data/dataset.h"
#include "data/feed.h"
#include "data/split.h"
#include "job/job.h"
#include "nn/model/model.h"
#include "trial/recipe.h"

enum { LS_MAX_CURVES = 2 * LS_MAX_MEASURES + 2 };

/* A curve: one value an epoch. `units` is "1" for a plain number. `better` is 1 where a higher
 * value is better, -1 where a lower one is, 0 where it is not a measure of the model. */
typedef struct ls_curve {
  char name[LS_MAX_NAME];
  char long_name[96];
  const char *units;
  int better;
} ls_curve;

typedef struct ls_plan {
  ls_recipe recipe;
  ls_dataset *dataset;
  ls_split split;
  ls_transforms *transforms; /* which have learnt nothing yet */
  ls_shape input;            /* of the model: what comes out of them */
  ls_model *model;
  uint64_t seed;
  size_t epochs, batch, steps; /* steps of one epoch */
  ls_head_spec heads[LS_MAX_HEADS];
  size_t head_target[LS_MAX_HEADS]; /* numbers of their targets in the dataset */
  /* The model's measures, the same as val_..., learning_rate, epoch_seconds. */
  ls_curve curves[LS_MAX_CURVES];
  size_t curve_count;
  ls_curve finals[LS_MAX_MEASURES]; /* the measures on the split's test samples, as test_... */
  size_t monitor;                   /* the curve that makes an epoch the best one so far */
  bool monitor_higher;              /* whether more of it is better */
  size_t plateau;                   /* the curve that reduce_lr_on_plateau watches */
  bool plateau_higher;
  size_t headline; /* the curve by which final results are compared */
} ls_plan;

/* The path of a trial's dataset file, which need not exist; to be freed. */
int ls_plan_dataset_path(char **out, const ls_recipe *recipe);

/* LS_INVALID with the place in the job file where dataset, split or model don't work out. */
int ls_plan_create(ls_plan **out, const ls_job *job, size_t trial);
void ls_plan_free(ls_plan **plan);

/* Whether the trial takes samples from that part of its dataset. */
bool ls_plan_uses(const ls_plan *plan, ls_part part);

/* How the training samples go to shards and ranks. */
ls_layout ls_plan_train_layout(const ls_plan *plan, size_t shards, size_t ranks);

/* Likewise for an evaluation: one pass whose shards are pieces of at most 256 samples, whoever
 * evaluates them. */
ls_layout ls_plan_evaluation_layout(size_t samples, size_t ranks);

/* Samples that a rank's workspace has to hold. */
size_t ls_plan_capacity(const ls_plan *plan, size_t shards);

#endif
