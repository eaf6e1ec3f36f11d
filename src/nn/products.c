/* The list of matrix products that a pass computes. */
#include "nn/product.h"

#include "base/memory.h"
#include "base/partition.h"
#include "lockstep/error.h"
#include "nn/blas.h"

#include <stdlib.h>

ls_products *blas_list;

void ls_products_record(ls_products *list) {
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

static void append(ls_products *list, const ls_product *p) {
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
  list->items[list->count++] = *p;
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
  append(list, &p);
}

/* Rows of a product from which on more don't make it faster. */
enum { MANY_ROWS = 4096 };

int ls_products_plain(ls_products *list, const ls_model *model, size_t samples) {
  bool below = false;
  for (size_t i = 0; i < model->layer_count; i++) {
    const ls_layer *layer = &model->layers[i];
    size_t rows = layer->product.rows, n = layer->product.n, k = layer->product.k;
    bool passes_on = below;
    below |= ls_layer_learns(layer);
    if (rows == 0) continue;
    size_t together = rows < MANY_ROWS ? MANY_ROWS / rows : 1;
    if (together > samples) together = samples;
    size_t m = rows * together, times = ls_partition_largest(samples, together);
    const ls_product forward = {.layer = i, .m = m, .n = n, .k = k, .times = times};
    ls_product for_kernel = forward, for_input = forward;
    for_kernel.backward = for_input.backward = true;
    for_kernel.m = k;
    for_kernel.k = m;
    for_kernel.a_transposed = true;
    for_kernel.adds = times > 1;
    for_input.n = k;
    for_input.k = n;
    for_input.b_transposed = true;
    append(list, &forward);
    if (ls_layer_learns(layer)) append(list, &for_kernel);
    if (passes_on) append(list, &for_input);
  }
  return list->failed ? ls_fail(LS_FAILED, "out of memory") : LS_OK;
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
