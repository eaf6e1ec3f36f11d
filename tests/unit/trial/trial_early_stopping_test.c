/* Early stopping by the rules of keras.callbacks.EarlyStopping. */
#include "unit.h"

#include "trial/early_stopping.h"

#include <stdlib.h>

/* Keras's default arguments. */
static ls_early_stopping_args defaults(void) {
  static char monitor[] = "val_loss";
  return (ls_early_stopping_args){.monitor = monitor, .baseline = NAN};
}

/* Watches the values until training stops. The epoch (from 1) at which it stopped, 0 if it did not,
 * and the best epoch must be as expected. */
static void expect_stop(const ls_early_stopping_args *args, bool higher, size_t count,
                        const double *values, size_t stops_at, size_t best) {
  early_stopping e = {.args = args, .higher = higher};
  size_t stopped = 0, last_improved = 0;
  for (size_t epoch = 1; epoch <= count && !stopped; epoch++) {
    bool improved;
    if (early_stopping_watch(&e, epoch, values[epoch - 1], &improved)) stopped = epoch;
    if (improved) last_improved = epoch;
  }
  assert_int_equal(stopped, stops_at);
  assert_int_equal(e.state.best_epoch, best);
  assert_int_equal(last_improved, best);
}
#define EXPECT_STOP(args, higher, stops_at, best, ...)                                             \
  expect_stop(args, higher, COUNT_OF(((double[]){__VA_ARGS__})), (double[]){__VA_ARGS__},          \
              stops_at, best)

static void patience(void **state) {
  (void)state;
  ls_early_stopping_args args = defaults();
  /* Patience 0: the first epoch without improvement ends it; the first of all never does. */
  EXPECT_STOP(&args, false, 3, 2, 5, 4, 4, 3);
  EXPECT_STOP(&args, false, 2, 1, 5, 5, 4);
  EXPECT_STOP(&args, false, 0, 1, 5);
  args.patience = 1; /* as 0: waiting counts the epoch itself */
  EXPECT_STOP(&args, false, 3, 2, 5, 4, 4, 3);
  args.patience = 3;
  EXPECT_STOP(&args, false, 6, 3, 9, 8, 7, 7.5, 7, 8, 1);
  EXPECT_STOP(&args, false, 0, 6, 9, 8, 7, 7.5, 7, 6, 8, 7);
}

static void direction(void **state) {
  (void)state;
  ls_early_stopping_args args = defaults();
  args.patience = 2;
  EXPECT_STOP(&args, true, 4, 2, 1, 2, 2, 1, 9);
  EXPECT_STOP(&args, true, 0, 4, 1, 2, 3, 4);
  EXPECT_STOP(&args, false, 3, 1, 1, 2, 3, 4);
}

/* A change of min_delta or less is no improvement; the reference is still the best value. */
static void min_delta(void **state) {
  (void)state;
  ls_early_stopping_args args = defaults();
  args.min_delta = 0.5;
  args.patience = 2;
  EXPECT_STOP(&args, false, 3, 1, 4, 3.75, 3.5, 1);
  EXPECT_STOP(&args, false, 5, 3, 4, 3.75, 3.25, 3, 2.75, 1);
  EXPECT_STOP(&args, true, 3, 1, 4, 4.25, 4.5, 9);
  EXPECT_STOP(&args, true, 0, 3, 4, 4.25, 4.75, 4.75);
}

/* Waiting restarts only where the baseline is beaten as well. */
static void baseline(void **state) {
  (void)state;
  ls_early_stopping_args args = defaults();
  args.patience = 3;
  args.baseline = 2;
  /* Improves at every epoch, though never below 2: stops when an epoch brings nothing after 3. */
  EXPECT_STOP(&args, false, 5, 4, 6, 5, 4, 3, 3, 1);
  EXPECT_STOP(&args, false, 3, 1, 6, 7, 7, 1);
  EXPECT_STOP(&args, false, 6, 3, 6, 5, 1, 2, 2, 2, 0);
}

static void start_from_epoch(void **state) {
  (void)state;
  ls_early_stopping_args args = defaults();
  args.start_from_epoch = 3; /* epochs 1 to 3 are not looked at */
  EXPECT_STOP(&args, false, 5, 4, 1, 2, 3, 4, 4, 0);
  args.patience = 2;
  EXPECT_STOP(&args, false, 7, 5, 1, 1, 1, 4, 3, 3, 3);
}

/* NaN is never an improvement, in any epoch. */
static void not_a_number(void **state) {
  (void)state;
  ls_early_stopping_args args = defaults();
  args.patience = 2;
  EXPECT_STOP(&args, false, 2, 0, NAN, NAN, NAN);
  args.patience = 0;
  EXPECT_STOP(&args, false, 0, 3, NAN, 5, 4);
  args.patience = 2;
  EXPECT_STOP(&args, false, 0, 2, NAN, 5, NAN);
  EXPECT_STOP(&args, false, 4, 2, 7, 5, NAN, NAN);
}

/* Without early stopping the best epoch is still found, by the smallest change. */
static void only_watching(void **state) {
  (void)state;
  ls_early_stopping_args args = {.baseline = NAN};
  EXPECT_STOP(&args, true, 0, 2, 1, 2, 1, 1, 1, 1, 1);
  EXPECT_STOP(&args, true, 0, 4, 1, 2, 1, 2.000001, 1);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(patience),         cmocka_unit_test(direction),
      cmocka_unit_test(min_delta),        cmocka_unit_test(baseline),
      cmocka_unit_test(start_from_epoch), cmocka_unit_test(not_a_number),
      cmocka_unit_test(only_watching),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
