/* How far a trial has come: what its steps and epochs leave for the next. All that isn't the
 * trainer's arrays; together they are a moment that a checkpoint holds. */
#ifndef LS_TRIAL_TRIAL_STATE_H
#define LS_TRIAL_TRIAL_STATE_H

#include "store/checkpoint/checkpoint.h"
#include "trial/early_stopping.h"
#include "trial/trainer.h"

typedef struct trial_state {
  size_t epoch, step;        /* epochs done; steps done of the next one */
  ls_trial_status ended;     /* how the trial has ended; LS_TRIAL_PENDING: it hasn't */
  double start, epoch_start; /* by the clock, as if earlier runs had ended when this one began */
  early_stopping stopping;
  double *rows;     /* [epoch, curve], of the epochs done */
  ls_snapshot best; /* a copy of this rank's share; arrays NULL: none yet */
} trial_state;

int trial_state_create(trial_state *c, const trainer *t);
void trial_state_destroy(trial_state *c);

/* The moment as it stands. Its arrays are the trainer's; its hash is rank 0's. */
ls_snapshot trial_state_snapshot(const trial_state *c, const trainer *t);

/* Keeps a copy of the moment as the best one. */
int trial_state_keep_best(trial_state *c, const trainer *t);

/* Allocates the arrays of the best moment, unless they are there. */
int trial_state_reserve_best(trial_state *c, const trainer *t);

/* Collective: the weights become those of the best moment. */
int trial_state_restore_best(const trial_state *c, trainer *t);

/* Collective: goes on from a moment whose weights and slots the trainer has in their places. */
int trial_state_resume(trial_state *c, trainer *t, const ls_snapshot *now);

#endif
