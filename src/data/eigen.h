/* Eigenvectors of symmetric matrices, and the principal components that come of them.
 *
 * Method: LAPACK's dsyevr (Dhillon, Parlett, Voemel, "The design and implementation of the MRRR
 * algorithm", ACM TOMS 32, 2006). All functions are local; their results need not be the same bits
 * on another type of processor. */
#ifndef LS_DATA_EIGEN_H
#define LS_DATA_EIGEN_H

#include <stddef.h>

/* The `count` largest eigenvalues, largest first, of a symmetric matrix [size, size] of which the
 * upper triangle is set, and which is overwritten; with their vectors [count, size] of length 1,
 * whose element of largest magnitude is positive. LS_FAILED, naming `where`, if none are found. */
int ls_eigen_largest(const char *where, size_t size, double *matrix, size_t count, double *values,
                     double *vectors);

/* Makes the covariance [feature, feature] of `samples` (2 or more), in its upper triangle, in the
 * place of the sums of products of deviations from about the mean; `sums` [feature] are those of
 * the deviations, which are 0 but for rounding. */
void ls_eigen_covariance(size_t samples, size_t features, const double *sums, double *products);

#endif
