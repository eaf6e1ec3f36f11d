/* root_mean_squared_error: the square root of the mean of (y - t)^2 over samples and elements. */
#include "nn/families.h"

#include <math.h>

static const ls_arg args[] = {{NULL}};

static size_t size(const void *a, size_t width) {
  (void)a, (void)width;
  return 1;
}

static void add(const void *a, const ls_outputs *o, double *sums) {
  (void)a;
  *sums += ls_loss_mean_squared_error.evaluate(NULL, o, 1, NULL);
}

static double value(const void *a, size_t width, size_t samples, const double *sums) {
  (void)a, (void)width;
  return sqrt(*sums / (double)samples);
}

const ls_metric_type ls_metric_root_mean_squared_error = {
    .component = {"root_mean_squared_error",
                  "for values: square root of the mean of (y - t)^2 over samples and elements", 0,
                  args},
    .target = LS_VALUES,
    .size = size,
    .add = add,
    .value = value,
};
