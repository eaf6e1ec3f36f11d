/* The files of a trial: when checkpoints are due, writing them, resuming from one. */
#ifndef LS_TRIAL_SAVING_H
#define LS_TRIAL_SAVING_H

#include "base/data_description.h"
#include "base/memory.h"
#include "trial/trainer.h"
#include "trial/trial_state.h"

/* Removes the files of a trial, and their folder if nothing else is in it. Local; LS_FAILED if one
 * can't be removed. */
int ls_trial_remove_files(const char *results, size_t trial);

typedef struct saving {
  const ls_trial_files *files;  /* NULL: nothing is saved */
  char *folder;                 /* of the trial's files */
  char *last, *previous, *best; /* their paths */
  bool prepared;                /* on rank 0: the folder is there */
  char trial_name[256];
  const char *curve_names[LS_MAX_CURVES];
  ls_memory memory;                     /* on rank 0, of: */
  ls_data_description data;             /* of the dataset */
  double *thresholds, *best_thresholds; /* [thresholds_of_all], of the files last and best */
  int held_last, held_best;             /* on rank 0: descriptors of locked files; 0: none */
  double *sums;      /* [measure_sums_count], of the current epoch, over all ranks */
  size_t best_saved; /* epoch of the snapshot in the file `best` */
  double written;    /* on rank 0: clock when the last checkpoint was written */
  double takes;      /* on rank 0: seconds that it took */
} saving;

/* Collective over the trainer's group. */
int saving_create(saving *s, const ls_trial_files *files, const trainer *t);
void saving_destroy(saving *s);

/* Whether a checkpoint is due after the step that is trained next. Local; rank 0's answer counts.
 */
bool saving_due_after_step(const saving *s, const trainer *t);

/* Whether a checkpoint is due after the current epoch. Local, the same on all ranks. */
bool saving_due_after_epoch(const saving *s, const trial_state *state);

/* Collective: writes last.h5, and best.h5 where that is of an earlier best epoch. `now` is the
 * snapshot to save: the current one, or that of the best epoch. */
int saving_write(saving *s, const trainer *t, const trial_state *state, const ls_snapshot *now);

/* Collective: chooses the thresholds of the final weights, which the trainer has, and of those of
 * the best epoch, which may be the same (`best`), for the files that are written next; without a
 * job that wants some does nothing. */
int saving_tune_thresholds(saving *s, trainer *t, const trial_state *state, bool best);

/* Collective: resumes from last.h5 or, if that can't be used, previous.h5; *found tells whether
 * either exists. A file that can't be used is reported on standard error. LS_INVALID if there are
 * files, but none can be used. */
int saving_resume(saving *s, trainer *t, trial_state *state, bool *found);

#endif
