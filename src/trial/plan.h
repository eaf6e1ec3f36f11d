/* A plan: everything about one trial that is known before it runs: its values, dataset, split,
 * model and the names of its curves. Local; the same on every rank. */
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
  size_t trial;
  ls_recipe recipe;             /* the trial's values */
  const struct ls_plan *lender; /* the plan whose split this is; NULL: its own */
  bool borrows_dataset;         /* it is another plan's */
  bool evaluates_only;          /* on another dataset than the job's, see ls_plan_create_on */
  ls_dataset *dataset;
  ls_split split;
  ls_transforms *transforms; /* not fitted */
  ls_shape input;            /* of the model: the output of the transforms */
  ls_model *model;
  uint64_t seed;
  size_t epochs;
  size_t batch;                         /* samples of a minibatch */
  size_t shards;                        /* of a minibatch, unless results say otherwise */
  size_t steps;                         /* of one epoch */
  ls_head_spec heads[LS_MAX_HEADS + 1]; /* see ls_plan_head_specs */
  size_t head_target[LS_MAX_HEADS];     /* the number of each head's target in the dataset */
  size_t head_weight[LS_MAX_HEADS];     /* of its samples' weights in the dataset, or its count */
  double *class_weights[LS_MAX_HEADS];  /* [class], in the loss of training; NULL: 1 */
  ls_curve curves[LS_MAX_CURVES];       /* measures, val_ measures, learning_rate, epoch_seconds */
  size_t curve_count;
  ls_curve finals[LS_MAX_MEASURES]; /* measures on the split's test samples, as test_... */
  size_t monitor;                   /* the curve that determines the best epoch */
  bool monitor_higher;              /* whether a higher value of it is better */
  size_t plateau;                   /* the curve that reduce_lr_on_plateau watches */
  bool plateau_higher;              /* whether a higher value of it is better */
  size_t headline;                  /* the curve by which final results are compared */
} ls_plan;

/* The path of a trial's dataset file, which need not exist; to be freed. */
int ls_plan_dataset_path(char **out, const ls_recipe *recipe);

/* The trial's dataset as the job names it: a name, or the path of a file. */
const char *ls_plan_dataset_name(const ls_plan *plan);

/* The first of the plan's files, as the job names it, that is not in the job's folder and was
 * found in the working directory instead; NULL if there is none. */
int ls_plan_misplaced_file(const char **out, const ls_plan *plan);

/* Fills in the heads of a recipe, borrowed from it and still without their targets; of a model
 * without any, the one that its `train` section describes. Returns the recipe's number of heads;
 * where that is too large for a model, the first that is too many is the last one filled in, and
 * ls_model_create reports it. */
size_t ls_plan_head_specs(ls_head_spec specs[LS_MAX_HEADS + 1], const ls_recipe *recipe);

/* LS_INVALID with the place in the job file where dataset, split or model is wrong. */
int ls_plan_create(ls_plan **out, const ls_job *job, size_t trial);

/* The same, for plans of many trials: takes dataset and split from those of `others`, plans of the
 * same job which have to live longer, where one has the same. */
int ls_plan_create_beside(ls_plan **out, const ls_job *job, size_t trial,
                          const ls_plan *const *others, size_t count);

/* The same on another dataset, the file `dataset`: its split is all samples of each part, of which
 * the test part is also that of validation. For evaluation only: parts may be empty, transforms are
 * not to be fitted, and classes have no weights. */
int ls_plan_create_on(ls_plan **out, const ls_job *job, size_t trial, const char *dataset);
void ls_plan_free(ls_plan **plan);

/* Whether the trial takes samples from that part of its dataset. */
bool ls_plan_uses(const ls_plan *plan, ls_part part);

/* Whether the trial shuffles blocks of its training samples, each node having all samples. */
bool ls_plan_shuffles_blocks(const ls_plan *plan);

/* Whether the bits of the results depend on the BLAS library and its kernels. */
bool ls_plan_uses_blas(const ls_plan *plan);

#endif
