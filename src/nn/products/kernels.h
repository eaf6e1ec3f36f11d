/* What computes matrix products: kernels of our own for each instruction set, and OpenBLAS. All
 * functions are local. */
#ifndef LS_NN_PRODUCTS_KERNELS_H
#define LS_NN_PRODUCTS_KERNELS_H

#include "nn/product.h"
#include "nn/shards.h"

#include <stdint.h>

/* A matrix that is read where it lies: element [i, p] is base[row[i] + column[p]]. */
typedef struct ls_indexed {
  const ls_real *base;
  const uint32_t *row, *column;
} ls_indexed;

/* Rows of a product: ranges in ascending order, none of which meet. */
typedef struct ls_row_range {
  size_t first, end; /* rows first .. end - 1 */
} ls_row_range;

typedef struct ls_rows {
  const ls_row_range *ranges;
  size_t count; /* of ranges */
} ls_rows;

typedef struct ls_kernels {
  const char *name;
  /* Whether this processor can run them. */
  bool (*supported)(void);
  /* Computes c from a and b as `p` describes; c is read only where p->adds. With kernels of our own
   * each element of c is one chain of fused multiply-adds in ascending order of k, which begins
   * with c where p->adds, else with 0: its bits do not depend on the instruction set or on other
   * rows and columns. */
  void (*multiply)(const ls_product *p, const ls_real *a, const ls_real *b, ls_real *c);
  /* The same for some rows of a product over samples, c = a^T b, a stored as [sample, m], b as
   * [sample, n]: one sum for each sum that remains of the shards, the first to c and each to the
   * one before + shards->stride. Of more than LS_FEW_SAMPLES samples or shards other rows may be
   * set, too, and there has to be room for shards->depth sums. NULL: OpenBLAS. */
  void (*multiply_shards)(const ls_product *p, const ls_shards *shards, const ls_rows *rows,
                          const ls_real *a, const ls_real *b, ls_real *c);
  /* The same as `multiply` with an indexed matrix a; neither a nor b is transposed. At last adds
   * bias[n] to each row, unless it is NULL. NULL: such a matrix has to be copied. */
  void (*multiply_indexed)(const ls_product *p, const ls_indexed *a, const ls_real *b,
                           const ls_real *bias, ls_real *c);
  /* Computes `rounds` rounds of multiply-adds in registers alone and returns their floating-point
   * operations, to measure the most that a core can do. NULL: unknown. */
  double (*multiply_adds)(size_t rounds);
  /* The maps of Winograd's method (nn/convolution/winograd_maps.h). */
  const struct winograd_maps *maps;
} ls_kernels;

/* Computes a product by value: ls_kernels.multiply. */
static inline void ls_multiply(const ls_kernels *kernels, ls_product p, const ls_real *a,
                               const ls_real *b, ls_real *c) {
  kernels->multiply(&p, a, b, c);
}

enum { LS_FEW_SAMPLES = 256 };

/* Computes c = a^T b over samples: all rows by ls_kernels.multiply_shards or, where there is one
 * shard or no such function, a product for each sum that remains. */
void ls_multiply_shards(const ls_kernels *kernels, ls_product p, const ls_shards *shards,
                        const ls_real *a, const ls_real *b, ls_real *c);

/* From the widest instruction set to the one that the program is built for. */
extern const ls_kernels ls_kernels_x86_64_v4, ls_kernels_of_build;

/* Kernels that round operands to bfloat16 and add in float: by instructions for it, and in float.
 * Their bits do not depend on other rows and columns, but on the processor. They are not in the
 * build in double precision. */
extern const ls_kernels ls_kernels_x86_64_bf16, ls_kernels_bfloat16_of_build;

/* Returns the faster of these that this processor has; NULL in double precision. */
const ls_kernels *ls_kernels_bfloat16(void);

/* OpenBLAS, the independent implementation to compare with. */
extern const ls_kernels ls_kernels_openblas;

/* Returns the kernels for the instruction set that the environment variable LOCKSTEP_ISA names, or
 * without it for the widest one that this processor has. */
const ls_kernels *ls_kernels_default(void);

/* LS_INVALID if LOCKSTEP_ISA names an unknown instruction set or one that this processor lacks, or
 * if the processor lacks the one that the program is built for. */
int ls_kernels_check(void);

#endif
