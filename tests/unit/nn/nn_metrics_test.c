/* Values of metrics, worked out by hand. */
#include "arguments.h"

#include "nn/families.h"

static double measure(const ls_metric_type *type, const char *arg, double value,
                      const ls_outputs *outputs) {
  void *args = make_arguments(&type->component, arg, value);
  double sum = type->evaluate(args, outputs);
  free(args);
  return sum;
}

static void accuracy(void **state) {
  (void)state;
  const ls_real nan = (ls_real)NAN;
  const ls_real rows[6][3] = {{1, 3, 2}, {4, 3, 2}, {5, 5, 1}, {5, 5, 1}, {nan, 1, 0}, {1, nan, 0}};
  static const int32_t labels[6] = {1, 1, 0, 1, 1, 0};
  ls_outputs outputs = {6, 3, &rows[0][0], false, labels, NULL};
  assert_true(ls_metric_accuracy.evaluate(NULL, &outputs) == 2);
}

/* The first three rows are the example of TensorFlow's in_top_k. */
static void top_k(void **state) {
  (void)state;
  const ls_metric_type *type = &ls_metric_top_k_categorical_accuracy;
  const ls_real rows[6][4] = {
      {(ls_real)1.2, (ls_real)-0.3, (ls_real)2.8, (ls_real)5.2},
      {(ls_real)0.1, 0, 0, 0},
      {0, (ls_real)0.5, (ls_real)0.3, (ls_real)0.3},
      {4, 3, 2, 1},
      {1, (ls_real)NAN, 0, 0},
      {1, (ls_real)INFINITY, 0, 0},
  };
  static const int32_t labels[6] = {0, 1, 3, 3, 0, 0};
  static const double right[5] = {0, 0, 2, 3, 4}; /* for k from 1 */
  ls_outputs outputs = {6, 4, &rows[0][0], false, labels, NULL};
  for (int k = 1; k <= 4; k++) assert_true(measure(type, "k", k, &outputs) == right[k]);
  assert_true(measure(type, NULL, 0, &outputs) == 4); /* 5 of 4 */
  for (size_t i = 0; i < 3; i++) {
    outputs = (ls_outputs){1, 4, rows[i], false, &labels[i], NULL};
    assert_true(measure(type, "k", 2, &outputs) == (i > 0));
  }
}

static void binary_accuracy(void **state) {
  (void)state;
  const ls_metric_type *type = &ls_metric_binary_accuracy;
  const ls_real y[2][4] = {{(ls_real)0.5, (ls_real)0.75, (ls_real)0.5, (ls_real)0.9},
                           {(ls_real)NAN, (ls_real)NAN, 2, -1}};
  static const ls_real t[2][4] = {{0, 1, 1, (ls_real)0.9}, {0, 1, 1, 0}};
  ls_outputs outputs = {2, 4, &y[0][0], false, NULL, &t[0][0]};
  assert_true(measure(type, NULL, 0, &outputs) == 1);
  assert_true(measure(type, "threshold", 0.2, &outputs) == 1);
  assert_true(measure(type, "threshold", 0.8, &outputs) == 0.75);
}

static void mean_errors(void **state) {
  (void)state;
  static const ls_real y[3][2] = {{1, 2}, {0, 0}, {-1, 5}}, t[3][2] = {{1, 0}, {0, 1}, {1, 2}};
  ls_outputs outputs = {3, 2, &y[0][0], false, NULL, &t[0][0]};
  assert_true(measure(&ls_metric_mean_squared_error, NULL, 0, &outputs) == 9);
  assert_true(measure(&ls_metric_mean_absolute_error, NULL, 0, &outputs) == 4);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(accuracy),
      cmocka_unit_test(top_k),
      cmocka_unit_test(binary_accuracy),
      cmocka_unit_test(mean_errors),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
