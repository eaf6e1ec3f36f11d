/* Results -> what is reported of them: statistics of each point of the sweep, their ranking, tests
 * of the others against the best, the one-standard-error rule. Pure. */
#ifndef LS_REPORT_SUMMARY_H
#define LS_REPORT_SUMMARY_H

#include "report/reported.h"

/* Replicates and folds of a point are paired with the best one's: the same seed, the same samples.
 * The one-standard-error rule (Breiman et al., Classification and Regression Trees, 1984, 3.4.3)
 * takes the simplest of the points whose mean is within one standard error of the best one's. */
typedef struct report_summary {
  const report_results *results; /* borrowed */
  ls_memory *memory;             /* borrowed: of all that is made of the summary */
  report_point *points;          /* [point] */
  size_t counts[REPORT_STATUS_COUNT];
  report_values *finals;     /* [curve] */
  report_values *references; /* [reference], of its metric */
  report_values *orderings;  /* [ordering], of its metric */
  report_finding *findings;  /* [ordering] */
  size_t monitor;            /* index of the curve compared */
  int better;                /* its; 0: not recorded */
  size_t *ranking; /* [point], the best mean of the monitored value first, or where it is not known
                      what is better in the order of the sweep; those without one last */
  size_t ranked;   /* how many have one */
  size_t best;     /* the first of these; SIZE_MAX: none, or it is not known which is better */
  report_test *tests;  /* [point], its difference from the best; none for the best itself */
  size_t *same;        /* [point], the first one in the ranking with the same weights */
  size_t repeated;     /* points that have another one's weights; they count once in the tests */
  double bound;        /* one standard error from the best; NaN: the best has less than 2 values */
  bool *within;        /* [point] */
  size_t within_count; /* the best among them */
  size_t simplest;     /* a point; SIZE_MAX: no variable says what is simpler */
} report_summary;

int report_summarize(report_summary **out, ls_memory *memory, const report_results *results);

/* The same of a results file, which it reads. */
int report_read(report_summary **out, ls_memory *memory, const char *path);

/* The statistics of a point's monitored value, and the decimals that show it. */
const report_stat *report_monitored(const report_summary *summary, size_t point);
int report_monitored_decimals(const report_summary *summary);

/* The final values of the curve of that name, or NULL. */
const report_values *report_metric(const report_summary *summary, const char *name);

/* The better of a statistic's extremes; one has to be. */
double report_best(const report_summary *summary, const report_stat *stat);

/* Whether there are intervals and tests to show at all. */
bool report_has_tests(const report_summary *summary);

#endif
