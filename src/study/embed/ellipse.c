/* The ellipse of a normal distribution that was fitted to points: mean and covariance (n - 1). */
#include "study/embed/projection.h"

#include <math.h>

static const double PI = 3.14159265358979323846;
static const double CHI_SQUARED = 5.9914645471079817; /* 2 degrees of freedom, 95 %: -2 ln 0.05 */

ls_ellipse ls_ellipse_fit(size_t samples, const double *y) {
  ls_ellipse e = {{NAN, NAN}, {NAN, NAN}, NAN, NAN};
  if (samples < 3) return e;
  double n = (double)samples, mean[2] = {0, 0}, xx = 0, xy = 0, yy = 0;
  for (size_t i = 0; i < samples; i++) {
    mean[0] += y[2 * i] / n;
    mean[1] += y[2 * i + 1] / n;
  }
  for (size_t i = 0; i < samples; i++) {
    double dx = y[2 * i] - mean[0], dy = y[2 * i + 1] - mean[1];
    xx += dx * dx / (n - 1);
    xy += dx * dy / (n - 1);
    yy += dy * dy / (n - 1);
  }
  /* The eigenvalues of the covariance are half its trace, more or less their distance from that. */
  double half = (xx + yy) / 2, distance = hypot((xx - yy) / 2, xy);
  double least = half - distance;
  e.center[0] = mean[0];
  e.center[1] = mean[1];
  e.half_axes[0] = sqrt(CHI_SQUARED * (half + distance));
  e.half_axes[1] = least < 0 ? 0 : sqrt(CHI_SQUARED * least); /* less than 0 by rounding only */
  e.angle = atan2(2 * xy, xx - yy) / 2;
  e.area = PI * e.half_axes[0] * e.half_axes[1];
  return e;
}

void ls_ellipse_polygon(const ls_ellipse *ellipse, double *points) {
  /* Corners slightly outside, so that the polygon isn't smaller: its area would be n sin(2 pi / n)
   * / 2 pi times the ellipse's. */
  double turn = 2 * PI / LS_ELLIPSE_POINTS, stretch = sqrt(turn / sin(turn));
  double cosine = cos(ellipse->angle), sine = sin(ellipse->angle);
  for (int i = 0; i < LS_ELLIPSE_POINTS; i++) {
    double a = stretch * ellipse->half_axes[0] * cos(turn * i);
    double b = stretch * ellipse->half_axes[1] * sin(turn * i);
    points[2 * i] = ellipse->center[0] + a * cosine - b * sine;
    points[2 * i + 1] = ellipse->center[1] + a * sine + b * cosine;
  }
}
