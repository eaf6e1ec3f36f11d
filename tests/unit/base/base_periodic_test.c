/* A thread that is called again and again, until it is stopped. */
#include "unit.h"

#include "base/clock.h"
#include "base/periodic.h"

#include <signal.h>
#include <stdatomic.h>

typedef struct calls {
  atomic_int count;
  atomic_bool blocks_signals;
  double delay; /* between them */
} calls;

static double count(void *context) {
  calls *c = context;
  sigset_t blocked;
  pthread_sigmask(SIG_BLOCK, NULL, &blocked);
  c->blocks_signals = sigismember(&blocked, SIGTERM) == 1;
  c->count++;
  return c->delay;
}

static void again(void **state) {
  (void)state;
  calls c = {.delay = 1e-3};
  ls_periodic periodic = {0};
  double start = ls_clock_seconds();
  assert_int_equal(ls_periodic_start(&periodic, "a thread", 0, count, &c), LS_OK);
  while (c.count < 5 && ls_clock_seconds() - start < 20) {
  }
  ls_periodic_stop(&periodic);
  assert_true(c.count >= 5);
  assert_true(ls_clock_seconds() - start >= 4e-3);
  assert_true(c.blocks_signals);
  int last = c.count;
  ls_periodic_stop(&periodic); /* nothing runs */
  assert_int_equal(c.count, last);
}

/* It does not wait for the next call. */
static void stopped(void **state) {
  (void)state;
  calls c = {.delay = 1e-3};
  ls_periodic periodic = {0};
  ls_periodic_stop(&periodic);
  double start = ls_clock_seconds();
  assert_int_equal(ls_periodic_start(&periodic, "a thread", 1000, count, &c), LS_OK);
  ls_periodic_stop(&periodic);
  assert_int_equal(c.count, 0);
  assert_true(ls_clock_seconds() - start < 100);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(again),
      cmocka_unit_test(stopped),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
