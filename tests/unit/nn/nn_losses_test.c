/* Values of losses: against their formulas and what PyTorch 1.13 gives in double precision, from
 * logits against from probabilities, far out, not a number. */
#include "arguments.h"

#include "nn/families.h"

#include <float.h>
#include <stdlib.h>
#include <string.h>

static const double epsilon = sizeof(ls_real) == 4 ? FLT_EPSILON : DBL_EPSILON;

enum { WIDTH = 5 };

/* The loss with its default arguments. */
static double evaluate(const ls_loss_type *loss, const ls_outputs *outputs, ls_real scale,
                       ls_real *dy) {
  void *args = make_arguments(&loss->component, NULL, 0);
  double value = loss->evaluate(args, outputs, scale, dy);
  free(args);
  return value;
}

/* ---- Of classes ------------------------------------------------------------------------------ */

/* The loss of logits z, -log softmax(z)[label], worked out in long double. */
static double direct_loss(const ls_real *z, int32_t label) {
  long double sum = 0;
  for (size_t i = 0; i < WIDTH; i++) sum += expl((long double)z[i] - (long double)z[label]);
  return (double)logl(sum);
}

/* Softmax, then the loss of probabilities, gives what the fused loss gives: value and gradient. */
static void fused_categorical(void **state) {
  (void)state;
  static const ls_real rows[3][WIDTH] = {
      {(ls_real)0.5, -1, 2, 0, (ls_real)-0.25}, {3, 1, -2, (ls_real)0.1, 1}, {0, 0, 0, 0, 0}};
  static const int32_t labels[3] = {2, 4, 0};
  const ls_loss_type *loss = &ls_loss_categorical_crossentropy;
  const ls_activation_type *activation = loss->fuses;
  const ls_real scale = (ls_real)0.5;
  ls_real fused[3 * WIDTH], y[3 * WIDTH], unfused[3 * WIDTH];
  ls_outputs logits = {3, WIDTH, &rows[0][0], true, labels, NULL};
  ls_outputs outputs = {3, WIDTH, y, false, labels, NULL};
  activation->forward(NULL, 3, WIDTH, &rows[0][0], y);
  double from_logits = evaluate(loss, &logits, scale, fused);
  double from_outputs = evaluate(loss, &outputs, scale, unfused);
  activation->backward(NULL, 3, WIDTH, NULL, y, unfused, unfused);
  double expected = 0;
  for (size_t i = 0; i < 3; i++) expected += direct_loss(rows[i], labels[i]);
  expect_near(from_logits, expected, 10 * epsilon);
  expect_near(from_outputs, expected, 10 * epsilon);
  expect_near(evaluate(loss, &logits, 1, NULL), expected, 10 * epsilon);
  for (size_t i = 0; i < 3 * WIDTH; i++) {
    expect_near((double)fused[i], (double)unfused[i], 4 * epsilon);
  }
}

/* Logits of any size give a finite loss, exact where exp would overflow. */
static void large_categorical(void **state) {
  (void)state;
  static const ls_real rows[3][WIDTH] = {
      {10000, -10000, 0, 1, 2}, {10000, -10000, 0, 1, 2}, {-10000, -10000, -10000, -10001, -20000}};
  static const int32_t labels[3] = {0, 1, 3};
  static const double expected[3] = {0, 20000, 2.2142833};
  for (size_t i = 0; i < 3; i++) {
    ls_real gradient[WIDTH], sum = 0;
    ls_outputs outputs = {1, WIDTH, rows[i], true, &labels[i], NULL};
    double loss = evaluate(&ls_loss_categorical_crossentropy, &outputs, 1, gradient);
    expect_near(loss, expected[i], 1e-6);
    for (size_t k = 0; k < WIDTH; k++) {
      assert_true(gradient[k] >= -1 && gradient[k] <= 1);
      sum += gradient[k];
    }
    expect_near((double)sum, 0, 4 * epsilon);
  }
}

/* Keras's clipping, where the probability of the class is 0: finite, and no gradient. */
static void clipped_categorical(void **state) {
  (void)state;
  static const ls_real y[WIDTH] = {0, 2, 1, 0, 1};
  ls_real gradient[WIDTH];
  int32_t label = 0;
  ls_outputs outputs = {1, WIDTH, y, false, &label, NULL};
  double loss = evaluate(&ls_loss_categorical_crossentropy, &outputs, 1, gradient);
  expect_near(loss, -log(1e-7), 1e-9);
  for (size_t k = 0; k < WIDTH; k++) assert_true(gradient[k] == 0);
  label = 1; /* outputs are divided by their sum first: half */
  loss = evaluate(&ls_loss_categorical_crossentropy, &outputs, 1, gradient);
  expect_near(loss, log(2), 1e-12);
}

/* ---- Of values ------------------------------------------------------------------------------- */

enum { ROWS = 2 };
static const ls_real y_rows[ROWS * WIDTH] = {(ls_real)0.5, -1,           2, 0, (ls_real)-0.25, 3, 1,
                                             -2,           (ls_real)0.1, 1};
static const ls_real t_rows[ROWS * WIDTH] = {1, 0, (ls_real)0.25, (ls_real)0.5, 0, 1, 1,
                                             0, 0, (ls_real)0.75};

/* Sums over the two samples, y taken as logits by the crossentropy. */
static const struct {
  const ls_loss_type *loss;
  double torch;
} value_losses[] = {{&ls_loss_binary_crossentropy, 1.0959577361813646},
                    {&ls_loss_mean_squared_error, 2.5395},
                    {&ls_loss_mean_absolute_error, 1.67}};

static double sigmoid(double z) {
  return 1 / (1 + exp(-z));
}

/* An element's loss, and its derivative. */
static double formula(const ls_loss_type *loss, double y, double t) {
  if (loss == &ls_loss_mean_squared_error) return pow(y - t, 2);
  if (loss == &ls_loss_mean_absolute_error) return fabs(y - t);
  return -t * log(sigmoid(y)) - (1 - t) * log(sigmoid(-y));
}

static double slope(const ls_loss_type *loss, double y, double t) {
  if (loss == &ls_loss_mean_squared_error) return 2 * (y - t);
  if (loss == &ls_loss_mean_absolute_error) return (y > t) - (y < t);
  return sigmoid(y) - t;
}

static void check_values(const ls_loss_type *loss, size_t rows, size_t width, const ls_real *y,
                         const ls_real *t) {
  const ls_real scale = (ls_real)0.5;
  size_t count = rows * width;
  ls_outputs outputs = {rows, width, y, loss->fuses != NULL, NULL, t};
  ls_real *dy = new_array(count, sizeof *dy);
  double expected = 0, value = evaluate(loss, &outputs, scale, dy);
  for (size_t i = 0; i < count; i++) {
    expected += formula(loss, (double)y[i], (double)t[i]) / (double)width;
    double derivative = 0.5 * slope(loss, (double)y[i], (double)t[i]) / (double)width;
    expect_near((double)dy[i], derivative, 8 * epsilon * fmax(1, fabs((double)y[i])));
  }
  expect_near(value, expected, 8 * epsilon * expected);
  assert_true(evaluate(loss, &outputs, 1, NULL) == value);
  memcpy(dy, y, count * sizeof *dy); /* the gradient in place of the outputs */
  outputs.y = dy;
  assert_true(evaluate(loss, &outputs, scale, dy) == value);
  expect_near((double)dy[0], 0.5 * slope(loss, (double)y[0], (double)t[0]) / (double)width,
              8 * epsilon * fmax(1, fabs((double)y[0])));
  free(dy);
}

/* Few elements; many, of one sample and of samples of one. */
static void values(void **state) {
  (void)state;
  enum { MANY = 1237 };
  ls_real *y = new_array(MANY, sizeof *y), *t = new_array(MANY, sizeof *t);
  for (size_t i = 0; i < MANY; i++) {
    y[i] = (ls_real)(8 * sin(12.9898 * (double)(i + 1)));
    t[i] = (ls_real)(0.5 + 0.5 * sin(78.233 * (double)(i + 1)));
  }
  for (size_t k = 0; k < COUNT_OF(value_losses); k++) {
    const ls_loss_type *loss = value_losses[k].loss;
    ls_outputs outputs = {ROWS, WIDTH, y_rows, loss->fuses != NULL, NULL, t_rows};
    expect_near(evaluate(loss, &outputs, 1, NULL), value_losses[k].torch, 4 * epsilon);
    check_values(loss, ROWS, WIDTH, y_rows, t_rows);
    check_values(loss, 1, MANY, y, t);
    check_values(loss, MANY, 1, y, t);
  }
  free(y);
  free(t);
}

/* Every loss is NaN where one element is. */
static void not_a_number(void **state) {
  (void)state;
  const int32_t labels[ROWS] = {1, 0};
  for (size_t i = 0; i < ls_losses.count; i++) {
    const ls_loss_type *loss = (const ls_loss_type *)ls_losses.members[i];
    for (size_t at = 0; at < 4 * ROWS * WIDTH; at++) {
      ls_real y[ROWS * WIDTH], dy[ROWS * WIDTH];
      bool logits = at % 2 == 0 && loss->fuses, gradient = at % 4 < 2;
      for (size_t k = 0; k < ROWS * WIDTH; k++) y[k] = (ls_real)0.5;
      y[at / 4] = (ls_real)NAN;
      ls_outputs outputs = {ROWS, WIDTH, y, logits, labels, t_rows};
      assert_true(isnan(evaluate(loss, &outputs, 1, gradient ? dy : NULL)));
    }
  }
}

/* Sigmoid, then the loss of probabilities, gives what the fused loss gives: value and gradient. */
static void fused_binary(void **state) {
  (void)state;
  enum { COUNT = ROWS * WIDTH };
  const ls_loss_type *loss = &ls_loss_binary_crossentropy;
  ls_real y[COUNT], fused[COUNT], unfused[COUNT];
  ls_outputs logits = {ROWS, WIDTH, y_rows, true, NULL, t_rows};
  ls_outputs outputs = {ROWS, WIDTH, y, false, NULL, t_rows};
  loss->fuses->forward(NULL, ROWS, WIDTH, y_rows, y);
  double from_logits = evaluate(loss, &logits, 1, fused);
  double from_outputs = evaluate(loss, &outputs, 1, unfused);
  loss->fuses->backward(NULL, ROWS, WIDTH, NULL, y, unfused, unfused);
  expect_near(from_outputs, from_logits, 10 * epsilon);
  for (size_t i = 0; i < COUNT; i++) {
    expect_near((double)unfused[i], (double)fused[i], 10 * epsilon);
  }
}

/* Logits of any size give a finite loss, exact where exp would overflow. */
static void large_binary(void **state) {
  (void)state;
  static const ls_real z[4] = {10000, -10000, 10000, -10000}, t[4] = {0, 1, 1, 0};
  ls_real dz[4];
  ls_outputs outputs = {1, 4, z, true, NULL, t};
  assert_true(evaluate(&ls_loss_binary_crossentropy, &outputs, 4, dz) == 5000);
  assert_true(dz[0] == 1 && dz[1] == -1 && dz[2] == 0 && dz[3] == 0);
}

/* Keras's clipping: finite, and no gradient. */
static void clipped_binary(void **state) {
  (void)state;
  static const ls_real y[4] = {0, 1, 0, 1}, t[4] = {1, 0, 0, 1};
  ls_real dy[4];
  ls_outputs outputs = {1, 4, y, false, NULL, t};
  double loss = evaluate(&ls_loss_binary_crossentropy, &outputs, 1, dy);
  expect_near(loss, (-log(1e-7) - log1p(-1e-7)) / 2, 1e-6);
  for (size_t k = 0; k < 4; k++) assert_true(dy[k] == 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(fused_categorical),   cmocka_unit_test(large_categorical),
      cmocka_unit_test(clipped_categorical), cmocka_unit_test(values),
      cmocka_unit_test(not_a_number),        cmocka_unit_test(fused_binary),
      cmocka_unit_test(large_binary),        cmocka_unit_test(clipped_binary),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
