/* The matrix product by OpenBLAS, in the precision of ls_real. */
#ifndef LS_NN_BLAS_H
#define LS_NN_BLAS_H

#include "lockstep/types.h"
#include "nn/product.h"

#include <cblas.h>

/* Computes c from a and b as `p` describes; c is read only where p.adds. Extents were checked to
 * fit an int when the layers were built. */
static inline void ls_multiply(ls_product p, const ls_real *a, const ls_real *b, ls_real *c) {
  enum CBLAS_TRANSPOSE ta = p.a_transposed ? CblasTrans : CblasNoTrans;
  enum CBLAS_TRANSPOSE tb = p.b_transposed ? CblasTrans : CblasNoTrans;
  int m = (int)p.m, n = (int)p.n, k = (int)p.k;
  int lda = p.a_transposed ? m : k, ldb = p.b_transposed ? k : n;
#ifdef LS_DOUBLE
  cblas_dgemm
#else
  cblas_sgemm
#endif
      (CblasRowMajor, ta, tb, m, n, k, 1, a, lda, b, ldb, p.adds, c, n);
}

#endif
