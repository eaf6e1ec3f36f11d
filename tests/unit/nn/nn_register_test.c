/* Registering types: they join their family, and incomplete or double ones are refused. */
#include "unit.h"

#include "lockstep/error.h"
#include "nn/families.h"

#include <string.h>

static const ls_arg args[] = {LS_LAYER_ARGS, {NULL}};

static int build(ls_layer *layer) {
  layer->output = layer->input;
  return LS_OK;
}

static void pass(const ls_layer *layer, const ls_pass *p) {
  (void)layer, (void)p;
}

static void test_layer(void **state) {
  (void)state;
  static const ls_layer_type type = {
      .component = {"passing", "passes its input on", sizeof(ls_layer_args), args},
      .build = build,
      .forward = pass,
      .backward = pass};
  const size_t count = ls_layers.count;
  assert_null(ls_family_find(&ls_layers, "passing"));
  assert_int_equal(ls_layer_register(&type), LS_OK);
  assert_int_equal(ls_layers.count, count + 1);
  assert_ptr_equal(ls_family_find(&ls_layers, "passing"), &type.component);
  assert_ptr_equal(ls_family_find(&ls_layers, "dense"), &ls_layer_dense.component);
  assert_int_equal(ls_layer_register(&type), LS_INVALID);
  assert_string_equal(ls_error_message(), "there is another layer named 'passing'");
  assert_int_equal(ls_layers.count, count + 1);
}

static void test_incomplete_types(void **state) {
  (void)state;
  static const ls_layer_type no_backward = {
      .component = {"forward_only", "", sizeof(ls_layer_args), args},
      .build = build,
      .forward = pass};
  static const ls_layer_type no_args = {
      .component = {"bare", "", 0, args + 1}, .build = build, .forward = pass, .backward = pass};
  static const ls_activation_type empty = {.component = {"empty", "", 0, args + 1}};
  assert_int_equal(ls_layer_register(&no_backward), LS_INVALID);
  assert_string_equal(ls_error_message(), "layer 'forward_only': lacks one of its functions");
  assert_int_equal(ls_layer_register(&no_args), LS_INVALID);
  assert_string_equal(ls_error_message(),
                      "layer 'bare': its arguments must begin with ls_layer_args");
  assert_int_equal(ls_activation_register(&empty), LS_INVALID);
  assert_null(ls_family_find(&ls_activations, "empty"));
}

static void test_other_families(void **state) {
  (void)state;
  static ls_activation_type activation;
  static ls_initializer_type initializer;
  static ls_regularizer_type regularizer;
  static ls_loss_type loss;
  static ls_metric_type metric;
  activation = ls_activation_relu;
  initializer = ls_initializer_zeros;
  regularizer = ls_regularizer_l2;
  loss = ls_loss_mean_squared_error;
  metric = ls_metric_accuracy;
  assert_int_equal(ls_activation_register(&activation), LS_INVALID); /* named as another */
  activation.component.name = initializer.component.name = regularizer.component.name =
      loss.component.name = metric.component.name = "own";
  assert_int_equal(ls_activation_register(&activation), LS_OK);
  assert_int_equal(ls_initializer_register(&initializer), LS_OK);
  assert_int_equal(ls_regularizer_register(&regularizer), LS_OK);
  assert_int_equal(ls_loss_register(&loss), LS_OK);
  assert_int_equal(ls_metric_register(&metric), LS_OK);
  assert_ptr_equal(ls_family_find(&ls_losses, "own"), &loss.component);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_layer),
      cmocka_unit_test(test_incomplete_types),
      cmocka_unit_test(test_other_families),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
