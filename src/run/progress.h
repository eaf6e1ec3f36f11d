/* Showing how a sweep is going: one line per epoch from each group's leader, or a live picture that
 * rank 0 draws of what the leaders post on the board. Local, but for what the board does. */
#ifndef LS_RUN_PROGRESS_H
#define LS_RUN_PROGRESS_H

#include "comm/shared_counter.h"
#include "run/packing.h"
#include "run/run.h"
#include "run/stop.h"
#include "trial/trial.h"

/* What a leader posts. All numbers, so that a torn read is still numbers. */
typedef struct progress_post {
  double trial;         /* from 0; -1: none */
  double epoch;         /* from 1 */
  double epochs, share; /* of the epoch that is done */
  double loss, metric, val_metric;
  double rate; /* samples per second */
  double seconds_left;
  double finished; /* trials this group has finished */
  double work;     /* estimated seconds of work it has done */
} progress_post;

typedef struct progress {
  const ls_job *job;
  const ls_run_options *options;
  const ls_packing *whole;   /* how the run began: its trials, and the units of work */
  const ls_packing *packing; /* of the groups that there are now */
  ls_shared_counter *board;
  stopping *stopping;
  size_t group; /* this rank's, its slot on the board */
  bool leader, artist;
  progress_post post;
  const ls_plan *plan; /* of the trial in hand */
  size_t trial;
  ls_curve metric, headline;           /* the curves that the picture shows, beside the loss */
  double finished_before, work_before; /* by earlier groups */
  double start, trial_start, epoch_start, posted, drawn;
  size_t lines; /* of the last picture */
  int widest;   /* columns of the longest name of a trial */
} progress;

void progress_begin_trial(progress *p, size_t trial, const ls_plan *plan);
/* The trial goes on from a checkpoint. */
void progress_resume(progress *p, size_t epochs, size_t step);
void progress_step(progress *p, size_t epoch, size_t step, double loss);
void progress_epoch(progress *p, size_t epoch, const double *curves);
void progress_end_trial(progress *p, const ls_trial_result *result, double seconds);

/* The group has nothing to do: on rank 0 draws, if it is time for that. */
void progress_idle(void *progress);

/* On rank 0, all ranks having come to the end of their trials: what is done, to be kept for the
 * next groups, and the last picture of these. */
void progress_end_groups(progress *p);

/* On rank 0: draws the picture over the one before. */
void live_draw(progress *p);

#endif
