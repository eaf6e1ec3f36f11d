/* Values of trials, and statistics of a point of the sweep over its trials. Pure. */
#ifndef LS_REPORT_POINTS_H
#define LS_REPORT_POINTS_H

#include "report/results.h"
#include "report/statistics.h"

/* Whether the trial has ended with a result (done or stopped early). Only such trials count in the
 * statistics of points and metrics. */
bool report_finished(const report_trial *trial);

/* One point of the sweep over its repeats. */
typedef struct report_point {
  size_t counts[REPORT_STATUS_COUNT];             /* trials of each status */
  report_stat epochs, best_epoch, seconds, speed; /* see report_trial */
} report_point;

report_point report_point_of(const report_results *results, size_t point);

/* A curve's value for the final weights of a finished trial: after its last epoch, or after its
 * best one where the weights of that were restored (not recorded: after the last). With `best` the
 * best value over all its epochs; of a curve that is measured once, that value. NaN if there is
 * none, or it is not recorded which direction is better. */
double report_value(const report_results *results, const report_curve *curve, size_t trial,
                    bool best);

/* Statistics of these values over a point's trials. */
report_stat report_stat_of(const report_results *results, const report_curve *curve, size_t point,
                           bool best);

/* A metric at all points of the sweep. */
typedef struct report_values {
  report_stat *stats; /* [point] */
  int decimals;       /* that show them */
  int better; /* 1 if a higher value is better, -1 if a lower one, 0: neither or not recorded */
} report_values;

/* The values of a curve, or of a field of trials. Without any where the file has no such metric. */
int report_values_of(report_values *out, ls_memory *memory, const report_results *results,
                     const char *metric, bool best);

/* When finished trials had their final values: "after the last epoch". */
const char *report_when_final(const report_results *results);

/* Statistics of a curve at one epoch (from 0) of a point, over the trials that got there; diverged
 * and failed ones are left out. */
report_stat report_at(const report_results *results, const report_curve *curve, size_t point,
                      size_t epoch);

#endif
