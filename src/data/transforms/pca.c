/* pca: principal components: the mean of the training samples is subtracted, and the result is
 * projected on the eigenvectors of their covariance that have the largest eigenvalues, largest
 * first. An eigenvector's element of largest magnitude is positive. With whiten each component is
 * divided by its standard deviation. As scikit-learn's PCA.
 *
 * Method: the covariance in double precision, in two passes (see standardization.c), its
 * eigenvectors by eigen.h. */
#include "base/memory.h"
#include "data/eigen.h"
#include "data/transform.h"
#include "lockstep/error.h"

#include <cblas.h>
#include <float.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_FEATURES = 4096 }; /* the covariance is then 128 MiB */

typedef struct pca_args {
  int64_t components;
  bool whiten;
} pca_args;

static const ls_arg args[] = {
    {"components", LS_ARG_INTEGER, offsetof(pca_args, components), NULL, "number of components",
     .min = 1, .max = MAX_FEATURES, .flags = LS_LESS_IS_SIMPLER},
    {"whiten", LS_ARG_BOOLEAN, offsetof(pca_args, whiten), "false",
     "whether each component is divided by its standard deviation"},
    {NULL},
};

static size_t features(const ls_transform *t) {
  return (size_t)ls_shape_size(&t->input);
}

/* values: the mean and its remainder (see standardization.c), each [feature], then the matrix
 * [feature, component]; sums: of deviations [feature], then of their products [feature, feature],
 * of which the upper triangle is set. */
static int build(ls_transform *t) {
  const pca_args *a = t->args;
  int64_t p = ls_shape_size(&t->input);
  if (p > MAX_FEATURES) {
    return ls_fail(LS_INVALID, "%s: the input has %" PRId64 " features (expected at most %d)",
                   t->where, p, MAX_FEATURES);
  }
  if (a->components > p || (size_t)a->components > t->samples || t->samples < 2) {
    return ls_fail(LS_INVALID,
                   "%s: %" PRId64 " components of %zu samples of %" PRId64
                   " features are too many (expected at most as many as either, and 2 samples)",
                   t->where, a->components, t->samples, p);
  }
  t->output = (ls_shape){1, {a->components}};
  t->value_count = (size_t)(2 * p + p * a->components);
  t->sum_counts[0] = (size_t)p;
  t->sum_counts[1] = (size_t)(p + p * p);
  return LS_OK;
}

static void accumulate(const ls_transform *t, size_t pass, size_t n, const ls_real *x,
                       double *scratch, double *sums) {
  size_t p = features(t);
  for (size_t i = 0; i < n; i++) {
    for (size_t k = 0; k < p; k++) {
      double shift = pass == 0 ? 0 : (double)t->values[k];
      scratch[i * p + k] = (double)x[i * p + k] - shift;
      sums[k] += scratch[i * p + k];
    }
  }
  if (pass == 0) return;
  cblas_dsyrk(CblasRowMajor, CblasUpper, CblasTrans, (int)p, (int)n, 1, scratch, (int)p, 1,
              sums + p, (int)p);
}

/* Puts the components into the columns of the matrix, with their scale. */
static void set_matrix(ls_transform *t, const double *values, const double *vectors) {
  const pca_args *a = t->args;
  size_t p = features(t), count = (size_t)a->components;
  ls_real *matrix = t->values + 2 * p;
  double least = values[0] * DBL_EPSILON * (double)p; /* smaller ones are rounding errors */
  for (size_t c = 0; c < count; c++) {
    double factor = a->whiten && values[c] > least ? 1 / sqrt(values[c]) : 1;
    for (size_t k = 0; k < p; k++) matrix[k * count + c] = (ls_real)(factor * vectors[c * p + k]);
  }
}

static int learn(ls_transform *t, size_t pass, double *sums) {
  const pca_args *a = t->args;
  size_t p = features(t), count = (size_t)a->components;
  double n = (double)t->samples, *covariance = sums + p;
  for (size_t k = 0; k < p; k++) {
    t->values[pass * p + k] = (ls_real)(sums[k] / n);
  }
  if (pass == 0) return LS_OK;
  ls_eigen_covariance(t->samples, p, sums, covariance);
  double *values = ls_new(count, sizeof *values), *vectors = ls_new(count * p, sizeof *vectors);
  int status = values && vectors ? LS_OK : LS_FAILED;
  if (status == LS_OK) status = ls_eigen_largest(t->where, p, covariance, count, values, vectors);
  if (status == LS_OK) set_matrix(t, values, vectors);
  free(values);
  free(vectors);
  return status;
}

static void apply(const ls_transform *t, size_t n, ls_real *x, ls_real *y) {
  int p = (int)features(t), count = (int)ls_shape_size(&t->output);
  const ls_real *mean = t->values, *remainder = mean + p, *matrix = remainder + p;
  for (size_t i = 0; i < n; i++) {
    ls_real *sample = x + i * (size_t)p;
    for (int k = 0; k < p; k++) sample[k] = sample[k] - mean[k] - remainder[k];
  }
  if (n == 0) return;
#ifdef LS_DOUBLE
  cblas_dgemm
#else
  cblas_sgemm
#endif
      (CblasRowMajor, CblasNoTrans, CblasNoTrans, (int)n, count, p, 1, x, p, matrix, count, 0, y,
       count);
}

static void describe(const ls_transform *t, ls_input_map *map) {
  map->kind = LS_MAP_PROJECTION;
  map->mean = t->values;
  map->remainder = map->mean + features(t);
  map->matrix = map->remainder + features(t);
}

const ls_transform_type ls_transform_pca = {
    .component =
        {"pca", "the first principal components of the training samples, of at most 4096 features",
         sizeof(pca_args), args},
    .uses_blas = true,
    .build = build,
    .accumulate = accumulate,
    .learn = learn,
    .describe = describe,
    .apply = apply,
};
