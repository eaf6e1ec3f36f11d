/* Which samples a trial trains, validates and tests with: its subset and its split. */
#ifndef LS_TRIAL_SAMPLES_H
#define LS_TRIAL_SAMPLES_H

#include "data/dataset.h"
#include "data/split.h"
#include "job/job.h"
#include "trial/recipe.h"

/* Computes the split of a trial's dataset as its recipe describes it; labels are read only where
 * samples are chosen by class. Local. LS_INVALID with the place in the job. */
int samples_split(ls_split *split, const ls_dataset *dataset, const ls_recipe *recipe,
                  const ls_job *job, size_t trial);

/* Whether blocks of consecutive training samples are shuffled, with a buffer that is smaller than
 * the split (data/shuffle.h). Training samples are then in ascending order. */
bool samples_shuffle_blocks(const ls_recipe *recipe, const ls_split *split);

/* Whether two trials of a job have the same split, if they have the same dataset. */
bool samples_same(const ls_job *job, const ls_recipe *recipe, size_t trial, const ls_recipe *other,
                  size_t other_trial);

#endif
