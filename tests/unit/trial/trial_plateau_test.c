/* Lowering the learning rate by the rules of keras.callbacks.ReduceLROnPlateau. The expected rates
 * are those that Keras 3.15 trains with, given the same values. */
#include "unit.h"

#include "trial/plateau.h"

#include <stdlib.h>

/* Keras's defaults, with a factor and a patience that make short tests. */
static ls_plateau_args defaults(void) {
  static char monitor[] = "val_loss";
  return (ls_plateau_args){.monitor = monitor, .factor = 0.5, .patience = 2, .min_delta = 1e-4};
}

/* The rate in each epoch, from a schedule's `scheduled`, and the value that the epoch ends with. */
typedef struct epoch {
  double scheduled, rate, value;
} epoch;

static void expect_rates(const ls_plateau_args *args, bool higher, size_t count,
                         const epoch *epochs) {
  plateau p = {.args = args, .higher = higher, .state = {.scale = 1}};
  for (size_t i = 0; i < count; i++) {
    expect_near(plateau_rate(&p, epochs[i].scheduled), epochs[i].rate, 1e-15);
    plateau_watch(&p, epochs[i].value, epochs[i].scheduled);
  }
}
#define EXPECT_RATES(args, higher, ...)                                                            \
  expect_rates(args, higher, COUNT_OF(((epoch[]){__VA_ARGS__})), (epoch[]){__VA_ARGS__})

static void patience(void **state) {
  (void)state;
  ls_plateau_args args = defaults();
  EXPECT_RATES(&args, false, {8, 8, 5}, {8, 8, 4}, {8, 8, 4}, {8, 8, 4}, {8, 4, 4}, {8, 4, 4},
               {8, 2, 3}, {8, 2, 3}, {8, 2, 2}, {8, 2, 2}, {8, 2, 2}, {8, 1, 2});
  args.patience = 0; /* as 1 */
  EXPECT_RATES(&args, false, {8, 8, 5}, {8, 8, 5}, {8, 4, 5}, {8, 2, 4}, {8, 2, 4}, {8, 1, 0});
  args.patience = 1;
  args.factor = 0;
  EXPECT_RATES(&args, false, {8, 8, 5}, {8, 8, 5}, {8, 0, 5}, {8, 0, 5});
}

static void direction(void **state) {
  (void)state;
  ls_plateau_args args = defaults();
  EXPECT_RATES(&args, true, {8, 8, 1}, {8, 8, 2}, {8, 8, 3}, {8, 8, 3}, {8, 8, 2}, {8, 4, 4});
  EXPECT_RATES(&args, false, {8, 8, 1}, {8, 8, 2}, {8, 8, 3}, {8, 4, 0});
}

/* A change of min_delta or less is no improvement; the reference is still the best value. */
static void min_delta(void **state) {
  (void)state;
  ls_plateau_args args = defaults();
  args.min_delta = 0.5;
  EXPECT_RATES(&args, false, {8, 8, 4}, {8, 8, 3.75}, {8, 8, 3.5}, {8, 4, 3.25}, {8, 4, 3},
               {8, 4, 2.875}, {8, 2, 0});
  EXPECT_RATES(&args, true, {8, 8, 4}, {8, 8, 4.25}, {8, 8, 4.5}, {8, 4, 4.75});
}

/* For `cooldown` epochs after a reduction no waiting is counted, though improvements are seen. */
static void cooldown(void **state) {
  (void)state;
  ls_plateau_args args = defaults();
  args.cooldown = 3;
  EXPECT_RATES(&args, false, {8, 8, 5}, {8, 8, 5}, {8, 8, 5}, {8, 4, 5}, {8, 4, 5}, {8, 4, 5},
               {8, 4, 5}, {8, 2, 5});
  EXPECT_RATES(&args, false, {8, 8, 5}, {8, 8, 5}, {8, 8, 5}, {8, 4, 3}, {8, 4, 4}, {8, 4, 4},
               {8, 4, 4}, {8, 2, 4});
}

/* The last reduction ends at min_lr; at min_lr there is no further reduction, and no cooldown. */
static void min_lr(void **state) {
  (void)state;
  ls_plateau_args args = defaults();
  args.patience = 1;
  args.min_lr = 3;
  EXPECT_RATES(&args, false, {8, 8, 5}, {8, 8, 5}, {8, 4, 5}, {8, 3, 5}, {8, 3, 5}, {8, 3, 5});
}

/* Beyond Keras's rules: a schedule's rate is multiplied, and may itself be below min_lr. */
static void schedules(void **state) {
  (void)state;
  ls_plateau_args args = defaults();
  args.patience = 1;
  args.min_lr = 3;
  EXPECT_RATES(&args, false, {16, 16, 5}, {14, 14, 5}, {12, 6, 5}, {10, 3, 5}, {4, 3, 5}, {2, 2, 5},
               {24, 6, 4});
}

/* NaN is no improvement, in any epoch. */
static void not_a_number(void **state) {
  (void)state;
  ls_plateau_args args = defaults();
  EXPECT_RATES(&args, false, {8, 8, NAN}, {8, 8, 5}, {8, 8, NAN}, {8, 8, 4}, {8, 8, NAN},
               {8, 8, NAN}, {8, 4, 3});
}

static void left_out(void **state) {
  (void)state;
  ls_plateau_args args = {0};
  EXPECT_RATES(&args, false, {8, 8, 1}, {0, 0, 1}, {8, 8, 2}, {8, 8, 2});
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(patience),     cmocka_unit_test(direction), cmocka_unit_test(min_delta),
      cmocka_unit_test(cooldown),     cmocka_unit_test(min_lr),    cmocka_unit_test(schedules),
      cmocka_unit_test(not_a_number), cmocka_unit_test(left_out),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
