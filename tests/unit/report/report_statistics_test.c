/* Student's t, tests, Holm's correction, the one-standard-error rule. The reference values are
 * those of mpmath with 30 digits (the incomplete beta function) and of SciPy (ttest_rel, and
 * ttest_ind with equal_var=False). */
#include "lockstep/error.h"
#include "report/sentences.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void assert_close(double got, double expected, double tolerance) {
  if (fabs(got - expected) <= tolerance * fabs(expected)) return;
  fail_msg("%.17g, not %.17g", got, expected);
}

static void probabilities(void **state) {
  (void)state;
  static const double cases[][3] = {
      {0.5, 1, 0.7048327646991335},    {1, 2, 0.4226497308103742},
      {-2.776, 4, 0.0500227783199764}, {12.3, 7.25, 4.055091820099607e-6},
      {40, 3, 3.438068078915853e-5},   {0.001, 12, 0.9992185475306495},
      {5, 1000, 6.76725636464863e-7},  {3, 100000, 0.002700460884064719},
      {200, 2, 2.499906253906079e-5}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    assert_close(student_two_sided(cases[i][0], cases[i][1]), cases[i][2], 1e-10);
  }
  assert_true(student_two_sided(0, 3) == 1);
  assert_true(student_two_sided(INFINITY, 3) == 0);
  assert_true(isnan(student_two_sided(NAN, 3)));
  assert_true(isnan(student_two_sided(1, 0)));
}

static void quantiles(void **state) {
  (void)state;
  static const double cases[][3] = {
      {0.95, 1, 12.7062047361747},      {0.95, 2, 4.302652729749464},
      {0.999, 1, 636.6192487687196},    {0.5, 2.5, 0.7850136829923011},
      {0.95, 4, 2.776445105197794},     {0.95, 9.7, 2.237515123700106},
      {0.999, 30, 3.645958635042022},   {0.95, 1000, 1.962339080826408},
      {0.95, 99999, 1.959987707771845}, {0.999, 4, 8.610301581379275}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    assert_close(student_quantile(cases[i][0], cases[i][1]), cases[i][2], 1e-10);
  }
  assert_true(isnan(student_quantile(0.95, 0)));
  assert_true(isnan(student_quantile(1, 3)));
}

/* As NumPy's quantile. */
static void quantiles_of_samples(void **state) {
  (void)state;
  double values[] = {40, 1, 3, 2};
  report_sort(values, 4);
  assert_true(values[0] == 1 && values[1] == 2 && values[2] == 3 && values[3] == 40);
  assert_true(report_quantile(values, 4, 0.5) == 2.5);
  assert_true(report_quantile(values, 3, 0.5) == 2);
  assert_true(report_quantile(values, 4, 0.75) == 12.25);
  assert_true(report_quantile(values, 1, 0.5) == 1 && report_quantile(values, 4, 1) == 40);
}

static const double a[] = {0.9843, 0.9851, 0.9848, 0.9839, 0.9855};
static const double b[] = {0.9837, 0.9849, 0.9840, 0.9838, 0.9846};
static const double c[] = {0.9837, 0.9849, 0.9820};

static report_stat stat_of(const double *values, size_t n) {
  report_stat stat = REPORT_NO_STAT;
  for (size_t i = 0; i < n; i++) report_add(&stat, values[i]);
  return stat;
}

static void intervals(void **state) {
  (void)state;
  report_stat stat = stat_of(a, 5);
  assert_close(report_half_width(&stat), 0.0007872580598146025, 1e-9);
  stat = stat_of(a, 1);
  assert_true(isnan(report_half_width(&stat)));
}

static void paired(void **state) {
  (void)state;
  report_test test = report_test_paired(a, b, 5);
  assert_int_equal(test.pairs, 5);
  assert_close(test.difference, 0.00052, 1e-9);
  assert_close(test.half_width, 0.00044249253612157623, 1e-9);
  assert_close(test.t, 3.2627701867182326, 1e-9);
  assert_true(test.df == 4);
  assert_close(test.p, 0.03099969790244672, 1e-9);
  /* Pairs without a value on one side count no more than if they were not there. */
  double x[] = {NAN, a[0], a[1], 0.1, a[2], a[3], a[4]};
  double y[] = {0.9, b[0], b[1], INFINITY, b[2], b[3], b[4]};
  report_test same = report_test_paired(x, y, 7);
  assert_int_equal(same.pairs, 5);
  assert_close(same.p, test.p, 1e-15);
}

static void welch(void **state) {
  (void)state;
  report_stat x = stat_of(c, 3), y = stat_of(a, 5);
  report_test test = report_test_welch(&x, &y);
  assert_int_equal(test.pairs, 0);
  assert_close(test.difference, -0.0011866666666666692, 1e-9);
  assert_close(test.half_width, 0.0032067038088303803, 1e-9);
  assert_close(test.t, -1.3366467607361088, 1e-9);
  assert_close(test.df, 2.464288179244661, 1e-9);
  assert_close(test.p, 0.29134000603302723, 1e-9);
}

/* Too few values, or ones that don't vary, but for the rounding of their last digits. */
static void no_test(void **state) {
  (void)state;
  double up[] = {0.9843 + 1e-3, 0.9851 + 1e-3, 0.9848 + 1e-3};
  report_stat x = stat_of(a, 1), y = stat_of(c, 3);
  double same[] = {0.098, 0.098, 0.098};
  report_stat constant = stat_of(same, 3);
  report_test tests[] = {report_test_paired(a, b, 1), report_test_paired(same, same, 3),
                         report_test_paired(up, a, 3), report_test_welch(&x, &y),
                         report_test_welch(&constant, &constant)};
  for (size_t i = 0; i < sizeof tests / sizeof *tests; i++) {
    assert_false(isnan(tests[i].difference));
    assert_true(isnan(tests[i].p) && isnan(tests[i].t) && isnan(tests[i].half_width));
  }
  assert_true(isnan(report_test_paired(a, b, 0).difference));
  /* One side that doesn't vary is enough for a test if the other does. */
  assert_true(report_test_welch(&constant, &y).df == 2);
}

enum { POINTS = 4, REPEATS = 2, TRIALS = POINTS * REPEATS };

/* Means 0.90, 0.95, 0.945, 0.94; the standard error of the best is 0.01. */
static double accuracy[TRIALS] = {0.90, 0.90, 0.94, 0.96, 0.94, 0.95, 0.94, 0.94};
static double factors[] = {0.1, 0.2, 0.3, 0.4};
static char *labels[] = {"0.1", "0.2", "0.3", "0.4"};

static void one_standard_error(void **state) {
  (void)state;
  report_trial trials[TRIALS];
  for (int i = 0; i < TRIALS; i++) {
    trials[i] = (report_trial){.status = REPORT_DONE, .epochs_run = 1, .seconds = NAN};
  }
  report_axis axis = {.name = "l2",
                      .count = POINTS,
                      .numbers = factors,
                      .values = factors,
                      .labels = labels,
                      .missing = SIZE_MAX,
                      .simpler = 1};
  report_curve curve = {.name = "val_accuracy", .units = "", .values = accuracy, .better = 1};
  report_results results = {.monitor = "val_accuracy",
                            .selection = "",
                            .variables = &axis,
                            .variable_count = 1,
                            .replicates = REPEATS,
                            .points = POINTS,
                            .repeats = REPEATS,
                            .epochs = 1,
                            .trials = trials,
                            .curves = &curve,
                            .curve_count = 1};
  ls_memory memory = {0};
  report_summary *s = NULL;
  assert_int_equal(report_summarize(&s, &memory, &results), LS_OK);
  assert_close(s->bound, 0.94, 1e-12);
  assert_false(s->within[0]);
  assert_true(s->within[1] && s->within[2]);
  assert_true(isnan(s->tests[1].difference)); /* the best itself */
  assert_close(s->tests[0].difference, -0.05, 1e-12);
  assert_int_equal(s->tests[0].pairs, 2);
  assert_true(s->simplest >= 2);
  ls_memory_free(&memory);

  trials[6].status = REPORT_DIVERGED; /* leaves one pair: a difference, no test */
  accuracy[7] = 0.943;
  assert_int_equal(report_summarize(&s, &memory, &results), LS_OK);
  assert_int_equal(s->simplest, 3);
  assert_int_equal(s->within_count, 3);
  assert_int_equal(s->tests[3].pairs, 1);
  assert_true(isnan(s->tests[3].p));
  ls_text text = {0};
  report_add_findings(&text, s, "|");
  assert_non_null(strstr(text.data, "|Within one standard error of the best (from 0.9400): 2 other "
                                    "points: l2 = 0.3; l2 = 0.4. The simplest (largest l2): "
                                    "l2 = 0.4, val_accuracy 0.9430."));
  ls_text_free(&text);
  ls_memory_free(&memory);

  axis.simpler = 0;
  assert_int_equal(report_summarize(&s, &memory, &results), LS_OK);
  assert_true(s->simplest == SIZE_MAX);
  ls_memory_free(&memory);

  trials[3].status = REPORT_FAILED; /* now 0.3 is the best; and without a second trial of it: */
  trials[4].status = REPORT_FAILED;
  assert_int_equal(report_summarize(&s, &memory, &results), LS_OK);
  assert_true(isnan(s->bound));
  assert_int_equal(s->within_count, 0);
  report_add_findings(&text, s, "|");
  assert_non_null(strstr(text.data, "has a single result"));
  ls_text_free(&text);
  ls_memory_free(&memory);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(probabilities),
      cmocka_unit_test(quantiles),
      cmocka_unit_test(intervals),
      cmocka_unit_test(paired),
      cmocka_unit_test(welch),
      cmocka_unit_test(no_test),
      cmocka_unit_test(one_standard_error),
      cmocka_unit_test(quantiles_of_samples),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
