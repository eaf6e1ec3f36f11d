/* r2: coefficient of determination, 1 - sum (t - y)^2 / sum (t - mean t)^2, as a mean over the
 * elements of the output. Of a constant target it is 1 if all outputs are right, else 0, as in
 * scikit-learn. */
#include "nn/families.h"

static const ls_arg args[] = {{NULL}};

/* Sums of each element: of t, t^2 and (t - y)^2. */
enum { VALUES, SQUARES, ERRORS, SUMS };

static size_t size(const void *a, size_t width) {
  (void)a;
  return SUMS * width;
}

static void add(const void *a, const ls_outputs *o, double *sums) {
  (void)a;
  for (size_t i = 0; i < o->n * o->width; i++) {
    double *own = sums + SUMS * (i % o->width);
    double t = (double)o->values[i], error = t - (double)o->y[i];
    own[VALUES] += t;
    own[SQUARES] += t * t;
    own[ERRORS] += error * error;
  }
}

static double value(const void *a, size_t width, size_t samples, const double *sums) {
  (void)a;
  double total = 0;
  for (size_t j = 0; j < width; j++, sums += SUMS) {
    double spread = sums[SQUARES] - sums[VALUES] * sums[VALUES] / (double)samples;
    /* Below what rounding leaves of a constant. */
    bool constant = spread <= 1e-13 * sums[SQUARES];
    total += constant ? sums[ERRORS] == 0 : 1 - sums[ERRORS] / spread;
  }
  return total / (double)width;
}

const ls_metric_type ls_metric_r2 = {
    .component = {"r2",
                  "for values: fraction of the target's variance that the outputs explain, as a "
                  "mean over the elements of the output",
                  0, args},
    .target = LS_VALUES,
    .size = size,
    .add = add,
    .value = value,
    .higher_is_better = true,
};
