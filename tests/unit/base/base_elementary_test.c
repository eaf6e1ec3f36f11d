/* exp, log, powers, cosine and sine against C's library, in units in the last place. */
#include "unit.h"

#include "base/elementary.h"

#include <float.h>
#include <math.h>

enum { POINTS = 200000 };

static double error(double value, double expected) {
  int exponent;
  frexp(expected, &exponent);
  return fabs(value - expected) / ldexp(1, exponent - DBL_MANT_DIG);
}

static void exponential(void **state) {
  (void)state;
  double worst = 0;
  for (int i = 0; i < POINTS; i++) {
    double x = -708 + 1417.0 * i / POINTS;
    worst = fmax(worst, error(ls_exponential(x), exp(x)));
  }
  print_message("exp: %.3f\n", worst);
  assert_true(worst <= 1.01);
  assert_true(ls_exponential(0) == 1);
  assert_true(ls_exponential(-800) == 0);
  assert_true(ls_exponential(800) == INFINITY);
  assert_true(isnan(ls_exponential(NAN)));
}

static void logarithm(void **state) {
  (void)state;
  double worst = 0;
  for (int i = 1; i < POINTS; i++) {
    double near = 2.0 * i / POINTS, far = ldexp(1 + near, i % 2000 - 1000);
    if (near != 1) worst = fmax(worst, error(ls_logarithm(near), log(near)));
    worst = fmax(worst, error(ls_logarithm(far), log(far)));
  }
  print_message("log: %.3f\n", worst);
  assert_true(worst <= 1.01);
  assert_true(ls_logarithm(1) == 0);
  assert_true(ls_logarithm(0) == -INFINITY);
  assert_true(isnan(ls_logarithm(-1)));
}

static void power(void **state) {
  (void)state;
  assert_true(ls_power(0.9, 1) == 0.9);
  assert_true(ls_power(0.999, 0) == 1);
  assert_true(ls_power(0, 0.5) == 0);
  for (int n = 1; n < 100000; n = n * 3 / 2 + 1) {
    double y = n / 7.1;
    assert_true(error(ls_power(0.9999, n), pow(0.9999, n)) <= 16 + fabs(n * log(0.9999)));
    assert_true(error(ls_power(0.99, y), pow(0.99, y)) <= 2 + fabs(y * log(0.99)));
  }
}

static void angles(void **state) {
  (void)state;
  const double pi = acos(-1);
  for (int i = -POINTS; i <= POINTS; i++) {
    double turns = 2.0 * i / POINTS, cosine, sine;
    ls_cos_sin(turns, &cosine, &sine);
    assert_true(fabs(cosine - cos(2 * pi * turns)) < 4e-15);
    assert_true(fabs(sine - sin(2 * pi * turns)) < 4e-15);
    if (i % (POINTS / 8) == 0) assert_true(cosine == rint(cosine) && sine == rint(sine));
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(exponential),
      cmocka_unit_test(logarithm),
      cmocka_unit_test(power),
      cmocka_unit_test(angles),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
