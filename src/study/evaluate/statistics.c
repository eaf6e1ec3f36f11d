/* Intervals, tests and scores. */
#include "study/evaluate/statistics.h"

#include <math.h>

static const double normal_975 = 1.959963984540054; /* the normal distribution's 97.5 % quantile */

interval statistics_wilson(size_t right, size_t n) {
  double z = normal_975, count = (double)n, fraction = (double)right / count;
  double middle = fraction + z * z / (2 * count);
  double reach = z * sqrt(fraction * (1 - fraction) / count + z * z / (4 * count * count));
  double scale = 1 + z * z / count;
  return (interval){fmax((middle - reach) / scale, 0), fmin((middle + reach) / scale, 1)};
}

/* P(X <= k) of n fair coin tosses. */
static double binomial_tail(int64_t k, int64_t n) {
  double term = pow(0.5, (double)n), sum = 0;
  for (int64_t i = 0; i <= k; i++) {
    sum += term;
    term *= (double)(n - i) / (double)(i + 1);
  }
  return sum;
}

mcnemar statistics_mcnemar(int64_t first, int64_t second) {
  enum { FEW = 25 };
  int64_t n = first + second, less = first < second ? first : second;
  mcnemar m = {.first = first, .second = second, .exact = n < FEW, .statistic = NAN};
  if (m.exact) {
    m.p = fmin(1, 2 * binomial_tail(less, n));
  } else {
    double surplus = fmax((double)(n - 2 * less) - 1, 0);
    m.statistic = surplus * surplus / (double)n;
    m.p = erfc(sqrt(m.statistic / 2));
  }
  m.p_holm = m.p;
  return m;
}

class_scores statistics_class(int64_t right, int64_t predicted, int64_t support) {
  class_scores s = {NAN, NAN, NAN};
  if (predicted > 0) s.precision = (double)right / (double)predicted;
  if (support > 0) s.recall = (double)right / (double)support;
  if (predicted + support > 0) s.f1 = 2 * (double)right / (double)(predicted + support);
  return s;
}

void statistics_add(reliability *r, double confidence, bool right) {
  double bin = ceil(confidence * RELIABILITY_BINS) - 1;
  size_t at = bin > 0 ? (size_t)bin : 0;
  if (at >= RELIABILITY_BINS) at = RELIABILITY_BINS - 1;
  r->count[at]++;
  r->accuracy[at] += right;
  r->confidence[at] += confidence;
}

void statistics_end(reliability *r) {
  double all = 0;
  for (int i = 0; i < RELIABILITY_BINS; i++) {
    double count = (double)r->count[i];
    all += count;
    if (count > 0) r->error += fabs(r->accuracy[i] - r->confidence[i]);
    r->accuracy[i] /= count;
    r->confidence[i] /= count;
  }
  r->error /= all;
}
