/* Whether a run lives, by the age of its status and by its process. */
#include "unit.h"

#include "base/clock.h"
#include "base/process.h"
#include "watch/life.h"

#include <unistd.h>

static ls_run_status elsewhere(double age) {
  return (ls_run_status){
      .host = "another", .process = 1, .interval = 2, .updated = ls_clock_date() - age};
}

static watch_life find(watch_pulse *pulse, const ls_run_status *s) {
  double age;
  return watch_find_life(pulse, s, &age);
}

static void age(void **state) {
  (void)state;
  const struct {
    double age, interval;
    watch_life expected;
  } cases[] = {{0, 2, WATCH_ALIVE},   {-3600, 2, WATCH_ALIVE}, {14, 2, WATCH_ALIVE},
               {16, 2, WATCH_SILENT}, {90, 20, WATCH_ALIVE},   {110, 20, WATCH_SILENT}};
  for (size_t i = 0; i < COUNT_OF(cases); i++) {
    watch_pulse pulse = {0};
    ls_run_status s = elsewhere(cases[i].age);
    s.interval = cases[i].interval;
    assert_int_equal(find(&pulse, &s), cases[i].expected);
    s.ended = true;
    assert_int_equal(find(&pulse, &s), WATCH_ENDED);
  }
}

/* An update that is seen here counts from then on, whatever the other machine's clock. */
static void other_clock(void **state) {
  (void)state;
  watch_pulse pulse = {0};
  ls_run_status s = elsewhere(3600);
  assert_int_equal(find(&pulse, &s), WATCH_SILENT);
  s.updated += 2;
  assert_int_equal(find(&pulse, &s), WATCH_ALIVE);
  pulse.seen -= 16;
  assert_int_equal(find(&pulse, &s), WATCH_SILENT);
}

static void process(void **state) {
  (void)state;
  ls_run_status s = elsewhere(6);
  char host[64] = "";
  gethostname(host, sizeof host - 1);
  s.host = host;
  s.process = (long)getpid();
  ls_process_state(s.process, &s.process_start);
  assert_int_equal(find(&(watch_pulse){0}, &s), WATCH_ALIVE);
  s.process_start++; /* another process with the same number */
  assert_int_equal(find(&(watch_pulse){0}, &s), WATCH_KILLED);
  s.updated += 6; /* it is updated: its process is in another container */
  assert_int_equal(find(&(watch_pulse){0}, &s), WATCH_ALIVE);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(age),
      cmocka_unit_test(other_clock),
      cmocka_unit_test(process),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
