/* Eigenvectors of symmetric matrices by LAPACK, and covariances. */
#include "data/eigen.h"

#include "base/memory.h"
#include "lockstep/error.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The Fortran interface: every argument by address, then the lengths of the strings. */
void dsyevr_(const char *job, const char *range, const char *triangle, const int *n, double *a,
             const int *lda, const double *low, const double *high, const int *first,
             const int *last, const double *tolerance, int *found, double *values, double *vectors,
             const int *ldz, int *support, double *work, const int *work_size, int *integers,
             const int *integers_size, int *info, size_t, size_t, size_t);

/* The eigenvalues of largest magnitude with their vectors, ascending: values[p] of which `count`
 * are set, vectors[count][p]. Returns LAPACK's info. */
static int solve(double *a, int p, int count, double *values, double *vectors) {
  const int first = p - count + 1;
  const double no_bound = 0, tolerance = 0;
  int found = 0, info = 0, query = -1, integers_size = 0;
  double work_size = 0;
  int *support = ls_new(2 * (size_t)count, sizeof *support), *integers = NULL;
  double *work = NULL;
  if (!support) return -1;
  /* Fortran stores columns, so the upper triangle is its lower one. */
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

/* Copies a vector with the sign that makes its element of largest magnitude positive. */
static void copy_with_sign(double *out, const double *vector, size_t size) {
  size_t largest = 0;
  for (size_t k = 1; k < size; k++) {
    if (fabs(vector[k]) > fabs(vector[largest])) largest = k;
  }
  double sign = vector[largest] < 0 ? -1 : 1;
  for (size_t k = 0; k < size; k++) out[k] = sign * vector[k];
}

int ls_eigen_largest(const char *where, size_t size, double *matrix, size_t count, double *values,
                     double *vectors) {
  double *all = ls_new(size, sizeof *all), *found = ls_new(count * size, sizeof *found);
  int info = all && found ? solve(matrix, (int)size, (int)count, all, found) : -1;
  int status = info < 0 ? LS_FAILED : LS_OK;
  if (info > 0) {
    status = ls_fail(LS_FAILED, "%s: no eigenvectors were found (dsyevr: %d)", where, info);
  }
  for (size_t c = 0; status == LS_OK && c < count; c++) {
    values[c] = all[count - 1 - c];
    copy_with_sign(vectors + c * size, found + (count - 1 - c) * size, size);
  }
  free(all);
  free(found);
  return status;
}

void ls_eigen_covariance(size_t samples, size_t features, const double *sums, double *products) {
  double n = (double)samples;
  for (size_t i = 0; i < features; i++) {
    for (size_t k = i; k < features; k++) {
      products[i * features + k] = (products[i * features + k] - sums[i] * sums[k] / n) / (n - 1);
    }
  }
}
