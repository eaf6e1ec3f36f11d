/* auc, pr_auc: areas under the receiver operating characteristic (true positive rate against false
 * positive rate) and under the curve of precision against recall.
 *
 * Outputs are counted in the intervals between evenly spaced thresholds from 0 to 1, so that the
 * areas are exact functions of counts. Method: Keras's AUC, which interpolates the first curve
 * linearly, the second as J. Davis and M. Goadrich, The relationship between precision-recall and
 * ROC curves, ICML 2006. Each class is compared with all others (one-vs-rest). */
#include "base/elementary.h"
#include "nn/families.h"
#include "nn/metrics/decision.h"

#include <math.h>

enum { MOST_THRESHOLDS = 1000 };

typedef struct auc_args {
  int64_t num_thresholds;
  int average;
} auc_args;

static const ls_arg args[] = {
    {"num_thresholds", LS_ARG_INTEGER, offsetof(auc_args, num_thresholds), "200",
     "thresholds, evenly spaced from 0 to 1", .min = 2, .max = MOST_THRESHOLDS},
    LS_AVERAGE_ARG(auc_args),
    {NULL},
};

static size_t thresholds_of(const void *a) {
  return (size_t)((const auc_args *)a)->num_thresholds;
}

/* Counts of a unit: [threshold] of samples of the class between it and the next one, then of the
 * others. */
static size_t size(const void *a, size_t width) {
  return 2 * width * thresholds_of(a);
}

/* The last threshold below y; the first one for anything that is not above 0. */
static size_t interval_of(size_t thresholds, ls_real y) {
  double at = ceil((double)y * (double)(thresholds - 1)) - 1;
  return !(at > 0) ? 0 : at < (double)thresholds ? (size_t)at : thresholds - 1;
}

static void add(const void *a, const ls_outputs *o, double *counts) {
  const size_t thresholds = thresholds_of(a);
  for (size_t i = 0; i < o->n * o->width; i++) {
    size_t unit = i % o->width, other = o->values[i] > (ls_real)0.5 ? 0 : 1;
    counts[(2 * unit + other) * thresholds + interval_of(thresholds, o->y[i])]++;
  }
}

/* A unit's counts of samples of the class and of others. */
typedef struct histogram {
  size_t thresholds;
  const double *positive, *negative;
} histogram;

static double sum_of(size_t count, const double *values) {
  double sum = 0;
  for (size_t i = 0; i < count; i++) sum += values[i];
  return sum;
}

typedef double ls_area(const histogram *h);

/* From the highest threshold down: the trapezium between one and the next. NaN where there are
 * samples of one kind only. */
static double roc_area(const histogram *h) {
  double hits = 0, area = 0;
  for (size_t t = h->thresholds; t-- > 0;) {
    area += h->negative[t] * (hits + h->positive[t] / 2);
    hits += h->positive[t];
  }
  return area / (hits * sum_of(h->thresholds, h->negative));
}

/* Between two thresholds hits = slope * predicted + intercept. NaN without samples of the class. */
static double pr_area(const histogram *h) {
  double hits = 0, predicted = 0, area = 0;
  for (size_t t = h->thresholds; t-- > 0;) {
    double added = h->positive[t], all = added + h->negative[t], before = predicted;
    double slope = all > 0 ? added / all : 0, intercept = hits - slope * predicted;
    predicted += all;
    double ratio = before > 0 ? ls_logarithm(predicted / before) : 0;
    area += slope * (added + intercept * ratio);
    hits += added;
  }
  return hits > 0 ? area / hits : NAN;
}

/* The area under the curve of all units' decisions together. */
static double micro(const void *a, size_t width, const double *counts, ls_area *area) {
  const size_t thresholds = thresholds_of(a);
  double sum[2 * MOST_THRESHOLDS];
  for (size_t k = 0; k < 2 * thresholds; k++) {
    sum[k] = 0;
    for (size_t j = 0; j < width; j++) sum[k] += counts[2 * j * thresholds + k];
  }
  return area(&(histogram){thresholds, sum, sum + thresholds});
}

static double average(const void *a, size_t width, const double *counts, ls_area *area) {
  const ls_average kind = (ls_average)((const auc_args *)a)->average;
  const size_t thresholds = thresholds_of(a);
  if (kind == LS_AVERAGE_MICRO) return micro(a, width, counts, area);
  double total = 0, weights = 0;
  for (size_t j = 0; j < width; j++, counts += 2 * thresholds) {
    const histogram h = {thresholds, counts, counts + thresholds};
    double own = area(&h);
    if (isnan(own)) continue;
    double weight = kind == LS_AVERAGE_WEIGHTED ? sum_of(thresholds, h.positive) : 1;
    total += weight * own;
    weights += weight;
  }
  return weights > 0 ? total / weights : NAN;
}

static double roc(const void *a, size_t width, size_t samples, const double *counts) {
  (void)samples;
  return average(a, width, counts, roc_area);
}

static double pr(const void *a, size_t width, size_t samples, const double *counts) {
  (void)samples;
  return average(a, width, counts, pr_area);
}

const ls_metric_type ls_metric_auc = {
    .component = {"auc",
                  "for classes, or values of 0 and 1, and outputs from 0 to 1: area under the "
                  "receiver operating characteristic, of each class against the others",
                  sizeof(auc_args), args},
    .target = LS_VALUES,
    .outputs = LS_PROBABILITY_OUTPUTS,
    .size = size,
    .add = add,
    .value = roc,
    .counts = true,
    .higher_is_better = true,
};
const ls_metric_type ls_metric_pr_auc = {
    .component =
        {"pr_auc",
         "for classes, or values of 0 and 1, and outputs from 0 to 1: area under the curve "
         "of precision against recall, of each class against the others",
         sizeof(auc_args), args},
    .target = LS_VALUES,
    .outputs = LS_PROBABILITY_OUTPUTS,
    .size = size,
    .add = add,
    .value = pr,
    .counts = true,
    .higher_is_better = true,
};
