/* What all formats export: the trials of a results file, with their values and metrics. Pure, but
 * for reading. */
#ifndef LS_EXPORT_TRIALS_H
#define LS_EXPORT_TRIALS_H

#include "report/results.h"

typedef struct export_study {
  const report_results *results; /* in the caller's memory */
  const report_curve *monitor;   /* by whose final values trials are compared */
  const report_curve *seconds;   /* of the epochs; NULL: not recorded */
  double start;                  /* of the job, in seconds since 1970; 0: not known */
  size_t *trials;                /* [listed], those that are exported, in ascending order */
  size_t listed;
  bool by_epoch; /* rows are epochs of trials */
} export_study;

/* Reads a results file, and lists its `most` trials with the best monitored values; 0: all. At a
 * tie the first ones are listed, and those without a value only where there are no others.
 * LS_INVALID if it is no results file. */
int export_study_read(export_study *out, ls_memory *memory, const char *path, size_t most);

/* The point of a trial (from 0), and its numbers among the replicates and folds. */
size_t export_point(const export_study *study, size_t trial);
size_t export_replicate(const export_study *study, size_t trial);
size_t export_fold(const export_study *study, size_t trial);

/* The monitored value of a trial: the final one of a finished trial, else that of its last epoch;
 * NaN if it has none. */
double export_monitored(const export_study *study, size_t trial);

/* The seconds that an epoch (from 0) of a trial took; 0 where they are not recorded. */
double export_epoch_seconds(const export_study *study, size_t trial, size_t epoch);

/* The time at which an epoch (from 1) of a trial has ended, or 0 for the time at which it began, if
 * it had run from the start of the job on without pauses: in seconds since 1970. Results files
 * record how long epochs took, and not when. */
double export_time(const export_study *study, size_t trial, size_t epoch);

#endif
