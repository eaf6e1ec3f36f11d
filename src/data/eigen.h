/* Eigenvectors of symmetric matrices, and covariance matrices.
 *
 * Method: LAPACK's dsyevr (Dhillon, Parlett, Voemel, "The design and implementation of the MRRR
 * algorithm", ACM TOMS 32, 2006). All functions are local; their results need not be the same bits
 * on another type of processor. */
#ifndef LS_DATA_EIGEN_H
#define LS_DATA_EIGEN_H

#include <stddef.h>

/* The `count` largest eigenvalues, largest first, of a symmetric matrix [size, size] of which the
 * upper triangle is set, and which is overwritten; with their vectors [count, size] of length 1,
 * whose element of largest magnitude is positive. LS_FAILED, with the place `where` in the job, if
 * LAPACK finds none. */
int ls_eigen_largest(const char *where, size_t size, double *matrix, size_t count, double *values,
                     double *vectors);

/* Replaces `products`, the sums of products of deviations from an approximate mean, by the
 * covariance [feature, feature] of `samples` samples (2 or more), in its upper triangle. `sums`
 * [feature] are the sums of the deviations, which correct for the rounding of that mean. */
void ls_eigen_covariance(size_t samples, size_t features, const double *sums, double *products);

#endif
