/* The files of a trial: when checkpoints are due, writing them, going on from one. */
#ifndef LS_TRIAL_SAVING_H
#define LS_TRIAL_SAVING_H

#include "trial/trainer.h"
#include "trial/trial_state.h"

typedef struct saving {
  const ls_trial_files *files; /* NULL: nothing is saved */
  char *folder, *last, *previous, *best;
  char trial_name[256];
  const char *curve_names[LS_MAX_CURVES];
  double *sums;          /* [trainer's sum_count] */
  size_t best_saved;     /* epoch of the moment in the file `best` */
  double written, takes; /* on rank 0: when the last one was, and how many seconds it took */
} saving;

/* Collective over the trainer's group. */
int saving_create(saving *s, const ls_trial_files *files, const trainer *t);
void saving_destroy(saving *s);

/* Whether a checkpoint is due after the step, or the epoch, that is to be done next. The first is
 * rank 0's to say. */
bool saving_due_after_step(const saving *s, const trainer *t);
bool saving_due_after_epoch(const saving *s, const trial_state *c);

/* Collective: writes last.h5, and best.h5 where that is of an older moment. `now` is the moment to
 * be saved: as it stands, or the best one. */
int saving_write(saving *s, const trainer *t, const trial_state *c, const ls_snapshot *now);

/* Collective: goes on from last.h5 or, if that can't be used, previous.h5; *found tells whether
 * there was one. A file that can't be used is named on standard error. LS_INVALID if there are
 * files, but none can be used. */
int saving_resume(saving *s, trainer *t, trial_state *c, bool *found);

#endif
