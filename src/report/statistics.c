/* Moments, intervals by Student's t, the paired and Welch's t test. */
#include "report/statistics.h"

#include "report/student.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>

static const double confidence = 0.95;

const report_test REPORT_NO_TEST = {
    .difference = NAN, .half_width = NAN, .t = NAN, .df = NAN, .p = NAN, .p_holm = NAN};

const report_stat REPORT_NO_STAT = {.mean = NAN, .deviation = NAN, .least = NAN, .most = NAN};

void report_add(report_stat *stat, double value) {
  if (!isfinite(value)) return;
  stat->n++;
  double before = stat->n > 1 ? stat->mean : 0;
  stat->mean = before + (value - before) / (double)stat->n;
  if (stat->n > 1) stat->squares += (value - before) * (value - stat->mean);
  if (stat->n > 1) stat->deviation = sqrt(stat->squares / (double)(stat->n - 1));
  stat->least = fmin(stat->least, value); /* fmin and fmax ignore NaN */
  stat->most = fmax(stat->most, value);
}

void report_add_interval(report_stat *stat, double middle, double half) {
  report_add(stat, isnan(half) ? middle : middle - half);
  report_add(stat, isnan(half) ? middle : middle + half);
}

static int compare_numbers(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

void report_sort(double *values, size_t count) {
  qsort(values, count, sizeof *values, compare_numbers);
}

double report_quantile(const double *sorted, size_t count, double fraction) {
  double at = fraction * (double)(count - 1);
  size_t low = (size_t)at;
  if (low + 1 >= count) return sorted[count - 1];
  return sorted[low] + (at - (double)low) * (sorted[low + 1] - sorted[low]);
}

double report_half_width(const report_stat *stat) {
  if (stat->n < 2) return NAN;
  double n = (double)stat->n;
  return student_quantile(confidence, n - 1) * stat->deviation / sqrt(n);
}

/* Completes a test whose difference is known. If the standard error is no larger than the
 * rounding errors of values of this size there is no test, as in R. */
static void complete(report_test *test, double error, double df, double size) {
  if (!(error > 10 * DBL_EPSILON * size)) return; /* NaN too */
  test->df = df;
  test->t = test->difference / error;
  test->p = test->p_holm = student_two_sided(test->t, df);
  test->half_width = student_quantile(confidence, df) * error;
}

report_test report_test_paired(const double *a, const double *b, size_t n) {
  report_stat differences = REPORT_NO_STAT;
  double size = 0;
  for (size_t i = 0; i < n; i++) {
    report_add(&differences, a[i] - b[i]);
    if (isfinite(a[i] - b[i])) size = fmax(size, fmax(fabs(a[i]), fabs(b[i])));
  }
  report_test test = REPORT_NO_TEST;
  test.pairs = differences.n;
  test.difference = differences.mean;
  complete(&test, differences.deviation / sqrt((double)differences.n), (double)differences.n - 1,
           size);
  return test;
}

report_test report_test_welch(const report_stat *a, const report_stat *b) {
  report_test test = REPORT_NO_TEST;
  test.difference = a->mean - b->mean;
  double n = (double)a->n, m = (double)b->n; /* a deviation is NaN for less than 2 */
  double u = a->deviation * a->deviation / n, v = b->deviation * b->deviation / m;
  double df = (u + v) * (u + v) / (u * u / (n - 1) + v * v / (m - 1));
  complete(&test, sqrt(u + v), df, fmax(fabs(a->mean), fabs(b->mean)));
  return test;
}
