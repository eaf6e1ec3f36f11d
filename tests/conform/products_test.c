/* The matrix products that layers list are those that they compute. */
#include "fragment.h"

#include "nn/compute.h"
#include "nn/convolution/winograd_maps.h"
#include "nn/model/products.h"
#include "nn/products/kernels.h"

#include <stdlib.h>

enum { CLASSES = 4, SAMPLES = 21 };

static ls_products calls; /* since the pass began, of layer 0 */
static bool in_backward;

static bool supported(void) {
  return true;
}

static void multiply(const ls_product *p, const ls_real *a, const ls_real *b, ls_real *c) {
  const ls_product_entry call = {.product = *p, .times = 1, .backward = in_backward};
  ls_products_add(&calls, &call);
  ls_kernels_default()->multiply(p, a, b, c);
}

static const ls_kernels recorder = {.name = "recorder",
                                    .supported = supported,
                                    .multiply = multiply,
                                    .maps = &winograd_maps_of_build};

static void run_pass(subject *s) {
  ls_products_free(&calls);
  fill_batch(s, SAMPLES, CLASSES);
  in_backward = false;
  run_forward(s, true, 1, 0);
  in_backward = true;
  run_backward(s, 1.0 / SAMPLES);
}

/* The list without the layers' numbers. */
static ls_products merge_layers(const ls_products *list) {
  ls_products merged = {0};
  for (size_t i = 0; i < list->count; i++) {
    ls_product_entry entry = list->items[i];
    entry.layer = 0;
    ls_products_add(&merged, &entry);
  }
  return merged;
}

static void expect_equal(const ls_product_entry *entry, const ls_product_entry *expected) {
  const ls_product *p = &entry->product, *e = &expected->product;
  assert_int_equal(entry->layer, expected->layer);
  assert_int_equal(entry->backward, expected->backward);
  assert_int_equal(p->m, e->m);
  assert_int_equal(p->n, e->n);
  assert_int_equal(p->k, e->k);
  assert_int_equal(p->a_transposed, e->a_transposed);
  assert_int_equal(p->b_transposed, e->b_transposed);
  assert_int_equal(p->adds, e->adds);
  assert_int_equal(entry->times, expected->times);
}

static void expect_same_lists(const ls_products *list, const ls_products *expected) {
  assert_int_equal(list->count, expected->count);
  for (size_t i = 0; i < list->count; i++) expect_equal(&list->items[i], &expected->items[i]);
}

static void expect_listed(subject *s) {
  ls_products list = {0};
  s->model->kernels = &recorder;
  ls_workspace_free(&s->workspace);
  assert_int_equal(ls_workspace_create(&s->workspace, s->model, SAMPLES, 1), LS_OK);
  run_pass(s);
  assert_int_equal(ls_model_products(&list, s->model, SAMPLES), LS_OK);
  ls_products merged = merge_layers(&list);
  expect_same_lists(&merged, &calls);
  ls_products_free(&merged);
  ls_products_free(&list);
  ls_products_free(&calls);
}

#define HEAD ", flatten, {dense: 4}]"
#define CONVOLUTION(channels, layer)                                                               \
  {                                                                                                \
    "model: [{conv2d: {filters: " channels ", kernel_size: 1}}, {" layer "}" HEAD, {               \
      3, {                                                                                         \
        18, 19, 3                                                                                  \
      }                                                                                            \
    }                                                                                              \
  }

/* Dense layers, some frozen; convolutions by patches, pointwise, and by Winograd's method in one
 * block and in several; the same transposed; layers before which nothing learns. */
static void listed_as_computed(void **state) {
  (void)state;
  static const struct {
    const char *yaml;
    ls_shape input;
  } cases[] = {
      {"model: [{dense: 6}, {dense: 4}]", {1, {5}}},
      {"model: [{dense: {units: 7, trainable: false}}, {dense: 6}, {dense: {units: 5, trainable: "
       "false}}, {dense: 4}]",
       {1, {5}}},
      {"model: [{conv2d: {filters: 3, kernel_size: 3}}" HEAD, {3, {9, 8, 2}}},
      {"model: [{conv2d: {filters: 3, kernel_size: 3, trainable: false}}" HEAD, {3, {9, 8, 2}}},
      {"model: [{conv2d: {filters: 3, kernel_size: 7}}" HEAD, {3, {90, 70, 2}}},
      CONVOLUTION("2", "conv2d: {filters: 3, kernel_size: 5, strides: 2}"),
      CONVOLUTION("2", "conv2d: {filters: 3, kernel_size: 1}"),
      CONVOLUTION("8", "conv2d: {filters: 9, kernel_size: 3}"),
      CONVOLUTION("40", "conv2d: {filters: 48, kernel_size: 5, padding: same}"),
      CONVOLUTION("8", "conv2d: {filters: 9, kernel_size: 3, trainable: false}"),
      CONVOLUTION("2", "conv2d_transpose: {filters: 3, kernel_size: 3, strides: 2}"),
      CONVOLUTION("8", "conv2d_transpose: {filters: 9, kernel_size: 3}"),
      {"model: [{conv2d_transpose: {filters: 8, kernel_size: 4}}" HEAD, {3, {9, 8, 8}}},
  };
  for (size_t i = 0; i < COUNT_OF(cases); i++) {
    subject s = make_subject(cases[i].yaml, cases[i].input, CLASSES, SAMPLES);
    expect_listed(&s);
    free_subject(&s);
  }
}

/* By definition: of 300 samples 7 go through a product of 4032 rows, 24 x 24 pixels of each,
 * together. */
static void plain(void **state) {
  (void)state;
  static const ls_product_entry expected[] = {
      {{.m = 4032, .n = 6, .k = 25}, 43, 0, false},
      {{.m = 25, .n = 6, .k = 4032, .a_transposed = true, .adds = true}, 43, 0, true},
      {{.m = 300, .n = 10, .k = 864}, 1, 3, false},
      {{.m = 864, .n = 10, .k = 300, .a_transposed = true}, 1, 3, true},
      {{.m = 300, .n = 864, .k = 10, .b_transposed = true}, 1, 3, true},
  };
  subject s = make_subject("model: [{conv2d: {filters: 6, kernel_size: 5}}, max_pooling2d, flatten,"
                           " {dense: 10}]",
                           (ls_shape){3, {28, 28, 1}}, 10, 1);
  ls_products list = {0};
  assert_int_equal(ls_model_plain_products(&list, s.model, 300), LS_OK);
  assert_int_equal(list.count, COUNT_OF(expected));
  for (size_t i = 0; i < list.count; i++) expect_equal(&list.items[i], &expected[i]);
  ls_products_free(&list);
  free_subject(&s);
}

int main(void) {
  if (ls_compute_start() != LS_OK) return 1;
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(listed_as_computed),
      cmocka_unit_test(plain),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
