/* Statistics of a sample, Student's t distribution, intervals, tests of the difference of two
 * means. Pure. */
#ifndef LS_REPORT_STATISTICS_H
#define LS_REPORT_STATISTICS_H

#include <stddef.h>

/* Of the finite ones among some values: start from REPORT_NO_STAT and add. */
typedef struct report_stat {
  size_t n;
  double mean;      /* NaN while n is 0, as are least and most */
  double deviation; /* the sample standard deviation (n - 1), NaN for n < 2 */
  double least, most;
  double squares; /* the sum of squared distances from the mean */
} report_stat;

extern const report_stat REPORT_NO_STAT;

/* Takes one more value into account, if it is finite (Welford's updating formula). */
void report_add(report_stat *stat, double value);

/* The same of both ends of an interval, or of its middle where `half` its width is NaN. */
void report_add_interval(report_stat *stat, double middle, double half);

/* Sorts values, of which none is NaN, in ascending order. */
void report_sort(double *values, size_t count);

/* Returns the value below which a fraction of the sorted values lies, interpolated between two of
 * them. */
double report_quantile(const double *sorted, size_t count, double fraction);

/* ---- Student's t ---- */

/* The probability that |T| is at least |t| with `df` degrees of freedom, which need not be an
 * integer. NaN for NaN and without degrees of freedom. */
double student_two_sided(double t, double df);

/* The t for which |T| < t with the given probability, between 0 and 1. */
double student_quantile(double probability, double df);

/* A difference of means and its t test against 0. Where there are too few values for an interval,
 * or these do not vary, all but `difference` is NaN. */
typedef struct report_test {
  size_t pairs;      /* 0: the samples are independent (Welch) */
  double difference; /* NaN: one side has no value */
  double half_width; /* of the 95 % interval about it */
  double t, df, p;   /* p: two-sided */
  double p_holm;     /* p until ls_holm has corrected it for the other tests of a table */
} report_test;

extern const report_test REPORT_NO_TEST;

/* Half the width of the 95 % interval of a mean by Student's t, NaN for n < 2. */
double report_half_width(const report_stat *stat);

/* a - b, of `n` pairs; those without a finite value on either side are left out. */
report_test report_test_paired(const double *a, const double *b, size_t n);

/* a - b of independent samples whose variances may differ (Welch, Biometrika 34, 1947). */
report_test report_test_welch(const report_stat *a, const report_stat *b);

#endif
