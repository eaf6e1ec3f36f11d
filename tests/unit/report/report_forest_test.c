/* Importance by a random forest, of functions whose Sobol' indices are known. */
#include "lockstep/random.h"
#include "report/forest.h"
#include "unit.h"

enum { POINTS = 1000, VARIABLES = 4 };

typedef double function(const double x[VARIABLES]);

/* Variables uniform in [0, 1) and independent. */
static report_forest importance_of(ls_memory *memory, function *of, bool cubed) {
  double *x = ls_memory_new(memory, VARIABLES * POINTS, sizeof *x);
  double *y = ls_memory_new(memory, POINTS, sizeof *y);
  ls_real *numbers = ls_memory_new(memory, VARIABLES * POINTS, sizeof *numbers);
  const ls_stream stream = {.seed = 1, .purpose = LS_RANDOM_SAMPLER};
  ls_random_uniform(stream, 0, VARIABLES * POINTS, numbers);
  for (size_t p = 0; p < POINTS; p++) {
    double at[VARIABLES];
    for (size_t v = 0; v < VARIABLES; v++) {
      at[v] = (double)numbers[v * POINTS + p];
      x[v * POINTS + p] = cubed ? pow(at[v], 3) : at[v];
    }
    y[p] = of(at);
  }
  report_forest out;
  const report_forest_data data = {POINTS, VARIABLES, x, y};
  assert_int_equal(report_forest_grow(&out, memory, &data), LS_OK);
  return out;
}

static double linear(const double x[VARIABLES]) {
  return 3 * x[0] + 2 * x[1] + x[2];
}

/* Ishigami and Homma (ISUMA 1990) with a = 7, b = 0.1, of angles in [-pi, pi); the fourth variable
 * has no effect. */
static double ishigami(const double x[VARIABLES]) {
  double a = M_PI * (2 * x[0] - 1), b = M_PI * (2 * x[1] - 1), c = M_PI * (2 * x[2] - 1);
  return sin(a) + 7 * pow(sin(b), 2) + 0.1 * pow(c, 4) * sin(a);
}

static double constant(const double x[VARIABLES]) {
  (void)x;
  return 2;
}

static void expect_importance(const report_forest *f, const double expected[VARIABLES],
                              double bound) {
  for (size_t v = 0; v < VARIABLES; v++) expect_near(f->importance[v], expected[v], bound);
}

/* The total-effect indices of 9, 4 and 1 parts in 14. */
static void additive(void **state) {
  (void)state;
  ls_memory memory = {0};
  report_forest f = importance_of(&memory, linear, false);
  expect_importance(&f, (const double[]){9 / 14.0, 4 / 14.0, 1 / 14.0, 0}, 0.06);
  assert_true(f.explained > 0.9);
  ls_memory_free(&memory);
}

/* The indices 0.5576, 0.4424 and 0.2437 add up to more than 1: the first and third interact. */
static void interacting(void **state) {
  (void)state;
  ls_memory memory = {0};
  report_forest f = importance_of(&memory, ishigami, false);
  expect_importance(&f, (const double[]){0.5576, 0.4424, 0.2437, 0}, 0.08);
  assert_true(f.explained > 0.8);
  ls_memory_free(&memory);
}

/* The same on every call, and for any values with the same order. */
static void deterministic(void **state) {
  (void)state;
  ls_memory memory = {0};
  report_forest one = importance_of(&memory, ishigami, false);
  report_forest again = importance_of(&memory, ishigami, false);
  report_forest cubed = importance_of(&memory, ishigami, true);
  for (size_t v = 0; v < VARIABLES; v++) {
    assert_true(one.importance[v] == again.importance[v]);
    expect_near(cubed.importance[v], one.importance[v], 0.01); /* thresholds differ */
  }
  ls_memory_free(&memory);
}

static void without_variance(void **state) {
  (void)state;
  ls_memory memory = {0};
  report_forest f = importance_of(&memory, constant, false);
  expect_importance(&f, (const double[]){0, 0, 0, 0}, 0);
  assert_true(f.explained == 0);
  ls_memory_free(&memory);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(additive), cmocka_unit_test(interacting),
                                     cmocka_unit_test(deterministic),
                                     cmocka_unit_test(without_variance)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
