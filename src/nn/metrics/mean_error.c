/* mean_squared_error, mean_absolute_error: what the losses of that name are. */
#include "nn/families.h"

static const ls_arg args[] = {{NULL}};

static double squared(const void *a, const ls_outputs *o) {
  (void)a;
  return ls_loss_mean_squared_error.evaluate(NULL, o, 1, NULL);
}

static double absolute(const void *a, const ls_outputs *o) {
  (void)a;
  return ls_loss_mean_absolute_error.evaluate(NULL, o, 1, NULL);
}

const ls_metric_type ls_metric_mean_squared_error = {
    .component = {"mean_squared_error",
                  "for values: mean of (y - t)^2 over the elements of the output", 0, args},
    .target = LS_VALUES,
    .evaluate = squared,
};
const ls_metric_type ls_metric_mean_absolute_error = {
    .component = {"mean_absolute_error",
                  "for values: mean of |y - t| over the elements of the output", 0, args},
    .target = LS_VALUES,
    .evaluate = absolute,
};
