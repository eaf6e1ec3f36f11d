/* The status of a running job as plain data: what its live view shows, and what its status file
 * holds. */
#ifndef LS_STATUS_STATUS_H
#define LS_STATUS_STATUS_H

#include <stdbool.h>
#include <stddef.h>

/* A trial in training. */
typedef struct ls_trial_status_row {
  size_t trial;     /* number from 0 */
  const char *name; /* values of the sweep's variables, "l2=1e-05 replicate=1"; never empty */
  double epoch;     /* current one, from 1 */
  double epochs;
  double epoch_done; /* fraction of the epoch */
  double loss;       /* NaN: not known yet, as for the next two */
  double metric;     /* training metric */
  double headline;   /* metric by which trials are compared */
  double rate;       /* samples per second */
  double seconds_left;
  /* The headline metric of each epoch, for which a curve is drawn; NULL: none. Not in the file. */
  const double *curve; /* [curve_epochs], NaN where not reached */
  size_t curve_epochs;
} ls_trial_status_row;

/* A rank, as its node last read its activity. */
typedef struct ls_rank_status {
  int rank;             /* in the world */
  const char *activity; /* such as "training" */
  bool waiting;         /* for other ranks */
  size_t trial;         /* from 0 */
  size_t epoch, step;   /* from 0 */
  double idle_seconds;  /* since its last progress */
} ls_rank_status;

typedef struct ls_node_status {
  const char *host;
  ls_rank_status *ranks;
  size_t count;
  double age; /* seconds since rank 0 received this */
} ls_node_status;

/* Texts and arrays belong to the code that fills the struct. */
typedef struct ls_run_status {
  /* Constant during a run. */
  const char *title;
  const char *host;                 /* of rank 0 */
  long process;                     /* of rank 0 */
  unsigned long long process_start; /* ticks since boot, see base/process.h */
  size_t ranks;

  /* Progress. */
  const char *metric, *headline; /* names of the metrics; "": none */
  size_t trials;                 /* that the run trains */
  size_t finished;               /* of these, with those that a search trains no further */
  double fraction;               /* of the estimated work that is done */
  double elapsed;                /* seconds since the start */
  ls_trial_status_row *running;
  size_t running_count;
  int name_width; /* columns for names of trials, at least; 0: those of the running trials */

  /* Life. */
  double updated;  /* when this was written, seconds since 1970 */
  double interval; /* seconds between two updates */
  ls_node_status *nodes;
  size_t node_count;
  bool ended;
  int exit_status;     /* of a run that has ended */
  const char *message; /* of a run that has ended with an error; "": none */
} ls_run_status;

/* Returns the fraction of its epochs that the trial has been trained. */
double ls_trial_fraction(const ls_trial_status_row *trial);

/* Returns the estimated seconds until the run ends; NaN while they are not known. */
double ls_run_seconds_left(const ls_run_status *status);

#endif
