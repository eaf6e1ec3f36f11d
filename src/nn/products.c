/* The list of matrix products that a pass computes. */
#include "lockstep/product.h"

#include "blas.h"
#include "lockstep/memory.h"

#include <stdlib.h>

ls_products *blas_list;

void ls_products_note(ls_products *list) {
  blas_list = list;
}

void ls_products_free(ls_products *list) {
  free(list->items);
  *list = (ls_products){0};
}

static bool same(const ls_product *p, const ls_product *q) {
  return p->layer == q->layer && p->backward == q->backward && p->m == q->m && p->n == q->n &&
         p->k == q->k && p->a_transposed == q->a_transposed && p->b_transposed == q->b_transposed;
}

void blas_note_layer(size_t layer, bool backward) {
  if (!blas_list) return;
  blas_list->layer = layer;
  blas_list->backward = backward;
}

void blas_note(enum ls_transpose ta, enum ls_transpose tb, size_t m, size_t n, size_t k,
               bool adds) {
  ls_products *list = blas_list;
  const ls_product p = {.layer = list->layer,
                        .backward = list->backward,
                        .m = m,
                        .n = n,
                        .k = k,
                        .a_transposed = ta == LS_TRANSPOSED,
                        .b_transposed = tb == LS_TRANSPOSED,
                        .adds = adds,
                        .times = 1};
  for (size_t i = list->count; i-- > 0;) {
    if (!same(&list->items[i], &p)) continue;
    list->items[i].times++;
    list->items[i].adds = adds;
    return;
  }
  if (list->count == list->capacity) {
    size_t capacity = 2 * list->capacity + 16;
    ls_product *items = realloc(list->items, capacity * sizeof *items);
    if (!items) {
      list->failed = true;
      return;
    }
    list->items = items;
    list->capacity = capacity;
  }
  list->items[list->count++] = p;
}

static size_t size_of(const ls_product *p) {
  return p->m * p->k + p->k * p->n + p->m * p->n;
}

ls_real *ls_product_operands(const ls_product *products, size_t count) {
  size_t most = 0;
  for (size_t i = 0; i < count; i++) {
    if (size_of(&products[i]) > most) most = size_of(&products[i]);
  }
  ls_real *operands = ls_new(most, sizeof *operands);
  for (size_t i = 0; operands && i < most; i++) operands[i] = (ls_real)(i % 101) / 1000;
  return operands;
}

void ls_product_compute(const ls_product *p, ls_real *operands) {
  const ls_real *a = operands, *b = a + p->m * p->k;
  ls_gemm_add(p->a_transposed ? LS_TRANSPOSED : LS_PLAIN,
              p->b_transposed ? LS_TRANSPOSED : LS_PLAIN, p->m, p->n, p->k, a, b, p->adds,
              operands + p->m * p->k + p->k * p->n);
}
