/* References and orderings against results: marks, and verdicts on claims. */
#include "lockstep/error.h"
#include "report/reported_tables.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* A sweep over two rates and three units, two replicates of two epochs each. */
enum { POINTS = 6, REPEATS = 2, EPOCHS = 2, TRIALS = POINTS * REPEATS };

static char *rate_labels[] = {"0.1", "0.2"}, *unit_labels[] = {"10", "20", "30"};
static report_axis axes[] = {{.name = "rate", .count = 2, .labels = rate_labels},
                             {.name = "units", .count = 3, .labels = unit_labels}};
static double accuracy[TRIALS * EPOCHS];
static report_trial trials[TRIALS];
static report_curve curve = {.name = "val_accuracy", .units = "", .values = accuracy, .better = 1};
static report_results results = {.title = "test",
                                 .job = "",
                                 .selection = "",
                                 .monitor = "val_accuracy",
                                 .variables = axes,
                                 .variable_count = 2,
                                 .replicates = REPEATS,
                                 .points = POINTS,
                                 .repeats = REPEATS,
                                 .epochs = EPOCHS,
                                 .trials = trials,
                                 .curves = &curve,
                                 .curve_count = 1};

/* Means of points with a deviation of 0.01; the first epoch is better by 0.1. */
static int set_up(void **state) {
  (void)state;
  static const double means[POINTS] = {0.50, 0.60, 0.70, 0.80, 0.805, 0.60};
  for (size_t t = 0; t < TRIALS; t++) {
    double sign = t % 2 ? 1 : -1;
    accuracy[t * EPOCHS + 1] = means[t / 2] + sign * 0.01 * sqrt(0.5);
    accuracy[t * EPOCHS] = accuracy[t * EPOCHS + 1] + 0.1;
    trials[t] = (report_trial){
        .status = REPORT_DONE, .epochs_run = 2, .best_epoch = 1, .seconds = 10 + (double)t};
  }
  results.repeats = REPEATS;
  results.trials = trials;
  curve.better = 1;
  return 0;
}

static report_values values_of(ls_memory *memory, const char *metric, bool best) {
  report_values values;
  assert_int_equal(report_values_of(&values, memory, &results, metric, best), LS_OK);
  return values;
}

static void values_of_metrics(void **state) {
  (void)state;
  ls_memory memory = {0};
  report_values final = values_of(&memory, "val_accuracy", false);
  report_values best = values_of(&memory, "val_accuracy", true);
  report_values seconds = values_of(&memory, "trial_seconds", false);
  report_values unknown = values_of(&memory, "nothing", false);
  assert_true(fabs(final.stats[1].mean - 0.6) < 1e-12);
  assert_true(fabs(final.stats[1].deviation - 0.01) < 1e-12);
  assert_true(fabs(best.stats[1].mean - 0.7) < 1e-12);
  assert_true(seconds.stats[1].mean == 12.5 && seconds.better == 0);
  assert_int_equal(unknown.stats[1].n, 0);
  curve.better = 0;
  best = values_of(&memory, "val_accuracy", true);
  assert_int_equal(best.stats[1].n, 0);
  ls_memory_free(&memory);
}

/* Worse by more than a standard deviation of 0.01, and by the bound if there is one. */
static void marks(void **state) {
  (void)state;
  static const struct {
    double reported;
    int better, bound;
    bool worse;
  } cases[] = {
      {0.505, 1, 0, false},  {0.515, 1, 0, true},   {0.4, 1, 0, false},    {0.495, -1, 0, false},
      {0.485, -1, 0, true},  {0.6, -1, 0, false},   {0.6, 0, 0, false},    {0.515, 1, 1, true},
      {0.485, 1, -1, false}, {0.505, 1, 1, false},  {0.515, -1, 1, false}, {0.515, 1, -1, false},
      {0.485, -1, -1, true}, {0.485, -1, 1, false}, {NAN, 1, 0, false},
  };
  ls_memory memory = {0};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    double reported[POINTS] = {cases[i].reported};
    const report_reference reference = {.bound = cases[i].bound, .values = reported};
    curve.better = cases[i].better;
    report_values values = values_of(&memory, "val_accuracy", false);
    assert_int_equal(report_is_worse(&reference, &values, 0), cases[i].worse);
  }
  ls_memory_free(&memory);
}

static report_finding judge(int *places, bool of_rate, bool of_units, bool same, int better) {
  ls_memory memory = {0};
  bool varied[] = {of_rate, of_units};
  const report_ordering ordering = {.same = same, .places = places, .varied = varied};
  report_finding finding;
  curve.better = better;
  report_values values = values_of(&memory, "val_accuracy", false);
  assert_int_equal(report_judge(&finding, &memory, &results, &ordering, &values), LS_OK);
  ls_memory_free(&memory);
  return finding;
}

static void assert_finding(report_finding f, report_verdict verdict, size_t held, size_t compared,
                           size_t first, size_t second) {
  assert_int_equal(f.verdict, verdict);
  assert_int_equal(f.held, held);
  assert_int_equal(f.compared, compared);
  assert_int_equal(f.first, first);
  assert_int_equal(f.second, second);
}

/* At rate 0.1: 30 units are best, 10 worst; the pair that decides is the closest. */
static void claims_at_one_setting(void **state) {
  (void)state;
  int best[] = {2, 2, 1, 0, 0, 0}, worst[] = {2, 1, 1, 0, 0, 0}, order[] = {3, 2, 1, 0, 0, 0};
  int wrong[] = {2, 1, 2, 0, 0, 0};
  assert_finding(judge(best, false, true, false, 1), REPORT_HOLDS, 1, 1, 2, 1);
  assert_finding(judge(worst, false, true, false, 1), REPORT_HOLDS, 1, 1, 1, 0);
  assert_finding(judge(order, false, true, false, 1), REPORT_HOLDS, 2, 2, 2, 1);
  assert_finding(judge(wrong, false, true, false, 1), REPORT_DOES_NOT_HOLD, 0, 1, 1, 2);
  assert_finding(judge(best, false, true, false, -1), REPORT_DOES_NOT_HOLD, 0, 1, 2, 0);
  assert_finding(judge(best, false, true, false, 0), REPORT_NO_VERDICT, 0, 0, SIZE_MAX, SIZE_MAX);
}

/* Means of 0.8 and 0.805 are within a deviation of 0.01, unless each is of one trial. */
static void close_means(void **state) {
  (void)state;
  int order[] = {0, 0, 0, 1, 2, 0}, back[] = {0, 0, 0, 2, 1, 0};
  assert_int_equal(judge(order, false, true, false, 1).verdict, REPORT_INCONCLUSIVE);
  assert_int_equal(judge(back, false, true, false, 1).verdict, REPORT_INCONCLUSIVE);
  assert_int_equal(judge(order, false, true, true, 1).verdict, REPORT_HOLDS);
  for (size_t p = 0; p < POINTS; p++) trials[2 * p + 1].status = REPORT_PENDING;
  assert_int_equal(judge(order, false, true, false, 1).verdict, REPORT_DOES_NOT_HOLD);
  assert_int_equal(judge(back, false, true, false, 1).verdict, REPORT_HOLDS);
  assert_int_equal(judge(order, false, true, true, 1).verdict, REPORT_INCONCLUSIVE);
}

/* A claim on rates is compared at each number of units: it fails for 30. */
static void claims_at_all_settings(void **state) {
  (void)state;
  int best[] = {2, 2, 2, 1, 1, 1}, same[] = {1, 1, 1, 2, 2, 2}, of_both[] = {2, 2, 2, 1, 1, 2};
  assert_finding(judge(best, true, false, false, 1), REPORT_DOES_NOT_HOLD, 2, 3, 5, 2);
  assert_finding(judge(same, true, false, true, 1), REPORT_DOES_NOT_HOLD, 0, 3, 3, 0);
  assert_finding(judge(of_both, true, true, false, 1), REPORT_HOLDS, 1, 1, 3, 2);
}

static void missing_points(void **state) {
  (void)state;
  int order[] = {3, 2, 1, 0, 0, 0};
  trials[2].status = trials[3].status = REPORT_FAILED;
  assert_finding(judge(order, false, true, false, 1), REPORT_HOLDS, 1, 1, 2, 0);
  trials[4].status = trials[5].status = REPORT_DIVERGED;
  assert_finding(judge(order, false, true, false, 1), REPORT_NO_VERDICT, 0, 0, SIZE_MAX, SIZE_MAX);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup(values_of_metrics, set_up),
      cmocka_unit_test_setup(marks, set_up),
      cmocka_unit_test_setup(claims_at_one_setting, set_up),
      cmocka_unit_test_setup(close_means, set_up),
      cmocka_unit_test_setup(claims_at_all_settings, set_up),
      cmocka_unit_test_setup(missing_points, set_up),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
