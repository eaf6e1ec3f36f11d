/* How the samples of a plan are divided over steps, shards and ranks. Local. */
#ifndef LS_TRIAL_PLAN_LAYOUT_H
#define LS_TRIAL_PLAN_LAYOUT_H

#include "trial/plan.h"

/* The layout of the training samples: steps of a minibatch, cut into shards. */
ls_layout ls_plan_train_layout(const ls_plan *plan, size_t shards, size_t ranks);

/* The layout of an evaluation: one step whose shards are chunks of at most 256 samples. */
ls_layout ls_plan_evaluation_layout(size_t samples, size_t ranks);

/* The largest number of samples that a rank's workspace holds at a time. */
size_t ls_plan_capacity(const ls_plan *plan, size_t shards, size_t ranks);

#endif
