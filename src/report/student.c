/* Student's t distribution by the incomplete beta function, and that by its continued fraction:
 * DLMF 8.17.22, evaluated by the method of Lentz as Thompson and Barnett modified it (J. Comput.
 * Phys. 64, 1986). */
#include "report/student.h"

#include <float.h>
#include <math.h>
#include <stdbool.h>

/* Coefficient k of the continued fraction of I_x(a, b), 1 / (1 + d_1 / (1 + d_2 / (1 + ... */
static double coefficient(int k, double x, double a, double b) {
  double m = k / 2; /* rounded down */
  if (k % 2 == 0) return m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
  return -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
}

/* The fraction, which converges fast for x < (a + 1) / (a + b + 2). */
static double fraction(double x, double a, double b) {
  const double tiny = 1e-300; /* in the place of a zero */
  double c = 1, d = 0, h = 1, change = 0;
  for (int k = 1; k < 20000 && fabs(change - 1) > DBL_EPSILON; k++) {
    double step = coefficient(k, x, a, b);
    d = 1 + step * d;
    c = 1 + step / c;
    d = 1 / (d != 0 ? d : tiny);
    c = c != 0 ? c : tiny;
    change = c * d;
    h *= change;
  }
  return 1 / h;
}

/* I_x(a, b), given both x and y = 1 - x, either of which may be too close to 1 to be
 * computed from the other.
 */
static double incomplete_beta(double x, double y, double a, double b) {
  if (x <= 0) return 0;
  if (y <= 0) return 1;
  bool swap = x > (a + 1) / (a + b + 2);
  double log_x = x < y ? log(x) : log1p(-y), log_y = x < y ? log1p(-x) : log(y);
  double power = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log_x + b * log_y);
  return swap ? 1 - power * fraction(y, b, a) / b : power * fraction(x, a, b) / a;
}

double student_two_sided(double t, double df) {
  if (isnan(t) || !(df > 0)) return NAN;
  if (isinf(t)) return 0;
  double square = t * t;
  return incomplete_beta(df / (df + square), square / (df + square), df / 2, 0.5);
}

static double density(double t, double df) {
  double log_scale = lgamma((df + 1) / 2) - lgamma(df / 2) - 0.5 * log(df * M_PI);
  return exp(log_scale - (df + 1) / 2 * log1p(t * t / df));
}

double student_quantile(double probability, double df) {
  if (!(probability > 0 && probability < 1 && df > 0)) return NAN;
  /* The tails as a function of t > 0 fall and are convex: Newton's steps from 0 never go too far.
   */
  double t = 0, step = 0;
  int steps = 0;
  do {
    step = (student_two_sided(t, df) - (1 - probability)) / (2 * density(t, df));
    t += step;
  } while (step > 1e-14 * t && ++steps < 1000);
  return t;
}
