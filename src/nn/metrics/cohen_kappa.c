/* cohen_kappa: 1 - disagreement / disagreement expected by chance, where a disagreement is weighted
 * by 1, by the distance of the classes, or by its square. As cohen_kappa_score of scikit-learn. A
 * sample with a NaN among its outputs does not count. */
#include "nn/families.h"
#include "nn/metrics/decision.h"

#include <math.h>

typedef struct kappa_args {
  int weights;
} kappa_args;

enum { LINEAR, QUADRATIC };
static const char *const weights[] = {"linear", "quadratic", NULL};

static const ls_arg args[] = {
    {"weights", LS_ARG_WORD, offsetof(kappa_args, weights), "null",
     "of a wrong class: how far its number is from the true one, or the square of that; default: 1",
     .words = weights},
    {NULL},
};

/* Counts are [true class, predicted class], then the totals of each true class, then those of each
 * predicted one. */
static size_t size(const void *a, size_t width) {
  const size_t classes = ls_decision_classes(width);
  (void)a;
  return classes * classes + 2 * classes;
}

static void add(const void *a, const ls_outputs *o, double *counts) {
  (void)a;
  const size_t classes = ls_decision_classes(o->width);
  double *truths = counts + classes * classes, *predictions = truths + classes;
  for (size_t i = 0; i < o->n; i++) {
    const ls_real *y = o->y + i * o->width;
    size_t truth = (size_t)o->labels[i];
    size_t predicted = o->width == 1 ? (size_t)(*y > (ls_real)0.5) : ls_largest_output(o->width, y);
    if (predicted == o->width && o->width > 1) continue;
    counts[truth * classes + predicted]++;
    truths[truth]++;
    predictions[predicted]++;
  }
}

static double weight_of(const kappa_args *a, size_t i, size_t j) {
  double distance = fabs((double)i - (double)j);
  if (a->weights == LINEAR) return distance;
  return a->weights == QUADRATIC ? distance * distance : i != j;
}

static double value(const void *a, size_t width, size_t samples, const double *counts) {
  const size_t classes = ls_decision_classes(width);
  const double *truths = counts + classes * classes, *predictions = truths + classes;
  double all = 0, found = 0, expected = 0;
  (void)samples;
  for (size_t i = 0; i < classes; i++) {
    all += truths[i];
    for (size_t j = 0; j < classes; j++) {
      double weight = weight_of(a, i, j);
      found += weight * counts[i * classes + j];
      expected += weight * truths[i] * predictions[j];
    }
  }
  return expected > 0 ? 1 - found * all / expected : NAN;
}

const ls_metric_type ls_metric_cohen_kappa = {
    .component = {"cohen_kappa",
                  "for classes: how much better they agree with the predicted ones than by chance",
                  sizeof(kappa_args), args},
    .size = size,
    .add = add,
    .value = value,
    .counts = true,
    .higher_is_better = true,
    .takes_single = true,
};
