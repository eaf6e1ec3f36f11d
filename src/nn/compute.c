/* Preparing a thread, the name of OpenBLAS, and the speed of products of matrices. */
#include "nn/compute.h"

#include "base/clock.h"
#include "nn/products/kernels.h"

#include <cblas.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#if defined(__x86_64__)
#include <xmmintrin.h>
#endif

void ls_compute_start(void) {
  openblas_set_num_threads(1);
#if defined(__x86_64__)
  _mm_setcsr(_mm_getcsr() | 0x8040); /* flush to zero, denormals are zero */
#elif defined(__aarch64__)
  uint64_t control;
  __asm__ volatile("mrs %0, fpcr" : "=r"(control));
  __asm__ volatile("msr fpcr, %0" : : "r"(control | (1u << 24)));
#endif
}

const char *ls_compute_name(void) {
  static char name[96];
  char library[32] = "OpenBLAS", version[32] = "";
  sscanf(openblas_get_config(), "%31s %31s", library, version);
  snprintf(name, sizeof name, "%s %s %s", library, version, openblas_get_corename());
  return name;
}

double ls_compute_speed(int m, int n, int k, double seconds) {
  const ls_product product = {.m = (size_t)m, .n = (size_t)n, .k = (size_t)k};
  ls_real *operands = ls_product_operands(&product);
  if (!operands) return 0;
  const ls_kernels *kernels = ls_kernels_default();
  ls_product_compute(kernels, &product, operands);
  double start = ls_clock_seconds(), elapsed = 0, done = 0;
  for (; elapsed < seconds || done == 0; done++) {
    ls_product_compute(kernels, &product, operands);
    elapsed = ls_clock_seconds() - start;
  }
  free(operands);
  return 2.0 * m * n * k * done / elapsed;
}
