/* The matrix products of a model's training pass. */
#include "nn/model/products.h"

#include "base/partition.h"
#include "lockstep/error.h"

/* Rows of a product from which on more don't make it faster. */
enum { MANY_ROWS = 4096 };

/* The layer as one product over `rows` rows in one direction, computed `times` times. */
static void add_plain(ls_products *list, const ls_layer *layer, bool backward, size_t rows,
                      size_t times) {
  const ls_product y = {.m = rows, .n = layer->product.n, .k = layer->product.k};
  ls_product_entry entry = {y, times, layer->index, backward};
  if (!backward) ls_products_add(list, &entry);
  if (backward && ls_layer_learns(layer)) {
    entry.product = ls_product_gradient_b(y);
    entry.product.adds = times > 1;
    ls_products_add(list, &entry);
  }
  if (backward && layer->input_gradient) {
    entry.product = ls_product_gradient_a(y);
    ls_products_add(list, &entry);
  }
}

int ls_model_plain_products(ls_products *list, const ls_model *model, size_t samples) {
  for (size_t i = 0; i < model->layer_count; i++) {
    const ls_layer *layer = &model->layers[i];
    size_t rows = layer->product.rows;
    if (rows == 0) continue;
    size_t together = rows < MANY_ROWS ? MANY_ROWS / rows : 1;
    if (together > samples) together = samples;
    size_t times = ls_partition_largest(samples, together);
    add_plain(list, layer, false, rows * together, times);
    add_plain(list, layer, true, rows * together, times);
  }
  return list->failed ? ls_fail(LS_FAILED, "out of memory") : LS_OK;
}

double ls_model_plain_operations(const ls_model *model, size_t samples) {
  double operations = 0;
  for (size_t i = 0; i < model->layer_count; i++) {
    const ls_layer *layer = &model->layers[i];
    const int times = 1 + (int)ls_layer_learns(layer) + (int)layer->input_gradient;
    operations += 2.0 * times * (double)(layer->product.rows * samples) * (double)layer->product.n *
                  (double)layer->product.k;
  }
  return operations;
}

static void add_layer(ls_products *list, const ls_layer *layer, bool backward, size_t samples) {
  if (layer->type->products) {
    layer->type->products(layer, samples, backward, list);
  } else if (layer->product.rows > 0) {
    add_plain(list, layer, backward, layer->product.rows * samples, 1);
  }
}

static void add_backward(ls_products *list, const ls_model *model, size_t first, size_t end,
                         size_t samples) {
  for (size_t i = end; i-- > first;) add_layer(list, &model->layers[i], true, samples);
}

int ls_model_products(ls_products *list, const ls_model *model, size_t samples) {
  for (size_t i = 0; i < model->layer_count; i++) {
    add_layer(list, &model->layers[i], false, samples);
  }
  for (size_t h = 0; h < model->head_count; h++) {
    add_backward(list, model, model->heads[h].first, model->heads[h].end, samples);
  }
  add_backward(list, model, 0, model->trunk, samples);
  return list->failed ? ls_fail(LS_FAILED, "out of memory") : LS_OK;
}
