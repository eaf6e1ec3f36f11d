/* The matrix product by OpenBLAS, in the precision of ls_real. */
#include "nn/convolution/winograd_maps.h"
#include "nn/products/kernels.h"

#include <cblas.h>

static bool supported(void) {
  return true;
}

/* Extents were checked to fit an int when the layers were built. */
static void multiply(const ls_product *p, const ls_real *a, const ls_real *b, ls_real *c) {
  enum CBLAS_TRANSPOSE ta = p->a_transposed ? CblasTrans : CblasNoTrans;
  enum CBLAS_TRANSPOSE tb = p->b_transposed ? CblasTrans : CblasNoTrans;
  const size_t first = p->first_column;
  int m = (int)p->m, n = (int)p->n, k = (int)p->k,
      columns = (int)(ls_product_end_column(p) - first);
  int lda = p->a_transposed ? m : k, ldb = p->b_transposed ? k : n;
  b += p->b_transposed ? first * p->k : first;
#ifdef LS_DOUBLE
  cblas_dgemm
#else
  cblas_sgemm
#endif
      (CblasRowMajor, ta, tb, m, columns, k, 1, a, lda, b, ldb, p->adds, c + first, n);
}

const ls_kernels ls_kernels_openblas = {
    .name = "openblas",
    .supported = supported,
    .multiply = multiply,
    .maps = &winograd_maps_of_build,
};
