/* OpenBLAS: its kernels, threads, name and speed. */
#include "nn/compute.h"

#include "base/clock.h"
#include "nn/product.h"

#include <cblas.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#if defined(__x86_64__)
#include <xmmintrin.h>
#endif

void ls_compute_choose_kernels(char **argv) {
#if defined(__x86_64__)
  /* The kernels for processors before AVX, one of which is the fallback for unknown ones. */
  static const char *const old[] = {"Prescott", "Core2",  "Generic",
                                    "Nehalem",  "Penryn", "Dunnington"};
  const char *chosen = openblas_get_corename();
  bool fell_back = false;
  for (size_t i = 0; i < sizeof old / sizeof *old; i++) fell_back |= strcmp(chosen, old[i]) == 0;
  __builtin_cpu_init();
  const char *better = NULL;
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) better = "Haswell";
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
      __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq")) {
    better = "SkylakeX";
  }
  if (!fell_back || !better || getenv("OPENBLAS_CORETYPE")) return;
  setenv("OPENBLAS_CORETYPE", better, 1);
  execv("/proc/self/exe", argv);
  /* Not reached, unless the system can't: then the slow kernels have to do. */
#else
  (void)argv;
#endif
}

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
  ls_product_compute(&product, operands);
  double start = ls_clock_seconds(), elapsed = 0, done = 0;
  for (; elapsed < seconds || done == 0; done++) {
    ls_product_compute(&product, operands);
    elapsed = ls_clock_seconds() - start;
  }
  free(operands);
  return 2.0 * m * n * k * done / elapsed;
}
