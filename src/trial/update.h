/* From the gradients of all shards to new weights: the reduction, penalties on weights, clipping,
 * weight decay, the optimiser, running means. */
#ifndef LS_TRIAL_UPDATE_H
#define LS_TRIAL_UPDATE_H

#include "comm/group.h"
#include "comm/reduce.h"
#include "lockstep/optimizer.h"
#include "trial/plan.h"

/* One parameter as a run of the flat vector. It is cut where blocks begin; its pieces are numbered
 * from first_piece on. */
typedef struct update_range {
  size_t first, end, first_piece;
  int rank; /* dimensions */
  ls_penalty penalty;
  bool frozen, state;
  double momentum;

  /* Of the step in hand: the factor that clips the gradient; norms. */
  double clip, weights_norm, gradient_norm;
} update_range;

/* What is done in a step, in this order. Each needs the one before for its own weights only, unless
 * the updater's norms_before says otherwise. */
typedef enum update_stage {
  UPDATE_RECEIVE, /* running means; penalties into the gradient */
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
  ls_real *slots[LS_MAX_SLOTS]; /* the optimiser's, for this rank's share */
  ls_block_cyclic share;
  int64_t step; /* steps done */
  double constants[LS_MAX_CONSTANTS];
  size_t piece_count;
  bool norms_before[UPDATE_STAGES]; /* the stage needs norms, as the one before leaves them */
  double *squares;                  /* [2][piece], sums of squares of gradient and weights */

  /* Of the step in hand. */
  double learning_rate, samples;
  double *penalty_sums;
  update_stage from, to; /* the pass in hand */
} updater;

/* Collective; all is borrowed. */
int updater_create(updater *u, const ls_plan *plan, const ls_group *group, ls_reducer *reducer);
void updater_destroy(updater *u);

/* Begins a step of `samples` samples. Weights are updated as soon as gradients are complete,
 * between this and updater_end, unless norms of the whole gradient are needed. Adds the penalties
 * that the weights had, times `samples`, to penalty_sums [block]; each block's on one rank only. */
int updater_begin(updater *u, double learning_rate, size_t samples, double *penalty_sums);

/* Collective, once the shards' gradients were added: updates the rest, and joins the ranks' words
 * (ls_reducer_end). */
int updater_end(updater *u, uint32_t *word);

/* Goes on after `step` steps, whose slots are in their places. */
void updater_resume(updater *u, int64_t step);

#endif
