/* Lists of matrix products, and the memory to time them in. */
#include "nn/product.h"

#include "base/memory.h"
#include "nn/products/kernels.h"

#include <stdlib.h>

static bool same(const ls_product_entry *e, const ls_product_entry *f) {
  const ls_product *p = &e->product, *q = &f->product;
  return e->layer == f->layer && e->backward == f->backward && p->m == q->m && p->n == q->n &&
         p->k == q->k && p->a_transposed == q->a_transposed && p->b_transposed == q->b_transposed;
}

static bool grow(ls_products *list) {
  size_t capacity = 2 * list->capacity + 16;
  ls_product_entry *items = realloc(list->items, capacity * sizeof *items);
  if (!items) return false;
  list->items = items;
  list->capacity = capacity;
  return true;
}

void ls_products_add(ls_products *list, const ls_product_entry *entry) {
  for (size_t i = list->count; i-- > 0;) {
    ls_product_entry *item = &list->items[i];
    if (!same(item, entry)) continue;
    item->product = entry->product;
    item->times += entry->times;
    return;
  }
  if (list->count == list->capacity && !grow(list)) {
    list->failed = true;
    return;
  }
  list->items[list->count++] = *entry;
}

void ls_products_free(ls_products *list) {
  free(list->items);
  *list = (ls_products){0};
}

static size_t size_of(const ls_product *p) {
  return p->m * p->k + p->k * p->n + p->m * p->n;
}

static ls_real *make_operands(size_t count) {
  ls_real *operands = ls_new(count, sizeof *operands);
  for (size_t i = 0; operands && i < count; i++) operands[i] = (ls_real)(i % 101) / 1000;
  return operands;
}

ls_real *ls_product_operands(const ls_product *product) {
  return make_operands(size_of(product));
}

ls_real *ls_products_operands(const ls_products *list) {
  size_t most = 0;
  for (size_t i = 0; i < list->count; i++) {
    size_t size = size_of(&list->items[i].product);
    if (size > most) most = size;
  }
  return make_operands(most);
}

void ls_product_compute(const ls_kernels *kernels, const ls_product *product, ls_real *operands) {
  const ls_real *a = operands, *b = a + product->m * product->k;
  kernels->multiply(product, a, b, operands + product->m * product->k + product->k * product->n);
}
