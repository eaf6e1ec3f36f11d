/* The trainer of one trial: what its steps, epochs and evaluations work with, created once. */
#ifndef LS_TRIAL_TRAINER_H
#define LS_TRIAL_TRAINER_H

#include "comm/shared_memory.h"
#include "data/shuffle.h"
#include "nn/division.h"
#include "nn/shards.h"
#include "trial/callbacks.h"
#include "trial/evaluation.h"
#include "trial/measure_sums.h"
#include "trial/plateau.h"
#include "trial/profile.h"
#include "trial/target_scaling.h"
#include "trial/update.h"

/* The current step. */
typedef struct trainer_step_state {
  size_t epoch, step; /* from 0 */
  size_t samples;     /* of the minibatch */
  size_t own_samples; /* of this rank's shards */
  double own_loss;    /* the sum of their losses */
} trainer_step_state;

typedef struct trainer {
  const ls_plan *plan;
  const ls_group *group;
  const ls_callbacks *callbacks;
  size_t shard_count;  /* of a minibatch */
  size_t first_shard;  /* of this rank */
  ls_shards shards;    /* this rank's, of the current step */
  ls_reducer *reducer; /* has the weights */
  updater updater;
  plateau plateau; /* reduces the schedule's rate */
  ls_transforms *transforms;
  target_scaling targets;
  ls_workspace *workspace;
  ls_division division;          /* of layers among the ranks of the node */
  ls_shared_memory *node_memory; /* in which they exchange samples; NULL: no layer is divided */
  ls_feed *feed;                 /* of the training samples */
  ls_shuffle shuffle;            /* their order */
  measure_sums sums;             /* of the current epoch; a row for each shard */
  evaluation validation;
  evaluation test; /* its feed is NULL where there are no test samples beside the validation's */
  profile profile;
  trainer_step_state current;
} trainer;

/* Collective over the group: everything for the first step, with the initial weights. All is
 * borrowed. */
int trainer_create(trainer *t, const ls_plan *plan, size_t shards, const ls_group *group,
                   ls_pool *const *pools, const ls_callbacks *callbacks);

/* Collective. */
void trainer_destroy(trainer *t);

#endif
