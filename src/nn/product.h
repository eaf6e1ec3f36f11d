/* Matrix products as data: their shapes, and lists of those that a pass consists of. Layers compute
 * a product by ls_kernels (products/kernels.h) from the same description by which they list it, for
 * `lockstep bench`. All functions are local. */
#ifndef LS_NN_PRODUCT_H
#define LS_NN_PRODUCT_H

#include "lockstep/types.h"
#include "nn/model/model.h"

#include <stdbool.h>
#include <stddef.h>

struct ls_kernels;

/* c[m, n] = a[m, k] b[k, n], row-major and contiguous. */
typedef struct ls_product {
  size_t m, n, k;
  bool a_transposed; /* a is stored as [k, m] */
  bool b_transposed; /* b is stored as [n, k] */
  bool adds;         /* c += a b */
  /* The columns of c that are computed, `columns` from first_column on; columns 0: all. */
  size_t first_column, columns;
} ls_product;

/* The end of the columns that are computed. */
static inline size_t ls_product_end_column(const ls_product *p) {
  return p->columns > 0 ? p->first_column + p->columns : p->n;
}

/* The products of the gradients of c = a b, both operands stored plain: db = a^T dc, da = dc b^T.
 */
static inline ls_product ls_product_gradient_b(ls_product p) {
  return (ls_product){.m = p.k, .n = p.n, .k = p.m, .a_transposed = true};
}

static inline ls_product ls_product_gradient_a(ls_product p) {
  return (ls_product){.m = p.m, .n = p.k, .k = p.n, .b_transposed = true};
}

/* Equal products of one layer in one direction. */
typedef struct ls_product_entry {
  ls_product product; /* as the last of them was computed */
  size_t times;       /* how often the pass computes it */
  size_t layer;       /* number of the layer in the model */
  bool backward;
} ls_product_entry;

/* Begin with {0}, end with ls_products_free. */
typedef struct ls_products {
  ls_product_entry *items;
  size_t count, capacity;
  bool failed; /* entries are missing because memory ran out */
} ls_products;

/* Adds `entry` to the list: to the `times` of the entry that it equals, or as a new one. */
void ls_products_add(ls_products *list, const ls_product_entry *entry);
void ls_products_free(ls_products *list);

/* Memory for a product's operands and result, or for those of any product of the list, filled with
 * values that are neither 0 nor all the same; to be freed. Returns NULL, with the error recorded,
 * if there is no memory. */
ls_real *ls_product_operands(const ls_product *product);
ls_real *ls_products_operands(const ls_products *list);

/* Computes the product once in that memory, as layers do. */
void ls_product_compute(const struct ls_kernels *kernels, const ls_product *product,
                        ls_real *operands);

#endif
