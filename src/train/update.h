/* From the gradients of all shards to new weights: the reduction, penalties on weights, clipping,
 * the optimiser, running means. */
#ifndef LS_TRAIN_UPDATE_H
#define LS_TRAIN_UPDATE_H

#include "lockstep/group.h"
#include "lockstep/optimizer.h"
#include "lockstep/plan.h"
#include "lockstep/reduce.h"

/* One parameter as a run of the flat vector. */
typedef struct update_range {
  size_t first, end;
  ls_penalty penalty;
  bool frozen, state;
  double momentum;
} update_range;

typedef struct updater {
  const ls_choice *optimizer;
  const ls_group *group;
  ls_reducer *reducer;
  update_range *ranges;
  size_t range_count;
  ls_real *slots[LS_MAX_SLOTS]; /* the optimiser's, for this rank's slice */
  size_t slice_first;
  int64_t step; /* steps done */
  double constants[LS_MAX_CONSTANTS];
  size_t block_count;

  /* Of the step in hand. */
  double learning_rate, samples;
  double *penalty_sums;
} updater;

/* Collective; all is borrowed. */
int updater_create(updater *u, const ls_plan *plan, const ls_group *group, ls_reducer *reducer);
void updater_destroy(updater *u);

/* Collective: joins the ranks' words (ls_reducer_apply) and, if they are 0, updates the weights
 * from the gradients that the shards have added, of `samples` samples together. Adds the penalties
 * that the weights had, times `samples`, to penalty_sums [block]; each block's on one rank only. */
int updater_step(updater *u, double learning_rate, size_t samples, uint32_t *word,
                 double *penalty_sums);

#endif
