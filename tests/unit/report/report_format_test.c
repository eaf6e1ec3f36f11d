/* Numbers as texts for people. */
#include "report/format.h"
#include "report/table.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

static void exact_reads_back(void **state) {
  (void)state;
  assert_string_equal(report_number(1e-6, REPORT_AS_EXACT, 0).text, "1e-06");
  assert_true(strtod(report_number(1.0 / 3, REPORT_AS_EXACT, 0).text, NULL) == 1.0 / 3);
  assert_string_equal(report_number(NAN, REPORT_AS_EXACT, 0).text, "");
}

static void fixed_keeps_digits(void **state) {
  (void)state;
  assert_string_equal(report_number(0.98604, REPORT_AS_FIXED, 4).text, "0.9860");
  assert_string_equal(report_number(0.00012345, REPORT_AS_FIXED, 4).text, "1.23e-04");
  assert_string_equal(report_number(0, REPORT_AS_FIXED, 4).text, "0.0000");
  assert_string_equal(report_number(3e12, REPORT_AS_FIXED, 4).text, "3.00e+12");
  assert_string_equal(report_number(NAN, REPORT_AS_FIXED, 4).text, "-");
  assert_string_equal(report_number(0.00012345, REPORT_AS_ROUNDED, 4).text, "0.0001");
  assert_string_equal(report_number(0.25, REPORT_AS_SIGNED, 2).text, "+0.25");
  assert_string_equal(report_number(0.0304, REPORT_AS_P, 0).text, "0.030");
  assert_string_equal(report_number(3.14e-5, REPORT_AS_P, 0).text, "3.1e-05");
  assert_string_equal(report_number(NAN, REPORT_AS_P, 0).text, "-");
  assert_int_equal(report_decimals(0.986, 0.0004), 5);
  assert_int_equal(report_decimals(0.986, 0.004), 4);
  assert_int_equal(report_decimals(0.986, NAN), 4);
  assert_int_equal(report_decimals(340, NAN), 2);
}

static void check_labels(const double *values, size_t count, const char *const *expected) {
  ls_memory memory = {0};
  char **labels = report_labels(&memory, values, count);
  assert_non_null(labels);
  for (size_t i = 0; i < count; i++) assert_string_equal(labels[i], expected[i]);
  ls_memory_free(&memory);
}

static void labels_differ(void **state) {
  (void)state;
  check_labels((double[]){1e-6, 5.62341325e-6}, 2, (const char *[]){"1e-06", "5.62e-06"});
  check_labels((double[]){0.12341, 0.12342}, 2, (const char *[]){"0.12341", "0.12342"});
  check_labels((double[]){10, 60000}, 2, (const char *[]){"10", "60000"});
  check_labels((double[]){2, 2}, 2, (const char *[]){"2", "2"}); /* the same value twice */
}

/* The processor's seconds to make labels of `count` values and to print a table of them. */
static double seconds_of(size_t count) {
  ls_memory memory = {0};
  report_table table = {.headed = true};
  ls_text text = {0};
  double *values = ls_memory_new(&memory, count, sizeof *values);
  assert_non_null(values);
  for (size_t i = 0; i < count; i++) values[i] = 1 + (double)i / 262144;
  clock_t start = clock();
  char **labels = report_labels(&memory, values, count);
  assert_non_null(labels);
  for (size_t row = 0; row <= count; row++) { /* row 0: headings */
    report_table_add_text(&table, "label", labels[row > 0 ? row - 1 : 0]);
    report_table_end_row(&table);
  }
  report_table_finish(&table, &memory);
  assert_false(table.failed);
  assert_int_equal(report_table_print(&text, &table, 80), 0);
  double seconds = (double)(clock() - start) / CLOCKS_PER_SEC;
  ls_text_free(&text);
  ls_memory_free(&memory);
  return seconds;
}

static void linear_time(void **state) {
  (void)state;
  double one = seconds_of(10000), four = seconds_of(40000);
  assert_true(four <= 8 * one + 0.2);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(exact_reads_back),
      cmocka_unit_test(fixed_keeps_digits),
      cmocka_unit_test(labels_differ),
      cmocka_unit_test(linear_time),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
