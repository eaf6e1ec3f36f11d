/* The state of a trial between steps: everything that isn't in the trainer's arrays. The two
 * together make the snapshot that a checkpoint holds. */
#ifndef LS_TRIAL_TRIAL_STATE_H
#define LS_TRIAL_TRIAL_STATE_H

#include "store/checkpoint/snapshot.h"
#include "trial/early_stopping.h"
#include "trial/trainer.h"

typedef struct trial_state {
  size_t epoch;          /* epochs completed */
  size_t step;           /* steps completed of the next epoch */
  ls_trial_status ended; /* how the trial has ended; LS_TRIAL_PENDING: it hasn't */
  double start;          /* clock at the trial's start, later by the time between earlier runs and
                            by pauses */
  double epoch_start;    /* the same of the current epoch */
  double paused;         /* seconds of the process's pauses that are taken into account */
  early_stopping stopping;
  double *rows;     /* [epoch, curve], of the epochs completed */
  ls_snapshot best; /* of the best epoch: this rank's partition; arrays NULL: none yet */
} trial_state;

int trial_state_create(trial_state *state, const trainer *t);
void trial_state_destroy(trial_state *state);

/* The current snapshot. Its arrays are the trainer's (borrowed); its hash is set on rank 0 only. */
ls_snapshot trial_state_snapshot(const trial_state *state, const trainer *t);

/* Copies the current snapshot to `best`. */
int trial_state_keep_best(trial_state *state, const trainer *t);

/* Allocates the arrays of `best`, unless they exist. */
int trial_state_reserve_best(trial_state *state, const trainer *t);

/* Collective: leaves the latest pause out of the trial's and the epoch's time: of any rank, since
 * all wait for each. */
int trial_state_leave_out_pauses(trial_state *state, const trainer *t);

/* Collective: sets the weights to those of the best epoch. */
int trial_state_restore_best(const trial_state *state, trainer *t);

/* Collective: resumes from the scalars of a snapshot whose arrays the trainer already has. */
int trial_state_resume(trial_state *state, trainer *t, const ls_snapshot_scalars *from);

#endif
