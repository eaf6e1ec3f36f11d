/* The matrix product, in the precision of ls_real. Matrices are row-major and contiguous. */
#ifndef LS_NN_BLAS_H
#define LS_NN_BLAS_H

#include "lockstep/types.h"
#include "nn/product.h"

#include <cblas.h>
#include <stddef.h>

enum ls_transpose { LS_PLAIN = CblasNoTrans, LS_TRANSPOSED = CblasTrans };

/* The list that products are noted in, NULL for none; the layer that the next ones are of. */
extern ls_products *blas_list;
void blas_note_layer(size_t layer, bool backward);
void blas_note(enum ls_transpose ta, enum ls_transpose tb, size_t m, size_t n, size_t k, bool adds);

/* c[m, n] = a[m, k] b[k, n] + beta c, where a and b are stored transposed if so said; c is only
 * read where beta isn't 0. Extents were checked to fit an int when the layers were built. */
static inline void ls_gemm_add(enum ls_transpose ta, enum ls_transpose tb, size_t m, size_t n,
                               size_t k, const ls_real *a, const ls_real *b, ls_real beta,
                               ls_real *c) {
  if (blas_list) blas_note(ta, tb, m, n, k, beta != 0);
  int lda = (int)(ta == LS_PLAIN ? k : m), ldb = (int)(tb == LS_PLAIN ? n : k);
#ifdef LS_DOUBLE
  cblas_dgemm
#else
  cblas_sgemm
#endif
      (CblasRowMajor, (enum CBLAS_TRANSPOSE)ta, (enum CBLAS_TRANSPOSE)tb, (int)m, (int)n, (int)k, 1,
       a, lda, b, ldb, beta, c, (int)n);
}

/* c = a b */
static inline void ls_gemm(enum ls_transpose ta, enum ls_transpose tb, size_t m, size_t n, size_t k,
                           const ls_real *a, const ls_real *b, ls_real *c) {
  ls_gemm_add(ta, tb, m, n, k, a, b, 0, c);
}

#endif
