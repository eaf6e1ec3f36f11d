/* Statistics over replicates, ranking, choice of points, the table's text and CSV. */
#include "lockstep/error.h"
#include "report/figures/drawing.h"
#include "report/sentences.h"
#include "report/tables.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { POINTS = 3, REPEATS = 2, EPOCHS = 2, TRIALS = POINTS * REPEATS };

static char *labels[] = {"0.1", "0.2", "0.5"};
static double numbers[] = {0.1, 0.2, 0.5};
static size_t order[] = {0, 1, 2};
static report_axis rate = {.name = "rate",
                           .count = POINTS,
                           .numbers = numbers,
                           .labels = labels,
                           .order = order,
                           .places = order};
static double accuracy[TRIALS * EPOCHS] = {0.1, 0.5, 0.1, 0.7, /* mean 0.6 */
                                           0.1, 0.8, 0.9, NAN, /* 0.8, the other one diverged */
                                           0.2, NAN, NAN, NAN};
static report_trial trials[TRIALS] = {
    {.status = REPORT_DONE, .epochs_run = 2, .seconds = 10},
    {.status = REPORT_DONE, .epochs_run = 2, .seconds = 20},
    {.status = REPORT_STOPPED_EARLY, .epochs_run = 2, .seconds = 7},
    {.status = REPORT_DIVERGED, .epochs_run = 1, .seconds = 3},
    {.status = REPORT_RUNNING, .epochs_run = 1, .seconds = NAN},
    {.status = REPORT_PENDING, .seconds = NAN}};
static report_curve curve = {.name = "val_accuracy", .units = "", .values = accuracy, .better = 1};
static double reported[POINTS] = {0.75, 0.75, 0.75};
static report_reference them = {.metric = "val_accuracy", .label = "them", .values = reported};
static report_results results = {.title = "test",
                                 .job = "",
                                 .selection = "",
                                 .monitor = "val_accuracy",
                                 .references = &them,
                                 .reference_count = 1,
                                 .variables = &rate,
                                 .variable_count = 1,
                                 .replicates = REPEATS,
                                 .points = POINTS,
                                 .repeats = REPEATS,
                                 .epochs = EPOCHS,
                                 .trials = trials,
                                 .curves = &curve,
                                 .curve_count = 1};

static void statistics(void **state) {
  (void)state;
  report_stat stat = REPORT_NO_STAT;
  assert_true(isnan(stat.mean));
  report_add(&stat, NAN);
  report_add(&stat, INFINITY);
  assert_int_equal(stat.n, 0);
  report_add(&stat, 2);
  assert_true(stat.mean == 2 && isnan(stat.deviation));
  report_add(&stat, 4);
  report_add(&stat, 9);
  assert_int_equal(stat.n, 3);
  assert_true(fabs(stat.mean - 5) < 1e-15);
  assert_true(fabs(stat.deviation - sqrt(13)) < 1e-15);
  assert_true(stat.least == 2 && stat.most == 9);
}

/* Values that differ in the last digits of large numbers: the deviation keeps its precision. */
static void statistics_are_stable(void **state) {
  (void)state;
  report_stat stat = REPORT_NO_STAT;
  for (int i = 0; i < 3; i++) report_add(&stat, 1e9 + i);
  assert_true(fabs(stat.deviation - 1) < 1e-9);
}

static void summary_counts_finished_trials_only(void **state) {
  (void)state;
  ls_memory memory = {0};
  report_summary *s = NULL;
  assert_int_equal(report_summarize(&s, &memory, &results), LS_OK);
  assert_int_equal(s->ranked, 2);
  assert_int_equal(s->ranking[0], 1);
  assert_int_equal(s->ranking[1], 0);
  assert_int_equal(s->ranking[2], 2);
  assert_int_equal(s->finals[0].stats[1].n, 1);
  assert_int_equal(s->points[1].counts[REPORT_DIVERGED], 1);
  assert_int_equal(s->finals[0].stats[2].n, 0);
  assert_true(fabs(s->finals[0].stats[0].mean - 0.6) < 1e-15);
  assert_true(s->points[0].seconds.mean == 15);
  assert_true(report_at(&results, &curve, 1, 0).mean == 0.1);
  assert_true(report_at(&results, &curve, 2, 0).n == 1);
  ls_memory_free(&memory);
}

/* Less is better of a curve that says so, whatever its name; without that nothing is ranked. */
static void ranking_follows_the_file(void **state) {
  (void)state;
  ls_memory memory = {0};
  report_summary *s = NULL;
  curve.better = -1;
  assert_int_equal(report_summarize(&s, &memory, &results), LS_OK);
  assert_int_equal(s->best, 0);
  assert_true(s->finals[0].stats[0].mean < s->finals[0].stats[1].mean);
  ls_memory_free(&memory);
  curve.better = 0;
  assert_int_equal(report_summarize(&s, &memory, &results), LS_OK);
  assert_true(s->best == SIZE_MAX && s->ranked == 2);
  assert_int_equal(s->ranking[0], 0);
  ls_text text = {0};
  report_add_findings(&text, s, " ");
  assert_non_null(strstr(text.data, "does not record whether a higher val_accuracy is better"));
  ls_text_free(&text);
  ls_memory_free(&memory);
  curve.better = 1;
}

/* The best epoch's value belongs to the weights where these were restored, trial by trial. */
static void restored_trials_have_their_best_value(void **state) {
  (void)state;
  assert_string_equal(report_when_final(&results), "after the last epoch");
  trials[0].best_epoch = trials[1].best_epoch = 1;
  trials[0].best_restored = true;
  assert_true(report_value(&results, &curve, 0, false) == 0.1);
  assert_true(report_value(&results, &curve, 1, false) == 0.7);
  assert_non_null(strstr(report_when_final(&results), ", or the best one where"));
  for (int known = 0; known < 2; known++) {
    ls_memory memory = {0};
    report_summary *s = NULL;
    ls_text text = {0};
    results.restored_known = known;
    assert_int_equal(report_summarize(&s, &memory, &results), LS_OK);
    report_add_findings(&text, s, " ");
    bool said = strstr(text.data, "does not record whether trials ended with");
    assert_int_equal(said, !known);
    ls_text_free(&text);
    ls_memory_free(&memory);
  }
  trials[0] = (report_trial){.status = REPORT_DONE, .epochs_run = 2, .seconds = 10};
  trials[1].best_epoch = 0;
}

/* Of the lines of a chart, as many as it may have. */
static void chosen_lines_contain_best_and_worst(void **state) {
  (void)state;
  static const size_t expected[][3] = {{1, SIZE_MAX}, {1, 2, SIZE_MAX}, {0, 1, 2}};
  ls_memory memory = {0};
  report_summary *s = NULL;
  const report_curve *drawn = &curve;
  assert_int_equal(report_summarize(&s, &memory, &results), LS_OK);
  for (size_t most = 1; most <= 3; most++) {
    const report_chart chart = {.curves = &drawn,
                                .curve_count = 1,
                                .x = CHART_EPOCH,
                                .color = CHART_NONE,
                                .panel = CHART_NONE,
                                .most_lines = most};
    chart_drawing d = {.chart = &chart, .summary = s, .results = &results, .over_epochs = true};
    assert_true(chart_make_lines(&d));
    assert_int_equal(d.lines.drawable, 3);
    assert_int_equal(d.lines.lines, most);
    for (size_t i = 0; i < most; i++) {
      assert_int_equal(chart_point(&d, 0, i, 0), expected[most - 1][i]);
    }
  }
  ls_memory_free(&memory);
}

static void table_is_aligned(void **state) {
  (void)state;
  ls_memory memory = {0};
  report_summary *s = NULL;
  report_table table;
  assert_int_equal(report_summarize(&s, &memory, &results), LS_OK);
  table = report_points_table(s, SIZE_MAX);
  ls_text text = {0};
  assert_int_equal(report_table_print(&text, &table, 68), 3);
  /* 12.7062 (the t quantile of one degree of freedom) 0.1 (the standard error) is 1.2706. */
  assert_string_equal(text.data, "  rate  val_accuracy     n  95 % ±    best  pending  running\n"
                                 "   0.1  0.6000 ± 0.1414  2  1.2706  0.7000        0        0\n"
                                 "*  0.2  0.8000           1       -  0.8000        0        0\n"
                                 "   0.5  -                0       -       -        1        1\n");
  ls_text_free(&text);
  report_add_findings(&text, s, "\n");
  assert_string_equal(text.data,
                      "Best: rate = 0.2, val_accuracy 0.8000.\n"
                      "The best point has a single result: it has no standard error, and "
                      "nothing is tested against it.");
  ls_text_free(&text);
  ls_memory_free(&memory);
}

static void csv_is_complete(void **state) {
  (void)state;
  ls_memory memory = {0};
  report_summary *s = NULL;
  report_table table;
  ls_text text = {0};
  assert_int_equal(report_summarize(&s, &memory, &results), LS_OK);
  table = report_csv_table(s);
  report_table_csv(&text, &table);
  const char *csv = text.data;
  assert_non_null(strstr(csv, "rate,pending,running,done,stopped_early,diverged,failed,"
                              "val_accuracy_mean,val_accuracy_std,val_accuracy_min,"
                              "val_accuracy_max,val_accuracy_n,val_accuracy_ci95_low,"
                              "val_accuracy_ci95_high,epochs_mean,seconds_mean,difference,"
                              "difference_ci95_low,difference_ci95_high,pairs,t,p,p_holm,"
                              "within_one_standard_error,reported_val_accuracy\n"));
  assert_non_null(strstr(csv, "\n0.2,0,0,0,1,1,0,0.8,,0.8,0.8,1,,,2,7,,,,,,,,,0.75\n"));
  assert_non_null(strstr(csv, "\n0.5,1,1,0,0,0,0,,,,,0,,,,,,,,,,,,,0.75\n"));
  ls_text_free(&text);
  ls_memory_free(&memory);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(statistics),
      cmocka_unit_test(statistics_are_stable),
      cmocka_unit_test(summary_counts_finished_trials_only),
      cmocka_unit_test(ranking_follows_the_file),
      cmocka_unit_test(restored_trials_have_their_best_value),
      cmocka_unit_test(chosen_lines_contain_best_and_worst),
      cmocka_unit_test(table_is_aligned),
      cmocka_unit_test(csv_is_complete),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
