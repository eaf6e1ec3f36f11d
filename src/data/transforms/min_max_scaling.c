/* min_max_scaling: y = (x - minimum) / (maximum - minimum), both of the training samples, for each
 * feature: the training samples fill the range from 0 to 1. Where both are the same, only the
 * minimum is subtracted. As scikit-learn's MinMaxScaler. */
#include "data/transforms/affine.h"
#include "lockstep/error.h"

#include <string.h>

static const ls_arg args[] = {{NULL}};

/* Sums: the number of samples, the minima, the maxima. */
static int build(ls_transform *t) {
  const size_t size = (size_t)ls_shape_size(&t->input);
  t->value_count = 3 * size;
  t->sum_counts[0] = 1 + 2 * size;
  return LS_OK;
}

/* Widens the ranges by one more value of element k. */
static void widen(double *sums, size_t size, size_t k, double value) {
  double *minimum = sums + 1 + k, *maximum = minimum + size;
  if (sums[0] == 0 || value < *minimum) *minimum = value;
  if (sums[0] == 0 || value > *maximum) *maximum = value;
}

static void accumulate(const ls_transform *t, size_t pass, size_t n, const ls_real *x,
                       double *scratch, double *sums) {
  (void)pass, (void)scratch;
  const size_t size = (size_t)ls_shape_size(&t->input);
  for (size_t i = 0; i < n; i++, x += size, sums[0]++) {
    for (size_t k = 0; k < size; k++) widen(sums, size, k, (double)x[k]);
  }
}

static void combine(const ls_transform *t, size_t pass, const double *shard, double *sums) {
  (void)pass;
  const size_t size = (size_t)ls_shape_size(&t->input);
  if (shard[0] == 0) return;
  if (sums[0] == 0) {
    memcpy(sums, shard, (1 + 2 * size) * sizeof *sums);
    return;
  }
  for (size_t k = 0; k < size; k++) {
    widen(sums, size, k, shard[1 + k]);
    widen(sums, size, k, shard[1 + size + k]);
  }
  sums[0] += shard[0];
}

static int learn(ls_transform *t, size_t pass, double *sums) {
  (void)pass;
  const size_t size = (size_t)ls_shape_size(&t->input);
  for (size_t k = 0; k < size; k++) {
    const double minimum = sums[1 + k], range = sums[1 + size + k] - minimum;
    t->values[k] = (ls_real)minimum;
    t->values[size + k] = 0;
    t->values[2 * size + k] = range > 0 ? (ls_real)(1 / range) : 1;
  }
  return LS_OK;
}

const ls_transform_type ls_transform_min_max_scaling = {
    .component = {"min_max_scaling", "minimum 0 and maximum 1 over the training samples", 0, args},
    .build = build,
    .accumulate = accumulate,
    .combine = combine,
    .learn = learn,
    .describe = affine_describe,
    .apply = affine_apply,
};
