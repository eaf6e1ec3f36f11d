/* Results -> what is said about them: mean, deviation and best of each point of the sweep. Pure. */
#ifndef LS_REPORT_SUMMARY_H
#define LS_REPORT_SUMMARY_H

#include "report/results.h"

/* Of the finite ones among some values: start from LS_REPORT_NO_STAT and add. `deviation` is the
 * sample standard deviation (n - 1), NaN for n < 2; the others are NaN while n is 0. `squares` is
 * the sum of squared distances from the mean. */
typedef struct ls_report_stat {
  size_t n;
  double mean, deviation, least, most, squares;
} ls_report_stat;

extern const ls_report_stat LS_REPORT_NO_STAT;

/* One point of the sweep over its repeats. Only trials that are done or stopped early count in
 * `finals`, `epochs` and `seconds`. */
typedef struct ls_report_point {
  size_t counts[LS_REPORT_STATUS_COUNT]; /* trials of each status */
  ls_report_stat *finals; /* [curve], of the values that belong to the final weights */
  ls_report_stat *tests;  /* [final], of the results' finals */
  ls_report_stat epochs, seconds, speed; /* speed: training samples per second of an epoch */
} ls_report_point;

struct ls_report_choice;

typedef struct ls_report_summary {
  ls_report_point *points;
  size_t point_count;
  size_t *ranking; /* [point], the best mean of the monitored value first, or where it is not known
                      what is better in the order of the sweep; those without one last */
  size_t ranked;   /* how many have one */
  size_t best;     /* the first of these; SIZE_MAX: none, or it is not known which is better */
  size_t monitor;  /* index of the curve compared */
  int better;      /* 1 if higher values of it are better, -1 if lower ones, 0 if not known */
  size_t counts[LS_REPORT_STATUS_COUNT];
  struct ls_report_choice *choice; /* choice.h */
  ls_report_stat *final_block;     /* all the points' finals */
} ls_report_summary;

int ls_report_summary_create(ls_report_summary **out, const ls_report_results *results);
void ls_report_summary_free(ls_report_summary **summary);

/* Takes one more value into account, if it is finite (Welford's updating formula). */
void ls_report_add(ls_report_stat *stat, double value);

/* Whether the trial came to its end (done or stopped early). */
bool ls_report_finished(const ls_report_trial *trial);

/* A curve's value after the last epoch of a finished trial, or after its best one where the weights
 * of that were restored (not known of old files: after the last); else NaN. */
double ls_report_final(const ls_report_results *results, const ls_report_curve *curve,
                       size_t trial);

/* Statistics of a curve at one epoch (from 0) of a point, over the trials that got there; diverged
 * and failed ones are left out. */
ls_report_stat ls_report_at(const ls_report_results *results, const ls_report_curve *curve,
                            size_t point, size_t epoch);

/* What a point has of a curve or final value, LS_REPORT_NO_STAT for an unknown name. */
ls_report_stat ls_report_metric(const ls_report_results *results, const ls_report_summary *summary,
                                size_t point, const char *name);

/* When finished trials had their final values: "after the last epoch". */
const char *ls_report_when_final(const ls_report_results *results);

/* The better of a statistic's extremes; one has to be. */
double ls_report_best(const ls_report_summary *summary, const ls_report_stat *stat);

/* Chooses up to `most` points to draw: all, or the best, the worst and ranks evenly between, in the
 * order of the sweep; only points that have any value of `curve`. Returns how many. */
size_t ls_report_choose(const ls_report_results *results, const ls_report_summary *summary,
                        const ls_report_curve *curve, size_t most, size_t *chosen);

#endif
