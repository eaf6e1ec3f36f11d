/* Values of initialisers, by member: moments, range, orthogonality. */
#include "arguments.h"

#include "lockstep/random.h"
#include "nn/families.h"

#include <float.h>

enum { FAN_IN = 300, FAN_OUT = 500, COUNT = FAN_IN * FAN_OUT };

/* Variance, and the largest value in standard deviations (0: there is none): sqrt(3) for a uniform
 * distribution, 2 / 0.8796 for a normal one cut at 2. `fourth` is the fourth moment in the square
 * of the variance, which tells them apart. Elements of a random rotation of n dimensions have
 * variance 1 / n and fourth moment 3 n / (n + 2). */
#define CUT 2.2736946
#define KEPT 0.87962566103423978
static const struct {
  const char *name, *arg;
  double value, mean, variance, reach, fourth;
} cases[] = {
    {"zeros", NULL, 0, 0, 0, 0, 0},
    {"ones", NULL, 0, 1, 0, 0, 0},
    {"constant", NULL, 0, 0, 0, 0, 0},
    {"constant", "value", 0.25, 0.25, 0, 0, 0},
    {"glorot_uniform", NULL, 0, 0, 2.0 / (FAN_IN + FAN_OUT), 1.7320508, 1.8},
    {"glorot_normal", NULL, 0, 0, 2.0 / (FAN_IN + FAN_OUT), CUT, 2.3655},
    {"he_uniform", NULL, 0, 0, 2.0 / FAN_IN, 1.7320508, 1.8},
    {"he_normal", NULL, 0, 0, 2.0 / FAN_IN, CUT, 2.3655},
    {"lecun_uniform", NULL, 0, 0, 1.0 / FAN_IN, 1.7320508, 1.8},
    {"lecun_normal", NULL, 0, 0, 1.0 / FAN_IN, CUT, 2.3655},
    {"random_uniform", NULL, 0, 0, 0.01 / 12, 1.7320508, 1.8},
    {"random_uniform", "maxval", 0.15, 0.05, 0.04 / 12, 1.7320508, 1.8},
    {"random_normal", NULL, 0, 0, 0.0025, 0, 3},
    {"random_normal", "mean", 2, 2, 0.0025, 0, 3},
    {"random_normal", "stddev", 0.5, 0, 0.25, 0, 3},
    {"truncated_normal", NULL, 0, 0, 0.0025 * KEPT *KEPT, CUT, 2.3655},
    {"truncated_normal", "mean", -1, -1, 0.0025 * KEPT *KEPT, CUT, 2.3655},
    {"orthogonal", NULL, 0, 0, 1.0 / FAN_OUT, 0, 2.988},
    {"orthogonal", "gain", 2, 0, 4.0 / FAN_OUT, 0, 2.988},
};

static double central_moment(const ls_real *values, double mean, int power) {
  double sum = 0;
  for (size_t i = 0; i < COUNT; i++) sum += pow((double)values[i] - mean, power);
  return sum / COUNT;
}

static void check_case(const ls_initializer_type *type, size_t which, ls_real *values,
                       ls_real *again) {
  double mean = cases[which].mean, variance = cases[which].variance, fourth = cases[which].fourth;
  double deviation = sqrt(variance), reach = cases[which].reach * deviation;
  ls_init init = {5, 3, FAN_IN, FAN_OUT, {2, {FAN_IN, FAN_OUT}}};
  void *args = make_arguments(&type->component, cases[which].arg, cases[which].value);
  type->fill(args, &init, COUNT, values);
  type->fill(args, &init, COUNT, again);
  assert_memory_equal(values, again, COUNT * sizeof *values);
  double farthest = 0;
  for (size_t i = 0; i < COUNT; i++) farthest = fmax(farthest, fabs((double)values[i] - mean));
  if (variance == 0 || reach > 0) {
    assert_true(farthest <= reach * (1 + 1e-5) && farthest >= 0.99 * reach);
  }
  /* Five standard errors. */
  expect_near(central_moment(values, 0, 1), mean, 5 * deviation / sqrt(COUNT));
  expect_near(central_moment(values, mean, 2), variance, 5 * variance * sqrt(2.0 / COUNT));
  expect_near(central_moment(values, mean, 4), fourth * pow(variance, 2), 0.1 * pow(variance, 2));
  ls_init others[2] = {init, init};
  others[0].seed++;
  others[1].index++;
  for (size_t k = 0; k < 2 && variance > 0; k++) {
    type->fill(args, &others[k], COUNT, again);
    assert_memory_not_equal(values, again, COUNT * sizeof *values);
  }
  free(args);
}

static void moments(void **state) {
  (void)state;
  ls_real *values = new_array(COUNT, sizeof *values), *again = new_array(COUNT, sizeof *again);
  for (size_t i = 0; i < ls_initializers.count; i++) {
    const char *name = ls_initializers.members[i]->name;
    size_t tested = 0;
    for (size_t k = 0; k < COUNT_OF(cases); k++) {
      if (strcmp(cases[k].name, name) != 0) continue;
      check_case((const ls_initializer_type *)ls_initializers.members[i], k, values, again);
      tested++;
    }
    if (tested == 0) fail_msg("the initialiser %s has no case here", name);
  }
  free(values);
  free(again);
}

/* ---- Orthogonality --------------------------------------------------------------------------- */

/* Sum of a[i, j] b[i, k] over the rows i of matrices of n columns. */
static double column_product(size_t rows, size_t n, const ls_real *a, size_t j, const ls_real *b,
                             size_t k) {
  double sum = 0;
  for (size_t i = 0; i < rows; i++) sum += (double)a[i * n + j] * (double)b[i * n + k];
  return sum;
}

/* columns <= rows: Q is that factor of the matrix of its random numbers, A = Q R, whose R has a
 * positive diagonal: Q^T Q = 1, and R = Q^T A is triangular. */
static void check_factor(const ls_init *init, size_t rows, size_t columns) {
  const ls_initializer_type *type = &ls_initializer_orthogonal;
  size_t count = rows * columns;
  ls_real *q = new_array(count, sizeof *q), *a = new_array(count, sizeof *a);
  void *args = make_arguments(&type->component, NULL, 0);
  type->fill(args, init, count, q);
  ls_stream stream = {init->seed, LS_RANDOM_INITIALIZER, 0, init->index, 0};
  ls_random_normal(stream, 0, count, a);
  const double epsilon = sizeof(ls_real) == 4 ? FLT_EPSILON : DBL_EPSILON;
  double largest = sqrt((double)rows); /* of R, about */
  for (size_t j = 0; j < columns; j++) {
    for (size_t k = 0; k < columns; k++) {
      expect_near(column_product(rows, columns, q, j, q, k), j == k, 8 * epsilon);
      double r = column_product(rows, columns, q, j, a, k);
      if (k < j) expect_near(r, 0, 100 * epsilon * largest);
      if (k == j) assert_true(r > 100 * epsilon * largest);
    }
  }
  free(args);
  free(q);
  free(a);
}

static void factors(void **state) {
  (void)state;
  check_factor(&(ls_init){5, 3, 60, 20, {2, {60, 20}}}, 60, 20);
  check_factor(&(ls_init){6, 3, 150, 150, {2, {150, 150}}}, 150, 150);
  check_factor(&(ls_init){7, 1, 27, 7, {4, {3, 3, 3, 7}}}, 27, 7);
  check_factor(&(ls_init){8, 0, 400, 300, {2, {400, 300}}}, 400, 300);
}

/* Fewer rows than columns: rows are orthonormal. */
static void wide(void **state) {
  (void)state;
  enum { ROWS = 4, COLUMNS = 41 };
  ls_real q[ROWS * COLUMNS];
  const ls_initializer_type *type = &ls_initializer_orthogonal;
  void *args = make_arguments(&type->component, "gain", 3);
  type->fill(args, &(ls_init){5, 3, ROWS, COLUMNS, {3, {2, 2, COLUMNS}}}, ROWS * COLUMNS, q);
  for (size_t i = 0; i < ROWS; i++) {
    for (size_t k = 0; k < ROWS; k++) {
      double product = 0;
      for (size_t j = 0; j < COLUMNS; j++) {
        product += (double)q[i * COLUMNS + j] * (double)q[k * COLUMNS + j];
      }
      expect_near(product, i == k ? 9 : 0, 1e-5);
    }
  }
  free(args);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(moments),
      cmocka_unit_test(factors),
      cmocka_unit_test(wide),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
