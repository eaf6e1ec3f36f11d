/* Reading batches: the samples of a shard, or of an evaluation chunk, as input of the model. */
#ifndef LS_TRIAL_BATCH_H
#define LS_TRIAL_BATCH_H

#include "data/feed.h"
#include "nn/model/model.h"
#include "nn/shards.h"
#include "trial/plan.h"

/* Fills the workspace's batch, for evaluation, with the samples of a shard at a step; returns their
 * number. Inputs go to `x` [sample, ...], or to those of the batch where it is NULL. Local. */
size_t batch_read(const ls_plan *plan, ls_workspace *workspace, const ls_feed *feed, size_t step,
                  size_t shard, ls_real *x);

/* Fills the batch, for training, with the samples of all of this rank's shards at a step, and sets
 * how they are divided; returns their number. Local. */
size_t batch_read_shards(const ls_plan *plan, ls_workspace *workspace, const ls_feed *feed,
                         size_t step, size_t first_shard, ls_shards *shards);

#endif
