/* pca: principal components: the mean of the training samples is taken off, and what is left is
 * projected on the eigenvectors of their covariance that have the largest eigenvalues, largest
 * first. An eigenvector's element of largest magnitude is positive. With whiten each component is
 * divided by its standard deviation. As scikit-learn's PCA.
 *
 * Method: the covariance in double precision, in two passes (see standardization.c), its
 * eigenvectors by LAPACK's dsyevr (Dhillon, Parlett, Voemel, "The design and implementation of the
 * MRRR algorithm", ACM TOMS 32, 2006). */
#include "lockstep/error.h"
#include "lockstep/memory.h"
#include "lockstep/transform.h"

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
     .min = 1, .max = MAX_FEATURES},
    {"whiten", LS_ARG_BOOLEAN, offsetof(pca_args, whiten), "false",
     "whether each component is divided by its standard deviation"},
    {NULL},
};

static size_t features(const ls_transform *t) {
  return (size_t)ls_shape_size(&t->input);
}

/* values: the mean and its rest (see standardization.c), each [feature], then the matrix [feature,
 * component]; sums: of deviations [feature], then of their products [feature, feature], of which
 * the upper triangle is set. */
static int build(ls_transform *t) {
  const pca_args *a = t->args;
  int64_t p = ls_shape_size(&t->input);
  if (p > MAX_FEATURES) {
    return ls_fail(LS_INVALID, "%s: the input has %" PRId64 " features (expected at most %d)",
                   t->where, p, MAX_FEATURES);
  }
  if (a->components > p || (size_t)a->components > t->samples || t->samples < 2) {
    return ls_fail(LS_INVALID,
                   "%s: %" PRId64 " components can't be had of %zu samples of %" PRId64
                   " features (expected at most as many as either, and 2 samples)",
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

/* ---- Eigenvectors ------------------------------------------------------------------------------
 */

/* Fortran's: everything by its address; lengths of texts are passed behind, and not read. */
void dsyevr_(const char *job, const char *range, const char *triangle, const int *n, double *a,
             const int *lda, const double *low, const double *high, const int *first,
             const int *last, const double *tolerance, int *found, double *values, double *vectors,
             const int *ldz, int *support, double *work, const int *work_size, int *integers,
             const int *integers_size, int *info, size_t, size_t, size_t);

/* The eigenvalues of largest magnitude with their vectors, ascending: values[p] of which `count`
 * are set, vectors[count][p]. `a` [p, p] has the upper triangle, and is overwritten. Returns
 * LAPACK's info. */
static int solve(double *a, int p, int count, double *values, double *vectors) {
  const int first = p - count + 1;
  const double no_bound = 0, tolerance = 0;
  int found = 0, info = 0, query = -1, integers_size = 0;
  double work_size = 0;
  int *support = ls_new(2 * (size_t)count, sizeof *support), *integers = NULL;
  double *work = NULL;
  if (!support) return -1;
  /* Rows here are columns there, so the upper triangle is the lower one. */
  dsyevr_("V", "I", "L", &p, a, &p, &no_bound, &no_bound, &first, &p, &tolerance, &found, values,
          vectors, &p, support, &work_size, &query, &integers_size, &query, &info, 1, 1, 1);
  int size = (int)work_size;
  work = ls_new((size_t)size, sizeof *work);
  integers = ls_new((size_t)integers_size, sizeof *integers);
  info = work && integers ? 0 : -1;
  if (info == 0) {
    dsyevr_("V", "I", "L", &p, a, &p, &no_bound, &no_bound, &first, &p, &tolerance, &found, values,
            vectors, &p, support, work, &size, integers, &integers_size, &info, 1, 1, 1);
  }
  free(support);
  free(work);
  free(integers);
  return info;
}

/* Puts the components into the columns of the matrix, with their sign and scale. */
static void set_matrix(ls_transform *t, const double *values, const double *vectors) {
  const pca_args *a = t->args;
  size_t p = features(t), count = (size_t)a->components;
  ls_real *matrix = t->values + 2 * p;
  double least = values[count - 1] * DBL_EPSILON * (double)p; /* below is only rounding */
  for (size_t c = 0; c < count; c++) {
    const double *vector = vectors + (count - 1 - c) * p;
    double variance = values[count - 1 - c];
    size_t largest = 0;
    for (size_t k = 1; k < p; k++) {
      if (fabs(vector[k]) > fabs(vector[largest])) largest = k;
    }
    double factor = vector[largest] < 0 ? -1 : 1;
    if (a->whiten && variance > least) factor /= sqrt(variance);
    for (size_t k = 0; k < p; k++) matrix[k * count + c] = (ls_real)(factor * vector[k]);
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
  for (size_t i = 0; i < p; i++) {
    for (size_t k = i; k < p; k++) {
      covariance[i * p + k] = (covariance[i * p + k] - sums[i] * sums[k] / n) / (n - 1);
    }
  }
  double *values = ls_new(p, sizeof *values), *vectors = ls_new(count * p, sizeof *vectors);
  int status = values && vectors ? LS_OK : LS_FAILED;
  if (status == LS_OK) {
    int info = solve(covariance, (int)p, (int)count, values, vectors);
    if (info < 0) status = LS_FAILED;
    if (info > 0) {
      status = ls_fail(LS_FAILED, "%s: no eigenvectors were found (dsyevr: %d)", t->where, info);
    }
  }
  if (status == LS_OK) set_matrix(t, values, vectors);
  free(values);
  free(vectors);
  return status;
}

static void apply(const ls_transform *t, size_t n, ls_real *x, ls_real *y) {
  int p = (int)features(t), count = (int)ls_shape_size(&t->output);
  const ls_real *mean = t->values, *rest = mean + p, *matrix = rest + p;
  for (size_t i = 0; i < n; i++) {
    ls_real *sample = x + i * (size_t)p;
    for (int k = 0; k < p; k++) sample[k] = sample[k] - mean[k] - rest[k];
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

const ls_transform_type ls_transform_pca = {
    .component = {"pca", "principal components of the training samples", sizeof(pca_args), args},
    .build = build,
    .accumulate = accumulate,
    .learn = learn,
    .apply = apply,
};
