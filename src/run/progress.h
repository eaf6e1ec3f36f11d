/* Progress of a run: the leaders of groups write what they do to slots of the shared counter. Of
 * these rank 0 draws the live view (live.h) and publishes the status file (publisher.h). Instead of
 * the view there may be one line per epoch from each leader. Local, but for the access to the
 * slots. */
#ifndef LS_RUN_PROGRESS_H
#define LS_RUN_PROGRESS_H

#include "comm/shared_counter.h"
#include "run/options.h"
#include "run/packing.h"
#include "run/publisher.h"
#include "status/status.h"
#include "trial/trial.h"

/* What a leader posts. All doubles, so that a copy that mixes old and new data is still valid. */
typedef struct progress_post {
  double trial; /* from 0; -1: none */
  double epoch; /* from 1 */
  double epochs;
  double epoch_done; /* fraction of the epoch */
  double loss, metric, val_metric;
  double rate; /* samples per second */
  double seconds_left;
  double finished; /* trials that this group has finished */
  double work;     /* estimated seconds of work that it has done */
} progress_post;

/* Start from {.job, .options, .whole}. */
typedef struct progress {
  const ls_job *job;
  const ls_run_options *options;
  const ls_packing *whole;   /* of the whole run: its trials, and their estimated seconds */
  const ls_packing *packing; /* of the current groups */
  ls_shared_counter *queue;
  size_t groups;                /* whose posts are read, on rank 0; 0: between two rounds */
  size_t group;                 /* this rank's: the number of its slot */
  bool leader;                  /* prints lines, or posts */
  bool draws_live;              /* draws the live view */
  publisher *publisher;         /* on rank 0, may be NULL */
  node_table *nodes;            /* may be NULL */
  ls_trial_status_row *running; /* [group], on rank 0: for progress_status */
  char (*names)[256];           /* [group], of these trials */
  progress_post post;
  const ls_plan *plan; /* of the current trial */
  size_t trial;
  ls_curve metric, headline;           /* the curves that the live view shows beside the loss */
  double finished_before, work_before; /* by earlier groups, and of trials that are left out */
  bool left_out;                       /* some are since the last view of a round */
  double start, posted, drawn;         /* seconds, by the clock */
  double trial_start, epoch_start;     /* the same without pauses */
  size_t lines;                        /* of the last view */
  int widest;                          /* columns of the longest name of a trial */
} progress;

/* Before the trials of p->whole are run: begins to publish the status of the run. Collective over
 * the world. */
int progress_begin_run(progress *p, const char *results, const char *title, watchdog *dog,
                       const ls_group *world);

/* Ends that; if the results are `owned` by this run, with its status, and the message of a failure.
 * Local. */
void progress_end_run(progress *p, bool owned, int status, const char *message);

/* Releases everything. Collective over the world. */
void progress_free(progress *p);

/* On rank 0, before a round of `groups` groups: makes room for their trials. */
int progress_begin_round(progress *p, size_t groups);

/* On rank 0: the progress of all groups; its texts and arrays are those of `p`. */
void progress_status(progress *p, ls_run_status *status);

void progress_begin_trial(progress *p, size_t trial, const ls_plan *plan);
/* The trial resumes from a checkpoint. */
void progress_resume(progress *p, size_t epochs, size_t step);
void progress_step(progress *p, size_t epoch, size_t step, double loss);
void progress_epoch(progress *p, size_t epoch, const double *curves);
void progress_end_trial(progress *p, const ls_trial_result *result, double seconds);

/* The group has no trial, as the one that it had pauses. */
void progress_leave_trial(progress *p);

/* On rank 0: a search trains the trial no further, which counts as finished. `rest` is the fraction
 * of its epochs that the estimate of the run's work includes, and that is not trained. */
void progress_leave_out(progress *p, size_t trial, double rest);

/* To be called while the group waits for others: on rank 0 draws and publishes, if it is time for
 * that. */
void progress_idle(void *progress);

/* On rank 0, after all groups have finished: draws their last view, and keeps their counts for the
 * next groups. */
void progress_end_groups(progress *p);

#endif
