/* Intervals, tests and scores. */
#include "study/evaluate/statistics.h"

#include <math.h>

static const double normal_975 = 1.959963984540054; /* the normal distribution's 97.5 % quantile */

size_t statistics_right(const prediction *p, size_t n) {
  size_t right = 0;
  for (size_t i = 0; i < n; i++) right += p[i].predicted == p[i].truth;
  return right;
}

size_t statistics_top(const prediction *p, size_t n, size_t k) {
  size_t within = 0;
  for (size_t i = 0; i < n; i++) within += p[i].above < k;
  return within;
}

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

reliability statistics_reliability(const prediction *p, size_t n) {
  reliability r = {0};
  for (size_t i = 0; i < n; i++) {
    double bin = ceil(p[i].probability * RELIABILITY_BINS) - 1;
    size_t at = bin > 0 ? (size_t)fmin(bin, RELIABILITY_BINS - 1) : 0;
    r.count[at]++;
    r.accuracy[at] += p[i].predicted == p[i].truth;
    r.confidence[at] += p[i].probability;
  }
  for (int b = 0; b < RELIABILITY_BINS; b++) {
    double count = (double)r.count[b];
    if (count > 0) r.error += fabs(r.accuracy[b] - r.confidence[b]);
    r.accuracy[b] /= count;
    r.confidence[b] /= count;
  }
  r.error /= (double)n;
  return r;
}
