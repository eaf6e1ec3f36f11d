/* exp, log, powers, cosine and sine in double precision. */
#include "base/elementary.h"

#include <math.h>

static const double ln2_high = 6.93147180369123816490e-01, ln2_low = 1.90821492927058770002e-10;

double ls_exponential(double x) {
  if (!(x < 709.782712893384)) return x < INFINITY ? INFINITY : x; /* a NaN stays one */
  if (x < -745.2) return 0;
  double k = rint(x * 1.44269504088896338700);
  double high = x - k * ln2_high, low = k * ln2_low, r = high - low, t = r * r;
  double p = 4.13813679705723846039e-08;
  p = p * t - 1.65339022054652515390e-06;
  p = p * t + 6.61375632143793436117e-05;
  p = p * t - 2.77777777770155933842e-03;
  p = p * t + 1.66666666666666019037e-01;
  double c = r - t * p;
  return ldexp(1 - ((low - (r * c) / (2 - c)) - high), (int)k);
}

double ls_logarithm(double x) {
  if (x == 0) return -INFINITY;
  if (!(x > 0) || x == INFINITY) return x > 0 ? x : NAN;
  int exponent;
  double m = frexp(x, &exponent);
  if (m < 0.70710678118654752440) {
    m *= 2;
    exponent--;
  }
  double f = m - 1, k = exponent, half_square = 0.5 * f * f;
  double s = f / (2 + f), z = s * s, w = z * z;
  double odd = 1.531383769920937332e-01;
  odd = odd * w + 2.222219843214978396e-01;
  odd = odd * w + 3.999999999940941908e-01;
  double even = 1.479819860511658591e-01;
  even = even * w + 1.818357216161805012e-01;
  even = even * w + 2.857142874366239149e-01;
  even = even * w + 6.666666666666735130e-01;
  double r = odd * w + even * z;
  return k * ln2_high - ((half_square - (s * (half_square + r) + k * ln2_low)) - f);
}

double ls_power(double x, double y) {
  if (y >= 0 && y <= 16 && y == rint(y)) {
    double power = 1;
    for (int i = 0; i < (int)y; i++) power *= x;
    return power;
  }
  if (x == 0) return y > 0 ? 0 : INFINITY;
  return ls_exponential(y * ls_logarithm(x));
}

/* Of angles of at most pi / 4. */
static double sine_of(double x) {
  double z = x * x;
  double p = 1.58969099521155010221e-10;
  p = p * z - 2.50507602534068634195e-08;
  p = p * z + 2.75573137070700676789e-06;
  p = p * z - 1.98412698298579493134e-04;
  p = p * z + 8.33333333332248946124e-03;
  p = p * z - 1.66666666666666324348e-01;
  return x + z * x * p;
}

static double cosine_of(double x) {
  double z = x * x;
  double p = -1.13596475577881948265e-11;
  p = p * z + 2.08757232129817482790e-09;
  p = p * z - 2.75573143513906633035e-07;
  p = p * z + 2.48015872894767294178e-05;
  p = p * z - 1.38888888888741095749e-03;
  p = p * z + 4.16666666666666019037e-02;
  double half = 0.5 * z, w = 1 - half;
  return w + (((1 - w) - half) + z * z * p);
}

void ls_cos_sin(double turns, double *cosine, double *sine) {
  double quarters = rint(4 * turns), angle = 6.283185307179586 * (turns - quarters / 4);
  double c = cosine_of(angle), s = sine_of(angle);
  int quadrant = (int)fmod(quarters, 4) & 3;
  *cosine = quadrant == 0 ? c : quadrant == 1 ? -s : quadrant == 2 ? -c : s;
  *sine = quadrant == 0 ? s : quadrant == 1 ? c : quadrant == 2 ? -s : -c;
}
