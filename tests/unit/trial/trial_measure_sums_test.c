/* Sums of measures: rows are added in their order, penalties belong to the loss. */
#include "unit.h"

#include "lockstep/error.h"
#include "trial/measure_sums.h"

enum { ROWS = 3, MEASURES = 2, BLOCKS = 2, SAMPLES = 4, COUNTS = 2 };

/* The second of the counts by the first. */
static double ratio(const void *args, size_t width, size_t samples, const double *counts) {
  (void)args, (void)width, (void)samples;
  return counts[1] / counts[0];
}

static const ls_metric_type ratio_type = {.value = ratio, .counts = true};
static const ls_choice ratio_metric = {&ratio_type.component, NULL, ""};

/* Two losses; with counts, a metric of them, too. */
static const ls_model losses_only = {
    .measures = {{.first = 0}, {.first = 1}}, .measure_count = MEASURES, .sum_count = MEASURES};
static const ls_model counting = {
    .measures = {{.first = 0}, {.first = 1}, {.metric = &ratio_metric}},
    .measure_count = MEASURES + 1,
    .sum_count = MEASURES,
    .count_count = COUNTS};
static const ls_model one_loss = {.measure_count = 1, .sum_count = 1};

static void starts_at_zero(void **state) {
  (void)state;
  measure_sums s;
  assert_int_equal(measure_sums_create(&s, &losses_only, ROWS, BLOCKS), LS_OK);
  assert_int_equal(measure_sums_count(&s), ROWS * MEASURES + BLOCKS);
  for (size_t i = 0; i < measure_sums_count(&s); i++) assert_true(s.values[i] == 0);
  for (size_t i = 0; i < measure_sums_count(&s); i++) s.values[i] = 1 + (double)i;
  assert_true(measure_sums_row(&s, 2)[1] == 6);
  assert_true(s.penalties[1] == 8);
  measure_sums_clear(&s);
  for (size_t i = 0; i < measure_sums_count(&s); i++) assert_true(s.values[i] == 0);
  measure_sums_destroy(&s);
}

/* Numbers whose sum depends on the order: (2^60 + 1) - 2^60 is 0, (2^60 - 2^60) + 1 is 1. */
static void adds_rows_in_order(void **state) {
  (void)state;
  const double losses[ROWS] = {0x1p60, 1, -0x1p60};
  const double hits[ROWS] = {0x1p60, -0x1p60, 1};
  double means[MEASURES];
  measure_sums s;
  assert_int_equal(measure_sums_create(&s, &losses_only, ROWS, BLOCKS), LS_OK);
  for (size_t row = 0; row < ROWS; row++) {
    measure_sums_row(&s, row)[0] = losses[row];
    measure_sums_row(&s, row)[1] = hits[row];
  }
  s.penalties[0] = 2;
  s.penalties[1] = 4;
  measure_sums_measure(&s, SAMPLES, means);
  assert_true(means[0] == 6.0 / SAMPLES);
  assert_true(means[1] == 1.0 / SAMPLES);
  measure_sums_destroy(&s);
}

static void without_penalties(void **state) {
  (void)state;
  double means[1];
  measure_sums s;
  assert_int_equal(measure_sums_create(&s, &one_loss, 2, 0), LS_OK);
  measure_sums_row(&s, 0)[0] = 3;
  measure_sums_row(&s, 1)[0] = NAN;
  measure_sums_measure(&s, SAMPLES, means);
  assert_true(isnan(means[0]));
  measure_sums_row(&s, 1)[0] = 5;
  measure_sums_measure(&s, SAMPLES, means);
  assert_true(means[0] == 2);
  measure_sums_destroy(&s);
}

/* Counts lie behind rows and penalties. */
static void with_counts(void **state) {
  (void)state;
  double values[MEASURES + 1];
  measure_sums s;
  assert_int_equal(measure_sums_create(&s, &counting, ROWS, BLOCKS), LS_OK);
  assert_int_equal(measure_sums_count(&s), ROWS * MEASURES + BLOCKS + COUNTS);
  assert_ptr_equal(s.counts, s.values + ROWS * MEASURES + BLOCKS);
  s.counts[0] = 8;
  s.counts[1] = 2;
  measure_sums_row(&s, 1)[1] = 6;
  measure_sums_measure(&s, SAMPLES, values);
  assert_true(values[1] == 1.5 && values[2] == 0.25);
  measure_sums_measure(&s, SAMPLES, values); /* the sums are unchanged */
  assert_true(values[1] == 1.5 && values[2] == 0.25);
  measure_sums_clear(&s);
  assert_true(s.counts[0] == 0);
  measure_sums_destroy(&s);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(starts_at_zero), cmocka_unit_test(adds_rows_in_order),
      cmocka_unit_test(without_penalties), cmocka_unit_test(with_counts)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
