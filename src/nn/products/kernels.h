/* What computes matrix products: kernels of our own for each instruction set, and OpenBLAS. All
 * functions are local. */
#ifndef LS_NN_PRODUCTS_KERNELS_H
#define LS_NN_PRODUCTS_KERNELS_H

#include "nn/product.h"

typedef struct ls_kernels {
  const char *name;
  /* Whether this processor can run them. */
  bool (*supported)(void);
  /* Computes c from a and b as `p` describes; c is read only where p->adds. With kernels of our own
   * each element of c is one chain of fused multiply-adds in ascending order of k, which begins
   * with c where p->adds, else with 0: its bits do not depend on the instruction set or on other
   * rows and columns. */
  void (*multiply)(const ls_product *p, const ls_real *a, const ls_real *b, ls_real *c);
  /* Computes `rounds` rounds of multiply-adds in registers alone and returns their floating-point
   * operations, to measure the most that a core can do. NULL: unknown. */
  double (*multiply_adds)(size_t rounds);
} ls_kernels;

/* Computes a product by value: ls_kernels.multiply. */
static inline void ls_multiply(const ls_kernels *kernels, ls_product p, const ls_real *a,
                               const ls_real *b, ls_real *c) {
  kernels->multiply(&p, a, b, c);
}

/* From the widest instruction set to the one that the program is built for. */
extern const ls_kernels ls_kernels_x86_64_v4, ls_kernels_of_build;

/* OpenBLAS, the independent implementation to compare with. */
extern const ls_kernels ls_kernels_openblas;

/* Returns the kernels for the instruction set that the environment variable LOCKSTEP_ISA names, or
 * without it for the widest one that this processor has. */
const ls_kernels *ls_kernels_default(void);

/* LS_INVALID if LOCKSTEP_ISA names an unknown instruction set or one that this processor lacks, or
 * if the processor lacks the one that the program is built for. */
int ls_kernels_check(void);

#endif
