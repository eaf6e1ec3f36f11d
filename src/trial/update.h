/* The update of the weights, from the gradients of all shards: the reduction, penalties on weights,
 * clipping, weight decay, the optimiser, running means.
 *
 * A range is a parameter: elements of the flat vector. The vector is cut into blocks (LS_BLOCK,
 * comm/reduce.h); the elements of one range in one block are a segment. Segments are numbered
 * through all ranges, and each is processed on one rank. */
#ifndef LS_TRIAL_UPDATE_H
#define LS_TRIAL_UPDATE_H

#include "comm/group.h"
#include "comm/reduce.h"
#include "lockstep/optimizer.h"
#include "trial/plan.h"

typedef struct update_range {
  size_t first, end;
  size_t first_segment;
  int rank; /* dimensions of the parameter */
  ls_penalty penalty;
  bool frozen;
  bool state; /* a running mean, not updated by the optimiser */
  double momentum;

  /* Of the current step. */
  double clip; /* factor of the gradient */
  double weights_norm, gradient_norm;
} update_range;

/* The stages of a step, in their order. A block can pass through all stages at once, unless a stage
 * needs norms of whole parameters (norms_before). */
typedef enum update_stage {
  UPDATE_RECEIVE, /* running means; penalties added to the gradient */
  UPDATE_ADJUST,  /* clipping, weight decay, the optimiser's own preparations */
  UPDATE_WEIGHTS,
  UPDATE_STAGES,
} update_stage;

typedef struct updater {
  const ls_choice *optimizer;
  const ls_group *group;
  ls_reducer *reducer;
  update_range *ranges;
  size_t range_count;
  size_t segment_count;
  ls_real *slots[LS_MAX_ARRAYS]; /* the optimiser's, packed: for this rank's partition; then */
  ls_real *average;              /* the moving average of the weights; NULL: none */
  bool averaged;                 /* weights and average have been exchanged */
  ls_block_cyclic partition;
  int64_t step; /* steps completed */
  double constants[LS_MAX_CONSTANTS];
  bool norms_before[UPDATE_STAGES]; /* whether a stage needs norms, of what the stage before left */
  double *squares;                  /* [2][segment], sums of squares of gradient and weights */

  /* Of the current step. */
  double learning_rate, samples;
  double *penalty_sums;
  update_stage from, to; /* the current pass: stages from .. to - 1 */
} updater;

/* Collective. Plan, group and reducer are borrowed. */
int updater_create(updater *u, const ls_plan *plan, const ls_group *group, ls_reducer *reducer);
void updater_destroy(updater *u);

/* Begins a step of `samples` samples. Weights are updated as soon as gradients are complete,
 * between this and updater_end, unless norms of the whole gradient are needed. Adds the penalties
 * on the weights before the update, times `samples`, to penalty_sums [block]; those of a block on
 * one rank only. */
int updater_begin(updater *u, double learning_rate, size_t samples, double *penalty_sums);

/* Collective, once the shards' gradients were added: updates the remaining weights. *flags has this
 * rank's status flags before, and the union over ranks after. */
int updater_end(updater *u, uint32_t *flags);

/* Collective: exchanges the weights and their moving average, if there is one, unless they already
 * are as wanted: training ends with the average, and resumes from the weights. */
int updater_set_averaged(updater *u, bool averaged);

/* The number of arrays of the size of the weights that are kept from step to step: the optimiser's
 * slots and the moving average of the weights. Local. */
size_t updater_array_count(const ls_choice *optimizer);

/* Resumes after `step` steps; the slots and `averaged` are already in place. Local. */
void updater_resume(updater *u, int64_t step);

#endif
