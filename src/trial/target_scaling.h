/* Scaling of targets, head by head: what it learns from the training samples, and its values in
 * model files. Losses compare outputs with scaled targets; metrics and predictions are in the units
 * of the data, as with TransformedTargetRegressor of scikit-learn. */
#ifndef LS_TRIAL_TARGET_SCALING_H
#define LS_TRIAL_TARGET_SCALING_H

#include "comm/group.h"
#include "data/pool.h"
#include "store/checkpoint/checkpoint.h"
#include "trial/plan.h"

/* A chain of one transform for each head that scales its target, else NULL. */
typedef struct target_scaling {
  ls_transforms *heads[LS_MAX_HEADS];
  size_t count; /* of heads */
} target_scaling;

/* Builds the transforms that the recipe names, for the heads of its model, without values;
 * `samples` is the number of samples that they will learn from. Local. LS_INVALID with the place in
 * the job. */
int target_scaling_create(target_scaling *out, const ls_recipe *recipe, const ls_model *model,
                          size_t samples);
void target_scaling_destroy(target_scaling *scaling);

/* Collective: learns from the training samples of a plan, which the pool has. */
int target_scaling_fit(target_scaling *scaling, const ls_plan *plan, ls_pool *pool);

/* Sets the values, which it reads from the model file `path`. Local. */
int target_scaling_read(target_scaling *scaling, const char *path);

/* Collective: the same; rank 0 reads. */
int target_scaling_restore(target_scaling *scaling, const char *path, const ls_group *group);

/* Makes a workspace of the model scale its targets. The values are borrowed. Local. */
void target_scaling_apply(const target_scaling *scaling, ls_workspace *workspace);

/* The values for a model file, and what they do to targets [head]; arrays are borrowed. Local. */
ls_learnt target_scaling_learnt(const target_scaling *scaling);
void target_scaling_describe(const target_scaling *scaling, ls_target_scaling *targets);

#endif
