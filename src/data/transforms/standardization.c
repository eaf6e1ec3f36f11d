/* standardization: y = (x - mean) / standard deviation, both of the training samples, for each
 * feature, or with per_feature false over all features together. Where the variance is 0 only the
 * mean is subtracted. As scikit-learn's StandardScaler, whose standard deviation is that of the
 * samples themselves (divided by n).
 *
 * Method: the corrected two-pass algorithm of Chan, Golub, LeVeque, "Algorithms for computing the
 * sample variance", 1983. The mean of the first pass is rounded to ls_real, so that a feature that
 * is the same in all samples has a variance of exactly 0; the remainder of the mean is subtracted
 * afterwards, so that no precision is lost where the mean is large. */
#include "data/transform.h"
#include "lockstep/error.h"

#include <math.h>

typedef struct standardization_args {
  bool per_feature;
} standardization_args;

static const ls_arg args[] = {
    {"per_feature", LS_ARG_BOOLEAN, offsetof(standardization_args, per_feature), "true",
     "whether each feature has a mean and standard deviation of its own; if not, there is one for "
     "all"},
    {NULL},
};

/* values: the means, their remainders, the factors, each [element]; sums: of deviations, then of
 * their squares. */
static int build(ls_transform *t) {
  size_t size = (size_t)ls_shape_size(&t->input);
  t->value_count = 3 * size;
  t->sum_counts[0] = size;
  t->sum_counts[1] = 2 * size;
  return LS_OK;
}

static void accumulate(const ls_transform *t, size_t pass, size_t n, const ls_real *x,
                       double *scratch, double *sums) {
  (void)scratch;
  size_t size = t->sum_counts[0];
  for (size_t i = 0; i < n; i++, x += size) {
    for (size_t k = 0; k < size && pass == 0; k++) sums[k] += (double)x[k];
    for (size_t k = 0; k < size && pass == 1; k++) {
      double deviation = (double)x[k] - (double)t->values[k];
      sums[k] += deviation;
      sums[size + k] += deviation * deviation;
    }
  }
}

/* Replaces sums of the features by their total over all features. */
static void join(size_t size, double *sums) {
  double total = 0;
  for (size_t k = 0; k < size; k++) total += sums[k];
  for (size_t k = 0; k < size; k++) sums[k] = total;
}

static int learn(ls_transform *t, size_t pass, double *sums) {
  const standardization_args *a = t->args;
  size_t size = t->sum_counts[0];
  double n = (double)t->samples * (a->per_feature ? 1 : (double)size);
  if (!a->per_feature) join(size, sums);
  if (!a->per_feature && pass == 1) join(size, sums + size);
  for (size_t k = 0; k < size && pass == 0; k++) t->values[k] = (ls_real)(sums[k] / n);
  for (size_t k = 0; k < size && pass == 1; k++) {
    double remainder = sums[k] / n, variance = sums[size + k] / n - remainder * remainder;
    t->values[size + k] = (ls_real)remainder;
    t->values[2 * size + k] = variance > 0 ? (ls_real)(1 / sqrt(variance)) : 1;
  }
  return LS_OK;
}

static void apply(const ls_transform *t, size_t n, ls_real *x, ls_real *y) {
  size_t size = t->sum_counts[0];
  const ls_real *mean = t->values, *remainder = mean + size, *factor = remainder + size;
  for (size_t i = 0; i < n; i++, x += size, y += size) {
    for (size_t k = 0; k < size; k++) y[k] = (x[k] - mean[k] - remainder[k]) * factor[k];
  }
}

static void describe(const ls_transform *t, ls_input_map *map) {
  map->kind = LS_MAP_STANDARDIZATION;
  map->mean = t->values;
  map->remainder = map->mean + t->sum_counts[0];
  map->factor = map->remainder + t->sum_counts[0];
}

const ls_transform_type ls_transform_standardization = {
    .component = {"standardization", "mean 0 and standard deviation 1 over the training samples",
                  sizeof(standardization_args), args},
    .build = build,
    .accumulate = accumulate,
    .learn = learn,
    .describe = describe,
    .apply = apply,
};
