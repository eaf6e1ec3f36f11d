/* Final values of trials, and statistics of a point of the sweep over its trials. Pure. */
#ifndef LS_REPORT_POINTS_H
#define LS_REPORT_POINTS_H

#include "report/results.h"
#include "report/statistics.h"

/* One point of the sweep over its repeats. Only trials that are done or stopped early count in its
 * statistics. */
typedef struct report_point {
  size_t counts[REPORT_STATUS_COUNT]; /* trials of each status */
  report_stat *finals;                /* [curve], of the values that belong to the final weights */
  report_stat epochs, seconds, speed; /* see report_trial */
} report_point;

/* Fills in a point whose `finals` are allocated. */
void report_point_fill(report_point *out, const report_results *results, size_t point);

/* Whether the trial has ended with a result (done or stopped early). */
bool report_finished(const report_trial *trial);

/* A curve's value for the final weights of a finished trial: after its last epoch, or after its
 * best one where the weights of that were restored (not recorded: after the last); else NaN. */
double report_final(const report_results *results, const report_curve *curve, size_t trial);

/* The best value of a curve over all epochs of a finished trial, or the final value that is
 * measured once; NaN if there is none or it is not recorded which direction is better. */
double report_best_of_epochs(const report_results *results, const report_curve *curve,
                             size_t trial);

/* When finished trials had their final values: "after the last epoch". */
const char *report_when_final(const report_results *results);

/* Statistics of a curve at one epoch (from 0) of a point, over the trials that got there; diverged
 * and failed ones are left out. */
report_stat report_at(const report_results *results, const report_curve *curve, size_t point,
                      size_t epoch);

#endif
