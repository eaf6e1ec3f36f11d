/* How far a trial has come: what its steps and epochs leave for the next. All that isn't the
 * trainer's arrays; together they are a moment that a checkpoint holds. */
#ifndef LS_TRIAL_TRIAL_STATE_H
#define LS_TRIAL_TRIAL_STATE_H

#include "store/checkpoint/checkpoint.h"
#include "trial/early_stopping.h"
#include "trial/trainer.h"

typedef struct course {
  size_t epoch, step;        /* epochs done; steps done of the next one */
  ls_trial_state ended;      /* how the trial has ended; LS_TRIAL_PENDING: it hasn't */
  double start, epoch_start; /* by the clock, as if earlier runs had ended when this one began */
  early_stopping stopping;
  double *rows;   /* [epoch, curve], of the epochs done */
  ls_moment best; /* a copy of this rank's share; arrays NULL: none yet */
} course;

int course_create(course *c, const trainer *t);
void course_destroy(course *c);

/* The moment as it stands. Its arrays are the trainer's; its hash is rank 0's. */
ls_moment course_now(const course *c, const trainer *t);

/* Keeps a copy of the moment as the best one. */
int course_keep_best(course *c, const trainer *t);

/* Allocates the arrays of the best moment, unless they are there. */
int course_make_room(course *c, const trainer *t);

/* Collective: the weights become those of the best moment. */
int course_restore_best(const course *c, trainer *t);

/* Collective: goes on from a moment whose weights and slots the trainer has in their places. */
int course_take(course *c, trainer *t, const ls_moment *now);

#endif
