/* mean_absolute_percentage_error: 100 times the mean over the elements of |t - y| / max(|t|, 1e-7),
 * as in Keras. */
#include "nn/families.h"

#include <math.h>

static const ls_arg args[] = {{NULL}};

static double evaluate(const void *a, const ls_outputs *o) {
  (void)a;
  const double least = 1e-7;
  double sum = 0;
  for (size_t i = 0; i < o->n * o->width; i++) {
    double t = (double)o->values[i], size = fabs(t);
    sum += fabs(t - (double)o->y[i]) / (size > least ? size : least);
  }
  return 100 * sum / (double)o->width;
}

const ls_metric_type ls_metric_mean_absolute_percentage_error = {
    .component = {"mean_absolute_percentage_error",
                  "for values: mean of 100 |t - y| / |t| over the elements of the output", 0, args},
    .target = LS_VALUES,
    .evaluate = evaluate,
};
