/* What the caller of a trial provides: callbacks that follow its training, and its files. */
#ifndef LS_TRIAL_CALLBACKS_H
#define LS_TRIAL_CALLBACKS_H

#include "job/extension.h"
#include "store/digests.h"
#include "trial/interval.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* The files of a trial are FOLDER/trial_N/{last,previous,best}.h5, FOLDER being the path of the
 * results file without its extension and N the trial's number from 1. */
typedef struct ls_trial_files {
  const char *results;
  const ls_job *job;
  size_t trial;
  const ls_digests *digests; /* the data that the job reads; on rank 0 */
  ls_compared_job *recorded; /* the job of the latest checkpoint that was read */
  ls_interval interval;
  bool resume; /* resume from a checkpoint if there is one; else old files are removed */
  bool late;   /* the folder is made with the first file, which there may be none of */
} ls_trial_files;

/* All is borrowed. A failure that `start`, `epoch` or `write` returns ends the trial. */
typedef struct ls_callbacks {
  void *context;

  /* On every rank, once a step: whether it was asked to stop. */
  bool (*stop)(void *context);

  /* On every rank, after a step: the mean loss of the rank's own samples. */
  void (*step)(void *context, size_t epoch, size_t step, double loss);

  /* On rank 0, before the first step: the number of epochs and steps completed, and the curves
   * [epoch, curve] of these epochs, where the trial was resumed from a checkpoint. */
  int (*start)(void *context, size_t epochs, size_t step, const double *rows);

  /* On rank 0, after an epoch: a value for each curve of the plan. LS_STOPPED stops the trial here,
   * unless it has ended anyway. */
  int (*epoch)(void *context, size_t epoch, const double *curves);

  /* On rank 0, before a file is written. */
  int (*write)(void *context);

  /* On rank 0, when the trial has ended: whether its models are kept. `value` is that of the curve
   * by which results are compared, with the final weights; NaN: it has none. */
  bool (*keep)(void *context, double value);

  const ls_trial_files *files; /* NULL: nothing is saved */
  FILE *profile;               /* where rank 0 prints the profile of its steps; NULL: nowhere */
} ls_callbacks;

#endif
