/* Moments, quantiles, Student's t distribution, the paired and Welch's t test. */
#include "report/statistics.h"

#include <float.h>
#include <math.h>
#include <stdbool.h>
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

/* ---- Student's t distribution ----
 *
 * By the incomplete beta function, and that by its continued fraction: DLMF 8.17.22, evaluated by
 * the method of Lentz as Thompson and Barnett modified it (J. Comput. Phys. 64, 1986). */

/* Coefficient k of the continued fraction of I_x(a, b), 1 / (1 + d_1 / (1 + d_2 / (1 + ... */
static double coefficient(int k, double x, double a, double b) {
  double m = k / 2; /* rounded down */
  if (k % 2 == 0) return m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
  return -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
}

/* The fraction, which converges fast for x < (a + 1) / (a + b + 2). */
static double fraction(double x, double a, double b) {
  const double tiny = 1e-300; /* in the place of a zero */
  double c = 1, d = 0, h = 1, change = 0;
  for (int k = 1; k < 20000 && fabs(change - 1) > DBL_EPSILON; k++) {
    double step = coefficient(k, x, a, b);
    d = 1 + step * d;
    c = 1 + step / c;
    d = 1 / (d != 0 ? d : tiny);
    c = c != 0 ? c : tiny;
    change = c * d;
    h *= change;
  }
  return 1 / h;
}

/* I_x(a, b), given both x and y = 1 - x, either of which may be too close to 1 to be
 * computed from the other.
 */
static double incomplete_beta(double x, double y, double a, double b) {
  if (x <= 0) return 0;
  if (y <= 0) return 1;
  bool swap = x > (a + 1) / (a + b + 2);
  double log_x = x < y ? log(x) : log1p(-y), log_y = x < y ? log1p(-x) : log(y);
  double power = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log_x + b * log_y);
  return swap ? 1 - power * fraction(y, b, a) / b : power * fraction(x, a, b) / a;
}

double student_two_sided(double t, double df) {
  if (isnan(t) || !(df > 0)) return NAN;
  if (isinf(t)) return 0;
  double square = t * t;
  return incomplete_beta(df / (df + square), square / (df + square), df / 2, 0.5);
}

static double density(double t, double df) {
  double log_scale = lgamma((df + 1) / 2) - lgamma(df / 2) - 0.5 * log(df * M_PI);
  return exp(log_scale - (df + 1) / 2 * log1p(t * t / df));
}

double student_quantile(double probability, double df) {
  if (!(probability > 0 && probability < 1 && df > 0)) return NAN;
  /* The tails as a function of t > 0 fall and are convex: Newton's steps from 0 never go too far.
   */
  double t = 0, step = 0;
  int steps = 0;
  do {
    step = (student_two_sided(t, df) - (1 - probability)) / (2 * density(t, df));
    t += step;
  } while (step > 1e-14 * t && ++steps < 1000);
  return t;
}

/* ---- Intervals and tests ---- */

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
