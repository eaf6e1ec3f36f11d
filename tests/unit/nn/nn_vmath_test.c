/* exp and tanh: within 2 units in the last place over the whole float range, and what they give at
 * its ends. In a double build both are libm's and are only compared with it. */
#include "unit.h"

#include "vmath.h"

#include <float.h>

/* Units in the last place of the result type at `value`. */
static double ulp_at(double value) {
  int exponent;
  frexp(value, &exponent);
  const int digits = sizeof(ls_real) == 4 ? FLT_MANT_DIG : DBL_MANT_DIG;
  const int smallest = sizeof(ls_real) == 4 ? FLT_MIN_EXP : DBL_MIN_EXP;
  return ldexp(1, (exponent < smallest ? smallest : exponent) - digits);
}

static double exp_error(float x) {
  double expected = exp((double)x);
  return fabs((double)ls_exp(x) - expected) / ulp_at(expected);
}

static double tanh_error(float x) {
  double expected = tanh((double)x);
  return fabs((double)ls_tanh(x) - expected) / ulp_at(expected);
}

/* The largest error over every STRIDEth finite float in [lowest, highest]. */
static double largest_error(double (*error)(float x), float lowest, float highest) {
  enum { STRIDE = 509, INFINITE = 0x7f800000 };
  double largest = 0;
  for (uint32_t bits = 0; bits < INFINITE; bits += STRIDE) {
    union {
      uint32_t bits;
      float real;
    } x = {bits};
    if (x.real <= highest) largest = fmax(largest, error(x.real));
    if (-x.real >= lowest) largest = fmax(largest, error(-x.real));
  }
  return largest;
}

static void accuracy(void **state) {
  (void)state;
  double worst_exp = largest_error(exp_error, -87.336f, 88.722f);
  double worst_tanh = largest_error(tanh_error, -FLT_MAX, FLT_MAX);
  print_message("exp within %.3f, tanh within %.3f units in the last place\n", worst_exp,
                worst_tanh);
  assert_true(worst_exp <= 2);
  assert_true(worst_tanh <= 2);
}

static void ends(void **state) {
  (void)state;
  assert_true(ls_exp(0) == 1);
  assert_true(ls_exp((ls_real)-INFINITY) == 0);
  assert_true(isinf(ls_exp((ls_real)INFINITY)));
  assert_true(isnan(ls_exp((ls_real)NAN)));
  assert_true(isnan(ls_exp(-(ls_real)NAN)));
  assert_true(ls_exp((ls_real)-1e4) == 0);
  assert_true(isinf(ls_exp((ls_real)1e4)));
  assert_true(ls_tanh((ls_real)INFINITY) == 1);
  assert_true(ls_tanh((ls_real)-INFINITY) == -1);
  assert_true(isnan(ls_tanh((ls_real)NAN)));
  assert_true(ls_tanh(0) == 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(accuracy),
      cmocka_unit_test(ends),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
