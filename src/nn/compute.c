/* Preparing a thread, the name of OpenBLAS, and the speed of products of matrices. */
#include "nn/compute.h"

#include "base/clock.h"
#include "base/memory.h"
#include "lockstep/error.h"
#include "nn/products/kernels.h"

#include <cblas.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#if defined(__x86_64__)
#include <xmmintrin.h>
#endif

void ls_compute_configure(char **argv) {
  if (openblas_get_num_threads() == 1 || getenv("OPENBLAS_NUM_THREADS")) return;
  char program[PATH_MAX] = "";
  /* By its own name, which the process then has in ps and pgrep. */
  ssize_t length = readlink("/proc/self/exe", program, sizeof program - 1);
  if (length > 0 && setenv("OPENBLAS_NUM_THREADS", "1", 1) == 0) execv(program, argv);
  /* Not reached, unless the system can't execute: the threads then stay. */
}

/* Has OpenBLAS allocate the buffer of this thread, which it keeps. */
static int allocate_buffer(void) {
  enum { LARGEST = 136 << 20 }; /* OpenBLAS maps 128 MiB or less */
  int status = ls_memory_check(LARGEST, "the buffer of OpenBLAS");
  if (status != LS_OK) return status;
  /* Unlike those of small general matrices, this product always uses the buffer. */
  double a = 1, c = 0;
  cblas_dsyrk(CblasRowMajor, CblasUpper, CblasNoTrans, 1, 1, 1, &a, 1, 0, &c, 1);
  return LS_OK;
}

int ls_compute_start(void) {
  static _Thread_local bool allocated;
  openblas_set_num_threads(1);
#if defined(__x86_64__)
  _mm_setcsr(_mm_getcsr() | 0x8040); /* flush to zero, denormals are zero */
#elif defined(__aarch64__)
  uint64_t control;
  __asm__ volatile("mrs %0, fpcr" : "=r"(control));
  __asm__ volatile("msr fpcr, %0" : : "r"(control | (1u << 24)));
#endif
  if (allocated) return LS_OK;
  int status = allocate_buffer();
  allocated = status == LS_OK;
  return status;
}

const char *ls_compute_name(void) {
  return ls_kernels_default()->name;
}

const char *ls_compute_blas(void) {
  static char name[96];
  char library[32] = "OpenBLAS", version[32] = "";
  sscanf(openblas_get_config(), "%31s %31s", library, version);
  snprintf(name, sizeof name, "%s %s %s", library, version, openblas_get_corename());
  return name;
}

/* Operations a second of something that is repeated for about `seconds`. */
typedef double (*work)(void *context);

static double speed_of(work do_work, void *context, double seconds) {
  do_work(context);
  double start = ls_clock_seconds(), elapsed = 0, done = 0;
  for (; elapsed < seconds || done == 0; elapsed = ls_clock_seconds() - start) {
    done += do_work(context);
  }
  return done / elapsed;
}

static double multiply_adds(void *context) {
  (void)context;
  return ls_kernels_default()->multiply_adds(1 << 14);
}

double ls_compute_peak(double seconds) {
  return speed_of(multiply_adds, NULL, seconds);
}

typedef struct repeated_product {
  ls_product product;
  ls_real *operands;
} repeated_product;

static double multiply_once(void *context) {
  repeated_product *r = context;
  ls_product_compute(ls_kernels_default(), &r->product, r->operands);
  return 2.0 * (double)r->product.m * (double)r->product.n * (double)r->product.k;
}

double ls_compute_speed(size_t m, size_t n, size_t k, double seconds) {
  repeated_product r = {.product = {.m = m, .n = n, .k = k}};
  r.operands = ls_product_operands(&r.product);
  if (!r.operands) return 0;
  double speed = speed_of(multiply_once, &r, seconds);
  free(r.operands);
  return speed;
}
