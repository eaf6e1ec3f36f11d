/* Intervals between checkpoints, as options give them. */
#include "unit.h"

#include "lockstep/error.h"
#include "trial/interval.h"

#include <string.h>

static void accepted(void **state) {
  (void)state;
  static const struct {
    const char *text;
    ls_interval_unit unit;
    double count;
  } cases[] = {{"60", LS_INTERVAL_SECONDS, 60},     {"0.5s", LS_INTERVAL_SECONDS, 0.5},
               {"1second", LS_INTERVAL_SECONDS, 1}, {"90seconds", LS_INTERVAL_SECONDS, 90},
               {"1step", LS_INTERVAL_STEPS, 1},     {"500steps", LS_INTERVAL_STEPS, 500},
               {"1epoch", LS_INTERVAL_EPOCHS, 1},   {"10epochs", LS_INTERVAL_EPOCHS, 10},
               {"1e9steps", LS_INTERVAL_STEPS, 1e9}};
  for (size_t i = 0; i < COUNT_OF(cases); i++) {
    ls_interval interval;
    assert_int_equal(ls_interval_read(&interval, "run: --every", cases[i].text), LS_OK);
    assert_int_equal(interval.unit, cases[i].unit);
    assert_true(interval.count == cases[i].count);
  }
}

static void refused(void **state) {
  (void)state;
  static const char *const cases[] = {"",     "s",        "steps",      "0",          "0steps",
                                      "-1s",  "1.5steps", "0.5epochs",  "nan",        "inf",
                                      "1e10", "3 steps",  "3stepsteps", "twelvesteps"};
  for (size_t i = 0; i < COUNT_OF(cases); i++) {
    ls_interval interval;
    ls_error_clear();
    assert_int_equal(ls_interval_read(&interval, "run: --every", cases[i]), LS_INVALID);
    assert_non_null(strstr(ls_error_message(), "run: --every: '"));
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(accepted), cmocka_unit_test(refused)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
