/* exp, expm1, log, log1p, tanh: within 2 units in the last place over the whole float range, and
 * what they give at its ends; turns and the normal distribution within the bounds that their
 * comments give. In a double build they are libm's and are only compared with it. */
#include "unit.h"

#include "nn/vmath.h"

#include <float.h>

/* Units in the last place of the result type at `value`. */
static double ulp_at(double value) {
  int exponent;
  frexp(value, &exponent);
  const int digits = sizeof(ls_real) == 4 ? FLT_MANT_DIG : DBL_MANT_DIG;
  const int smallest = sizeof(ls_real) == 4 ? FLT_MIN_EXP : DBL_MIN_EXP;
  return ldexp(1, (exponent < smallest ? smallest : exponent) - digits);
}

/* The largest error in units in the last place over every STRIDEth finite float in [lowest,
 * highest], against a formula in double. */
static double largest_error(ls_real (*function)(ls_real x), double (*formula)(double x),
                            float lowest, float highest) {
  enum { STRIDE = 509, INFINITE = 0x7f800000 };
  double largest = 0;
  for (uint32_t bits = 0; bits < INFINITE; bits += STRIDE) {
    union {
      uint32_t bits;
      float real;
    } x = {bits};
    for (int sign = 1; sign >= -1; sign -= 2, x.real = -x.real) {
      if (x.real > highest || x.real < lowest) continue;
      double expected = formula((double)x.real);
      double error = fabs((double)function(x.real) - expected) / ulp_at(expected);
      largest = fmax(largest, error);
    }
  }
  return largest;
}

static void accuracy(void **state) {
  (void)state;
  double worst_exp = largest_error(ls_exp, exp, -87.336f, 88.722f);
  double worst_expm1 = largest_error(ls_expm1, expm1, -FLT_MAX, 88);
  double worst_log = largest_error(ls_log, log, FLT_MIN, FLT_MAX);
  double worst_log1p = largest_error(ls_log1p, log1p, -0.5f, 1);
  double worst_tanh = largest_error(ls_tanh, tanh, -FLT_MAX, FLT_MAX);
  print_message("units in the last place: exp %.3f, expm1 %.3f, log %.3f, log1p %.3f, tanh %.3f\n",
                worst_exp, worst_expm1, worst_log, worst_log1p, worst_tanh);
  assert_true(worst_exp <= 2);
  assert_true(worst_expm1 <= 2);
  assert_true(worst_log <= 2);
  assert_true(worst_log1p <= 2);
  assert_true(worst_tanh <= 2);
}

static void turns(void **state) {
  (void)state;
  const double pi = acos(-1);
  for (int32_t bits = 0; bits < 1 << 24; bits += 1021) {
    ls_real cosine, sine;
    ls_turn(bits, &cosine, &sine);
    expect_near((double)cosine, cos(2 * pi * bits / (1 << 24)), 1e-7);
    expect_near((double)sine, sin(2 * pi * bits / (1 << 24)), 1e-7);
  }
  for (int32_t quarter = 0; quarter < 4; quarter++) {
    ls_real cosine, sine;
    ls_turn(quarter * (1 << 22), &cosine, &sine);
    expect_near((double)cosine, cos(pi / 2 * quarter), 1e-15);
    expect_near((double)sine, sin(pi / 2 * quarter), 1e-15);
  }
}

/* Relative errors, of which rounding of the exponent, x^2 / 2, may be x^2 epsilon. */
static void normal(void **state) {
  (void)state;
  const double epsilon = sizeof(ls_real) == 4 ? FLT_EPSILON : DBL_EPSILON;
  double worst = 0;
  for (float x = -12; x <= 12; x += 0.001f) {
    double expected = (double)(erfcl((long double)x / -sqrtl(2)) / 2),
           exponent = x < 0 ? (double)x * x : 0;
    double error = fabs((double)ls_normal_cdf(x) / expected - 1) / epsilon;
    worst = fmax(worst, error - exponent);
  }
  print_message("the normal distribution: %.3f epsilon\n", worst);
  assert_true(worst <= 4);
}

static void ends(void **state) {
  (void)state;
  const ls_real infinite = (ls_real)INFINITY, nan = (ls_real)NAN;
  assert_true(ls_exp(0) == 1);
  assert_true(ls_exp(-infinite) == 0);
  assert_true(isinf(ls_exp(infinite)));
  assert_true(isnan(ls_exp(nan)));
  assert_true(isnan(ls_exp(-nan)));
  assert_true(ls_exp((ls_real)-1e4) == 0);
  assert_true(isinf(ls_exp((ls_real)1e4)));
  assert_true(ls_expm1(0) == 0);
  assert_true(ls_expm1(-infinite) == -1);
  assert_true(isinf(ls_expm1(infinite)));
  assert_true(isnan(ls_expm1(nan)));
  assert_true(isnan(ls_log1p(nan)));
  assert_true(ls_tanh(infinite) == 1);
  assert_true(ls_tanh(-infinite) == -1);
  assert_true(isnan(ls_tanh(nan)));
  assert_true(ls_tanh(0) == 0);
  assert_true(ls_normal_cdf(0) > (ls_real)0.4999998 && ls_normal_cdf(0) < (ls_real)0.5000002);
  assert_true(ls_normal_cdf(infinite) == 1);
  assert_true(ls_normal_cdf(-infinite) == 0);
  assert_true(isnan(ls_normal_cdf(nan)));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(accuracy),
      cmocka_unit_test(turns),
      cmocka_unit_test(normal),
      cmocka_unit_test(ends),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
