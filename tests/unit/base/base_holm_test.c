/* Holm's correction. */
#include "base/holm.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* The example of "Holm-Bonferroni method" in Wikipedia: rejects H4 and H1 at 0.05. The one without
 * a test does not count. */
static void example(void **state) {
  (void)state;
  double p[] = {0.01, 0.04, NAN, 0.03, 0.005};
  const double expected[] = {0.03, 0.06, NAN, 0.06, 0.02};
  double *order[] = {&p[0], &p[1], &p[2], &p[3], &p[4]};
  ls_holm(order, 5);
  for (int i = 0; i < 5; i++) {
    if (isnan(expected[i])) assert_true(isnan(p[i]));
    if (!isnan(expected[i])) assert_true(fabs(p[i] - expected[i]) < 1e-14);
  }
}

static void at_most_one(void **state) {
  (void)state;
  double p[] = {0.7, 0.7}, alone = 0.7;
  ls_holm((double *[]){&p[0], &p[1]}, 2);
  assert_true(p[0] == 1 && p[1] == 1);
  ls_holm((double *[]){&alone}, 1);
  assert_true(alone == 0.7);
  ls_holm(NULL, 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(example), cmocka_unit_test(at_most_one)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
