/* The machinery of one trial: what a step, an epoch and a validation need, made once. */
#ifndef LS_TRIAL_TRAINER_H
#define LS_TRIAL_TRAINER_H

#include "trial/plateau.h"
#include "trial/profile.h"
#include "trial/trial.h"
#include "trial/update.h"

/* What ranks tell one another in a step: that a loss is not finite, with which the step ends; that
 * one was asked to stop, or that a checkpoint is due, after the step. */
enum { STATUS_NOT_FINITE = 1, STATUS_STOP = 2, STATUS_SAVE = 4 };

/* A pass over samples that are only measured. */
typedef struct evaluation {
  size_t samples;
  ls_feed *feed;
  double *sums; /* [piece][measure] */
  size_t piece_count;
} evaluation;

typedef struct trainer {
  const ls_plan *plan;
  const ls_group *group;
  const ls_watch *watch;
  size_t shards;
  ls_reducer *reducer;
  updater updater;
  ls_transforms *transforms;
  ls_workspace *workspace;
  ls_feed *train_feed;
  evaluation validation, test; /* test has no samples where validation is on the test part */
  uint32_t *order;             /* [train_count], the epoch's permutation */
  plateau plateau;             /* lowers the schedule's rate; the trial watches */

  /* Sums over the epoch, exact parts of a total that doesn't depend on ranks: of each metric by
   * shard [shard][metric], and of the penalty by block of the flat vector. */
  double *sums;
  size_t sum_count, block_count;
  double *penalty_sums; /* behind sums */

  profile profile;
  double step_samples; /* of the step in hand */
} trainer;

/* All collective over the group. */
int trainer_create(trainer *t, const ls_plan *plan, size_t shards, const ls_group *group,
                   ls_pool *const *pools, const ls_watch *watch);
void trainer_destroy(trainer *t);

/* What the schedule says for a step of an epoch (both from 0). Local. */
double trainer_scheduled_rate(const trainer *t, size_t epoch, size_t step);

/* An epoch (from 0): its samples in their order, steps, and the loss with penalties and the metrics
 * as means over the samples. An epoch that an earlier run began goes on with that run's sums; else
 * they are cleared before. */
int trainer_begin_epoch(trainer *t, size_t epoch);
int trainer_step(trainer *t, size_t epoch, size_t step, uint32_t *word);
int trainer_end_epoch(trainer *t, double *means);

/* Clears the sums; adds them up over ranks into `totals` (collective); takes this rank's part of
 * such totals. */
void trainer_clear_sums(trainer *t);
int trainer_total_sums(const trainer *t, double *totals);
void trainer_take_sums(trainer *t, const double *totals);

/* The same means over the samples of an evaluation, with the weights as they are. */
int trainer_evaluate(trainer *t, evaluation *e, double *means);

#endif
