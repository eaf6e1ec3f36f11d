/* Interleaved measurements, of code that reports its own times. */
#include "bench/timing.h"
#include "lockstep/error.h"
#include "unit.h"

#include <string.h>

static char order[4096]; /* the names of what ran */

typedef struct thing {
  char name;
  double seconds; /* of once */
  size_t runs, slow,
      fails; /* how often it ran; from that run on it takes twice as long, it fails */
} thing;

static int run(void *context, size_t times, double *seconds) {
  thing *x = context;
  order[strlen(order)] = x->name;
  x->runs++;
  *seconds = (double)times * x->seconds * (x->runs >= x->slow ? 2 : 1);
  return x->runs < x->fails ? LS_OK : ls_fail(LS_FAILED, "%c fails", x->name);
}

static int measure(thing *things, size_t count, size_t parts, double *results) {
  timing t = {0};
  memset(order, 0, sizeof order);
  for (size_t i = 0; i < count; i++) timing_add(&t, run, &things[i], parts, &results[i]);
  int status = timing_measure(&t, 0.9, NULL);
  timing_destroy(&t);
  return status;
}

/* Of one part of once, in the fastest round, however long a round is. */
static void results(void **state) {
  (void)state;
  thing things[] = {{'a', 1e-6, 0, -1, -1}, {'b', 3e-3, 0, 8, -1}, {'c', 5, 0, -1, -1}};
  double seconds[3];
  assert_int_equal(measure(things, 3, 4, seconds), LS_OK);
  expect_near(seconds[0], 1e-6 / 4, 1e-12);
  expect_near(seconds[1], 3e-3 / 4, 1e-9);
  expect_near(seconds[2], 5.0 / 4, 1e-9);
}

/* Rounds of all of them, once it is known how often each fits one. */
static void by_turns(void **state) {
  (void)state;
  thing things[] = {{'a', 5, 0, -1, -1}, {'b', 5, 0, -1, -1}};
  double seconds[2];
  assert_int_equal(measure(things, 2, 1, seconds), LS_OK);
  assert_memory_equal(order, "ababababab", 10);
  assert_int_equal(strlen(order), 2 + 2 * TIMING_ROUNDS);
}

/* As often as fits: a round has a ninth of the time. */
static void fits(void **state) {
  (void)state;
  thing things[] = {{'a', 1e-3, 0, -1, -1}};
  double seconds;
  timing t = {0};
  timing_add(&t, run, things, 1, &seconds);
  assert_int_equal(timing_measure(&t, 0.9, NULL), LS_OK);
  expect_near((double)t.items[0].times, 0.9 / TIMING_ROUNDS / 1e-3, 1);
  timing_destroy(&t);
}

/* A failure is passed on, and nothing runs after it. */
static void failure(void **state) {
  (void)state;
  for (size_t fails = 1; fails < 8; fails++) {
    thing things[] = {{'a', 5, 0, -1, -1}, {'b', 5, 0, -1, fails}};
    double seconds[2];
    assert_int_equal(measure(things, 2, 1, seconds), LS_FAILED);
    assert_string_equal(ls_error_message(), "b fails");
    assert_int_equal(things[1].runs, fails);
    assert_int_equal(order[strlen(order) - 1], 'b');
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(results), cmocka_unit_test(by_turns),
                                     cmocka_unit_test(fits), cmocka_unit_test(failure)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
