/* Values of what needs no model: initialisers by member, activations against their formulas,
 * the loss computed from logits against the one from probabilities, accuracy. */
#include "unit.h"

#include "lockstep/layer.h"

#include <float.h>
#include <stdlib.h>
#include <string.h>

static const double epsilon = sizeof(ls_real) == 4 ? FLT_EPSILON : DBL_EPSILON;

/* ---- Initialisers ------------------------------------------------------------------------------
 */

enum { FAN_IN = 300, FAN_OUT = 500, COUNT = FAN_IN * FAN_OUT };

/* Variance, and the largest value in standard deviations: sqrt(3) for a uniform distribution, 2 /
 * 0.8796 for a normal one cut at 2 and widened. `fourth` is the fourth moment in the square of the
 * variance, which tells the two apart. */
static const struct {
  const char *name;
  double mean, variance, reach, fourth;
} initializer_cases[] = {
    {"zeros", 0, 0, 0, 0},
    {"ones", 1, 0, 0, 0},
    {"glorot_uniform", 0, 2.0 / (FAN_IN + FAN_OUT), 1.7320508, 1.8},
    {"glorot_normal", 0, 2.0 / (FAN_IN + FAN_OUT), 2.2736946, 2.3655},
    {"he_uniform", 0, 2.0 / FAN_IN, 1.7320508, 1.8},
    {"he_normal", 0, 2.0 / FAN_IN, 2.2736946, 2.3655},
};

static double central_moment(const ls_real *values, double mean, int power) {
  double sum = 0;
  for (size_t i = 0; i < COUNT; i++) sum += pow((double)values[i] - mean, power);
  return sum / COUNT;
}

static void check_initializer(const ls_initializer_type *type, size_t which, ls_real *values,
                              ls_real *again) {
  double mean = initializer_cases[which].mean, variance = initializer_cases[which].variance;
  double deviation = sqrt(variance), reach = initializer_cases[which].reach * deviation;
  ls_init init = {5, 3, FAN_IN, FAN_OUT};
  type->fill(NULL, &init, COUNT, values);
  type->fill(NULL, &init, COUNT, again);
  assert_memory_equal(values, again, COUNT * sizeof *values);
  double farthest = 0;
  for (size_t i = 0; i < COUNT; i++) farthest = fmax(farthest, fabs((double)values[i] - mean));
  assert_true(farthest <= reach * (1 + 1e-6) && farthest >= 0.99 * reach);
  /* Five standard errors. */
  expect_near(central_moment(values, 0, 1), mean, 5 * deviation / sqrt(COUNT));
  expect_near(central_moment(values, mean, 2), variance, 5 * variance * sqrt(1.4 / COUNT));
  expect_near(central_moment(values, mean, 4), initializer_cases[which].fourth * pow(variance, 2),
              0.05 * pow(variance, 2));
  if (variance == 0) return;
  ls_init others[2] = {init, init};
  others[0].seed++;
  others[1].index++;
  for (size_t k = 0; k < 2; k++) {
    type->fill(NULL, &others[k], COUNT, again);
    assert_memory_not_equal(values, again, COUNT * sizeof *values);
  }
}

static void initializers(void **state) {
  (void)state;
  ls_real *values = new_array(COUNT, sizeof *values), *again = new_array(COUNT, sizeof *again);
  for (size_t i = 0; i < ls_initializers.count; i++) {
    const char *name = ls_initializers.members[i]->name;
    size_t k = 0;
    while (k < COUNT_OF(initializer_cases) && strcmp(initializer_cases[k].name, name) != 0) k++;
    if (k == COUNT_OF(initializer_cases)) fail_msg("the initialiser %s has no case here", name);
    check_initializer((const ls_initializer_type *)ls_initializers.members[i], k, values, again);
  }
  free(values);
  free(again);
}

/* ---- Activations -------------------------------------------------------------------------------
 */

enum { WIDTH = 5 };

static const ls_real inputs[WIDTH] = {(ls_real)-2.5, (ls_real)-0.3, 0, (ls_real)0.7, 30};

static double linear(double z) {
  return z;
}
static double relu(double z) {
  return z > 0 ? z : 0;
}
static double sigmoid(double z) {
  return 1 / (1 + exp(-z));
}
static double softmax(double z) {
  double sum = 0;
  for (size_t i = 0; i < WIDTH; i++) sum += exp((double)inputs[i]);
  return exp(z) / sum;
}

/* `bounded`: it takes the largest of inputs without overflow. */
static const struct {
  const char *name;
  double (*formula)(double z);
  bool bounded;
} activation_cases[] = {{"linear", linear, false},
                        {"relu", relu, false},
                        {"sigmoid", sigmoid, true},
                        {"tanh", tanh, true},
                        {"softmax", softmax, true}};

static void check_activation(const ls_activation_type *type, size_t which) {
  ls_real y[WIDTH], in_place[WIDTH], far[WIDTH] = {10000, -10000, 9999, 0, 10000}, nan[WIDTH] = {0};
  type->forward(NULL, 1, WIDTH, inputs, y);
  for (size_t i = 0; i < WIDTH; i++) {
    double expected = activation_cases[which].formula((double)inputs[i]);
    expect_near((double)y[i], expected, 8 * epsilon * fabs(expected));
  }
  memcpy(in_place, inputs, sizeof inputs);
  type->forward(NULL, 1, WIDTH, in_place, in_place);
  assert_memory_equal(in_place, y, sizeof y);
  type->forward(NULL, 1, WIDTH, far, far);
  for (size_t i = 0; i < WIDTH; i++) {
    assert_true(isfinite(far[i]));
    if (activation_cases[which].bounded) assert_true(far[i] >= -1 && far[i] <= 1);
  }
  nan[2] = (ls_real)NAN;
  type->forward(NULL, 1, WIDTH, nan, nan);
  assert_true(isnan(nan[2]));
}

static void activations(void **state) {
  (void)state;
  for (size_t i = 0; i < ls_activations.count; i++) {
    const char *name = ls_activations.members[i]->name;
    size_t k = 0;
    while (k < COUNT_OF(activation_cases) && strcmp(activation_cases[k].name, name) != 0) k++;
    if (k == COUNT_OF(activation_cases)) fail_msg("the activation %s has no case here", name);
    check_activation((const ls_activation_type *)ls_activations.members[i], k);
  }
}

/* ---- Loss and metric ---------------------------------------------------------------------------
 */

/* The loss of logits z, -log softmax(z)[label], worked out in long double. */
static double direct_loss(const ls_real *z, int32_t label) {
  long double sum = 0;
  for (size_t i = 0; i < WIDTH; i++) sum += expl((long double)z[i] - (long double)z[label]);
  return (double)logl(sum);
}

/* Softmax, then the loss of probabilities, gives what the fused loss gives: value and gradient. */
static void fused_loss(void **state) {
  (void)state;
  static const ls_real rows[3][WIDTH] = {
      {(ls_real)0.5, -1, 2, 0, (ls_real)-0.25}, {3, 1, -2, (ls_real)0.1, 1}, {0, 0, 0, 0, 0}};
  static const int32_t labels[3] = {2, 4, 0};
  const ls_loss_type *loss = &ls_loss_categorical_crossentropy;
  const ls_activation_type *activation = loss->fuses;
  const ls_real scale = (ls_real)0.5;
  ls_real fused[3 * WIDTH], y[3 * WIDTH], unfused[3 * WIDTH];
  ls_outputs logits = {3, WIDTH, &rows[0][0], true, labels};
  ls_outputs outputs = {3, WIDTH, y, false, labels};
  activation->forward(NULL, 3, WIDTH, &rows[0][0], y);
  double from_logits = loss->evaluate(NULL, &logits, scale, fused);
  double from_outputs = loss->evaluate(NULL, &outputs, scale, unfused);
  activation->backward(NULL, 3, WIDTH, y, unfused, unfused);
  double expected = 0;
  for (size_t i = 0; i < 3; i++) expected += direct_loss(rows[i], labels[i]);
  expect_near(from_logits, expected, 10 * epsilon);
  expect_near(from_outputs, expected, 10 * epsilon);
  expect_near(loss->evaluate(NULL, &logits, 1, NULL), expected, 10 * epsilon);
  for (size_t i = 0; i < 3 * WIDTH; i++) {
    expect_near((double)fused[i], (double)unfused[i], 4 * epsilon);
  }
}

/* Logits of any size give a finite loss, exact where exp would overflow. */
static void large_logits(void **state) {
  (void)state;
  static const ls_real rows[3][WIDTH] = {
      {10000, -10000, 0, 1, 2}, {10000, -10000, 0, 1, 2}, {-10000, -10000, -10000, -10001, -20000}};
  static const int32_t labels[3] = {0, 1, 3};
  static const double expected[3] = {0, 20000, 2.2142833};
  for (size_t i = 0; i < 3; i++) {
    ls_real gradient[WIDTH], sum = 0;
    ls_outputs outputs = {1, WIDTH, rows[i], true, &labels[i]};
    double loss = ls_loss_categorical_crossentropy.evaluate(NULL, &outputs, 1, gradient);
    expect_near(loss, expected[i], 1e-6);
    for (size_t k = 0; k < WIDTH; k++) {
      assert_true(gradient[k] >= -1 && gradient[k] <= 1);
      sum += gradient[k];
    }
    expect_near((double)sum, 0, 4 * epsilon);
  }
}

/* Keras's clipping, where the probability of the class is 0: finite, and no gradient. */
static void clipped_loss(void **state) {
  (void)state;
  static const ls_real y[WIDTH] = {0, 2, 1, 0, 1};
  ls_real gradient[WIDTH];
  int32_t label = 0;
  ls_outputs outputs = {1, WIDTH, y, false, &label};
  double loss = ls_loss_categorical_crossentropy.evaluate(NULL, &outputs, 1, gradient);
  expect_near(loss, -log(1e-7), 1e-9);
  for (size_t k = 0; k < WIDTH; k++) assert_true(gradient[k] == 0);
  label = 1; /* outputs are divided by their sum first: half */
  loss = ls_loss_categorical_crossentropy.evaluate(NULL, &outputs, 1, gradient);
  expect_near(loss, log(2), 1e-12);
}

static void accuracy(void **state) {
  (void)state;
  const ls_real nan = (ls_real)NAN;
  const ls_real rows[6][3] = {{1, 3, 2}, {4, 3, 2}, {5, 5, 1}, {5, 5, 1}, {nan, 1, 0}, {1, nan, 0}};
  static const int32_t labels[6] = {1, 1, 0, 1, 1, 0};
  ls_outputs outputs = {6, 3, &rows[0][0], false, labels};
  assert_true(ls_metric_accuracy.evaluate(NULL, &outputs) == 2);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(initializers), cmocka_unit_test(activations),  cmocka_unit_test(fused_loss),
      cmocka_unit_test(large_logits), cmocka_unit_test(clipped_loss), cmocka_unit_test(accuracy),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
