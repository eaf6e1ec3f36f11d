/* Matrix products as layers ask for them: a list of those that a pass computes, and each of them
 * again, to be timed. Local. */
#ifndef LS_NN_PRODUCT_H
#define LS_NN_PRODUCT_H

#include "lockstep/types.h"
#include "nn/model.h"

#include <stdbool.h>
#include <stddef.h>

/* c[m, n] = a[m, k] b[k, n], each operand stored transposed where so said, or c += that: so for all
 * but the first where a layer adds up a gradient. */
typedef struct ls_product {
  size_t layer; /* its number in the model */
  bool backward;
  size_t m, n, k;
  bool a_transposed, b_transposed, adds;
  size_t times; /* that the pass computes it */
} ls_product;

/* Start from {0}; ls_products_free in the end. */
typedef struct ls_products {
  ls_product *items;
  size_t count, capacity;
  bool failed; /* for want of memory some are missing */

  /* Of the pass in hand. */
  size_t layer;
  bool backward;
} ls_products;

/* From now on every product of a training pass goes into the list, which is borrowed; NULL: no
 * longer. Equal products of one layer and direction are one item. */
void ls_products_record(ls_products *list);
void ls_products_free(ls_products *list);

/* Lists the products that layers are by definition, for a pass of so many samples: of a convolution
 * those of its patches with its kernel, one for each few samples, whichever way it is computed.
 * LS_FAILED without memory. */
int ls_products_plain(ls_products *list, const ls_model *model, size_t samples);

/* Memory for the operands of any of `count` products, one behind the other, with numbers in it; to
 * be freed. NULL, with the error recorded, without memory. */
ls_real *ls_product_operands(const ls_product *products, size_t count);

/* Computes it once in that memory, through the same call as layers do. */
void ls_product_compute(const ls_product *product, ls_real *operands);

#endif
