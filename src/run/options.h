/* Options of a run: all that the job file does not say. */
#ifndef LS_RUN_OPTIONS_H
#define LS_RUN_OPTIONS_H

#include "run/packing.h"
#include "trial/trial.h"

#include <signal.h>
#include <stdbool.h>

/* How progress is shown: not at all, as a line per epoch, or live on a terminal. */
typedef enum ls_progress_mode {
  LS_PROGRESS_NONE,
  LS_PROGRESS_LINES,
  LS_PROGRESS_LIVE
} ls_progress_mode;

/* Whether ranks that find no more trials join those of other trials: if each rank has a core of its
 * own and it pays, in any case, or never. */
typedef enum ls_regroup { LS_REGROUP_AUTO, LS_REGROUP_ALWAYS, LS_REGROUP_NEVER } ls_regroup;

/* Borrowed by the run. `progress` and `regroup` are the same on all ranks. */
typedef struct ls_run_options {
  const char *results; /* path of the results file */
  const char *models;  /* path of the results file of the whole job, beside which models lie */
  ls_slice slice;      /* the trials to run */
  const char *command; /* the command line, for the record */
  const char *adopt;   /* a results file to take over trials from; NULL: none */
  ls_progress_mode progress;
  int width, height; /* columns and lines of the terminal; no lines: unlimited */
  ls_regroup regroup;
  bool profile; /* print where the time of each trial's steps went */
  ls_interval checkpoint_every;
  double watchdog;     /* seconds without progress after which to end the job; 0: never */
  double seconds_left; /* until the allocation ends; INFINITY: it does not */
  const volatile sig_atomic_t *stop_signal; /* set by a signal handler: stop soon */
} ls_run_options;

#endif
