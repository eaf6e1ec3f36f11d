/* precision, recall, f1: of the samples that are predicted to be of a class, the fraction that are;
 * of the samples of a class, the fraction that are predicted so; the harmonic mean of both.
 *
 * A sample of several classes is predicted to be of the class with the largest output. Where the
 * target is values, each output decides by itself whether the sample has its label. A fraction of
 * no samples is 0. Definitions and averages are those of scikit-learn. */
#include "nn/families.h"
#include "nn/metrics/decision.h"

typedef struct decision_args {
  double threshold;
  int average;
} decision_args;

static const ls_arg args[] = {
    {"threshold", LS_ARG_REAL, offsetof(decision_args, threshold), "0.5",
     "outputs above it count as 1, unless the largest of several decides"},
    LS_AVERAGE_ARG(decision_args),
    {NULL},
};

/* What is counted of each class: samples that are and are predicted to be of it, those that are
 * predicted to be, those that are. */
enum { HITS, PREDICTED, ACTUAL, COUNTS };

static size_t size(const void *a, size_t width) {
  (void)a;
  return COUNTS * ls_decision_classes(width);
}

/* A class that a sample has been predicted to be of, and that it is of; `none`: neither. */
static void count(double *counts, size_t predicted, size_t actual, size_t none) {
  if (predicted < none) counts[predicted * COUNTS + PREDICTED]++;
  if (actual < none) counts[actual * COUNTS + ACTUAL]++;
  if (predicted == actual && actual < none) counts[actual * COUNTS + HITS]++;
}

/* A sample's labels, each of which it has or has not. */
static void count_labels(size_t width, const ls_real *y, const ls_real *t, ls_real threshold,
                         double *counts) {
  for (size_t j = 0; j < width; j++) {
    count(counts, y[j] > threshold ? j : width, t[j] > (ls_real)0.5 ? j : width, width);
  }
}

static void add(const void *a, const ls_outputs *o, double *counts) {
  const ls_real threshold = (ls_real)((const decision_args *)a)->threshold;
  for (size_t i = 0; i < o->n; i++) {
    const ls_real *y = o->y + i * o->width, *t = o->values + i * o->width;
    if (o->width == 1) {
      count(counts, *y > threshold, *t > (ls_real)0.5, 2);
    } else if (o->labels) {
      count(counts, ls_largest_output(o->width, y), (size_t)o->labels[i], o->width);
    } else {
      count_labels(o->width, y, t, threshold, counts);
    }
  }
}

typedef double ls_score(const double *counts);

static double fraction(double part, double all) {
  return all > 0 ? part / all : 0;
}

static double precision_of(const double *counts) {
  return fraction(counts[HITS], counts[PREDICTED]);
}

static double recall_of(const double *counts) {
  return fraction(counts[HITS], counts[ACTUAL]);
}

static double f1_of(const double *counts) {
  return fraction(2 * counts[HITS], counts[PREDICTED] + counts[ACTUAL]);
}

static double micro(size_t classes, const double *counts, ls_score *score) {
  double all[COUNTS] = {0};
  for (size_t k = 0; k < classes * COUNTS; k++) all[k % COUNTS] += counts[k];
  return score(all);
}

static double average(const void *a, size_t width, const double *counts, ls_score *score) {
  const ls_average kind = (ls_average)((const decision_args *)a)->average;
  const size_t classes = ls_decision_classes(width);
  if (width == 1 && kind == LS_AVERAGE_OMITTED) return score(counts + COUNTS);
  if (kind == LS_AVERAGE_MICRO) return micro(classes, counts, score);
  double total = 0, weights = 0;
  for (size_t c = 0; c < classes; c++, counts += COUNTS) {
    double occurs = counts[PREDICTED] + counts[ACTUAL] > 0;
    double weight = kind == LS_AVERAGE_WEIGHTED ? counts[ACTUAL] : occurs;
    total += weight * score(counts);
    weights += weight;
  }
  return fraction(total, weights);
}

static double precision(const void *a, size_t width, size_t samples, const double *counts) {
  (void)samples;
  return average(a, width, counts, precision_of);
}

static double recall(const void *a, size_t width, size_t samples, const double *counts) {
  (void)samples;
  return average(a, width, counts, recall_of);
}

static double f1(const void *a, size_t width, size_t samples, const double *counts) {
  (void)samples;
  return average(a, width, counts, f1_of);
}

const ls_metric_type ls_metric_precision = {
    .component = {"precision",
                  "for classes, or values of 0 and 1: fraction of the samples predicted to be of a "
                  "class that are",
                  sizeof(decision_args), args},
    .target = LS_VALUES,
    .size = size,
    .add = add,
    .value = precision,
    .counts = true,
    .higher_is_better = true,
};
const ls_metric_type ls_metric_recall = {
    .component = {"recall",
                  "for classes, or values of 0 and 1: fraction of the samples of a class that are "
                  "predicted to be",
                  sizeof(decision_args), args},
    .target = LS_VALUES,
    .size = size,
    .add = add,
    .value = recall,
    .counts = true,
    .higher_is_better = true,
};
const ls_metric_type ls_metric_f1 = {
    .component = {"f1",
                  "for classes, or values of 0 and 1: harmonic mean of the precision and recall of "
                  "a class",
                  sizeof(decision_args), args},
    .target = LS_VALUES,
    .size = size,
    .add = add,
    .value = f1,
    .counts = true,
    .higher_is_better = true,
};
