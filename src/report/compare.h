/* Intervals and tests: of a mean, of the difference of two. Pure. */
#ifndef LS_REPORT_COMPARE_H
#define LS_REPORT_COMPARE_H

#include "report/summary.h"

/* A difference of means and its t test against 0. Where there are too few values for an interval,
 * or these do not vary, all but `difference` is NaN. */
typedef struct ls_report_test {
  size_t pairs;      /* 0: the samples are independent (Welch) */
  double difference; /* NaN: one side has no value */
  double half_width; /* of the 95 % interval about it */
  double t, df, p;   /* p: two-sided */
  double p_holm;     /* corrected for the other tests it was made along with */
} ls_report_test;

extern const ls_report_test LS_REPORT_NO_TEST;

/* Half the width of the 95 % interval of a mean by Student's t, NaN for n < 2. */
double ls_report_half_width(const ls_report_stat *stat);

/* a - b, of `n` pairs; those without a finite value on either side are left out. */
ls_report_test ls_report_test_paired(const double *a, const double *b, size_t n);

/* a - b of independent samples whose variances may differ (Welch, Biometrika 34, 1947). */
ls_report_test ls_report_test_welch(const ls_report_stat *a, const ls_report_stat *b);

/* Sets the p_holm of tests that were made together: Holm's method (Scand. J. Statist. 6, 1979),
 * which bounds the probability of any false rejection. Those without a p do not count. */
int ls_report_holm(ls_report_test *tests, size_t count);

#endif
