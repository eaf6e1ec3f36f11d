/* Running a job: all its trials, over groups of ranks, into one results file. */
#ifndef LS_RUN_RUN_H
#define LS_RUN_RUN_H

#include "comm/group.h"
#include "job/job.h"
#include "run/packing.h"
#include "trial/trial.h"

#include <signal.h>

/* How progress is shown: on a terminal live, else a line per epoch; or nothing. */
typedef enum ls_progress_mode {
  LS_PROGRESS_NONE,
  LS_PROGRESS_LINES,
  LS_PROGRESS_LIVE
} ls_progress_mode;

/* Whether ranks that find no trial any more join those of others: where each has a core of its own
 * and it pays, in any case, or never. */
typedef enum ls_regroup { LS_REGROUP_AUTO, LS_REGROUP_ALWAYS, LS_REGROUP_NEVER } ls_regroup;

typedef struct ls_run_options {
  const char *results;       /* path of the results file */
  const char *models;        /* the same, or that beside which the models are to lie */
  ls_slice slice;            /* the trials to run */
  const char *command;       /* the command line, for the record */
  ls_progress_mode progress; /* the same on all ranks */
  int width;                 /* columns of the terminal */
  ls_regroup spread;         /* the same on all ranks */
  bool profile;              /* print where the time of each trial's steps went */
  ls_interval checkpoint_every;
  double watchdog;     /* end the job after so many seconds without progress; 0: never */
  double seconds_left; /* stop before so much time has passed; infinite: never */
  const volatile sig_atomic_t *stopping; /* set by a signal handler: stop soon */
} ls_run_options;

/* How many trials of the slice are in which state in the end. `waiting`: left for another run. */
typedef struct ls_run_summary {
  size_t trials, done, diverged, failed, waiting;
  size_t already; /* of those, before this run */
  double seconds;
} ls_run_summary;

/* Collective over the world. Runs every trial of the slice that the results file does not hold yet:
 * groups of ranks take them from the longest to the shortest, and larger groups go on with those
 * that are left when there are fewer trials than groups. A trial that fails or diverges is
 * recorded, and the others go on. Returns LS_OK if all trials are done; LS_FAILED where some are
 * not, with the first failure's message; LS_STOPPED where asked to stop; or what kept the job from
 * starting. The same on all ranks. */
int ls_run_job(const ls_job *job, const ls_run_options *options, const ls_group *world,
               ls_run_summary *summary);

#endif
