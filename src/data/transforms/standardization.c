/* standardization: y = (x - mean) / standard deviation, both of the training samples, for each
 * feature, with per_channel over all features of a channel, or with per_feature false over all
 * together. Where the variance is 0 only the mean is subtracted. As scikit-learn's StandardScaler,
 * whose standard deviation is that of the samples themselves (divided by n).
 *
 * Method: the corrected two-pass algorithm of Chan, Golub, LeVeque, "Algorithms for computing the
 * sample variance", 1983. The mean of the first pass is rounded to ls_real, so that a feature that
 * is the same in all samples has a variance of exactly 0; the remainder of the mean is subtracted
 * afterwards, so that no precision is lost where the mean is large. */
#include "data/transforms/affine.h"
#include "lockstep/error.h"

#include <math.h>

typedef struct standardization_args {
  bool per_feature, per_channel;
} standardization_args;

static const ls_arg args[] = {
    {"per_feature", LS_ARG_BOOLEAN, offsetof(standardization_args, per_feature), "true",
     "whether each feature has a mean and standard deviation of its own; if not, there is one for "
     "all"},
    {"per_channel", LS_ARG_BOOLEAN, offsetof(standardization_args, per_channel), "null",
     "whether each channel has one, as Normalization of Keras with axis -1"},
    {NULL},
};

static const char *check(const void *values) {
  const standardization_args *a = values;
  return a->per_channel && !a->per_feature ? "takes one of per_channel and per_feature: false"
                                           : NULL;
}

/* Sums: of deviations, then of
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

/* How many means there are: features k, k + groups, ... share one. */
static size_t groups_of(const ls_transform *t) {
  const standardization_args *a = t->args;
  if (a->per_channel) return (size_t)t->input.extent[t->input.rank - 1];
  return a->per_feature ? t->sum_counts[0] : 1;
}

/* Replaces sums of features by their totals over each group. */
static void join(size_t size, size_t groups, double *sums) {
  for (size_t k = groups; k < size; k++) sums[k % groups] += sums[k];
  for (size_t k = groups; k < size; k++) sums[k] = sums[k % groups];
}

static int learn(ls_transform *t, size_t pass, double *sums) {
  const size_t size = t->sum_counts[0], groups = groups_of(t);
  const double n = (double)t->samples * (double)(size / groups);
  join(size, groups, sums);
  if (pass == 1) join(size, groups, sums + size);
  for (size_t k = 0; k < size && pass == 0; k++) t->values[k] = (ls_real)(sums[k] / n);
  for (size_t k = 0; k < size && pass == 1; k++) {
    double remainder = sums[k] / n, variance = sums[size + k] / n - remainder * remainder;
    t->values[size + k] = (ls_real)remainder;
    t->values[2 * size + k] = variance > 0 ? (ls_real)(1 / sqrt(variance)) : 1;
  }
  return LS_OK;
}

const ls_transform_type ls_transform_standardization = {
    .component = {"standardization", "mean 0 and standard deviation 1 over the training samples",
                  sizeof(standardization_args), args, check},
    .build = build,
    .accumulate = accumulate,
    .learn = learn,
    .describe = affine_describe,
    .apply = affine_apply,
};
