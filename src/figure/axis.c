/* Ranges of axes, tics and their digits: whatever the values are, gnuplot gets a range that it can
 * draw and labels that differ. */
#include "figure/pieces.h"

#include <float.h>
#include <math.h>
#include <stdio.h>

static const double largest = DBL_MAX / 8; /* differences of such values are finite */
static const double narrowest = 1e-13;     /* range of an axis relative to its values */
enum { SHORT = 6, MOST_DIGITS = 17 };      /* digits of gnuplot's own labels, and of a double */

void ls_plot_extend(double *least, double *most, const ls_plot_panel *panel, int column) {
  for (size_t i = 0; i < panel->count; i++) {
    for (size_t k = 0; k < panel->series[i].count; k++) {
      double value = panel->series[i].rows[k][column];
      if (!isfinite(value)) continue;
      *least = fmin(*least, value);
      *most = fmax(*most, value);
    }
  }
}

static void set_from_data(ls_plot_axis *axis, const ls_plot_panel *panel, int column) {
  double least = INFINITY, most = -INFINITY;
  ls_plot_extend(&least, &most, panel, column);
  if (least > most) least = 0, most = 1;
  axis->log = axis->log && least > 0;
  ls_plot_range(axis, least, most, 0.05);
}

static double limited(double value) {
  return fmax(-largest, fmin(value, largest));
}

ls_plot_axis plot_complete_axis(const ls_plot_axis *axis, const ls_plot_panel *panel, int column) {
  ls_plot_axis out = *axis;
  bool usable = isfinite(out.low) && isfinite(out.high) && out.low != out.high;
  if (!usable) set_from_data(&out, panel, column);
  out.log = out.log && out.low > 0 && out.high > 0;
  out.decades = out.decades && out.log;
  out.low = limited(out.low);
  out.high = limited(out.high);
  double least = narrowest * fmax(fabs(out.low), fabs(out.high));
  if (fabs(out.high - out.low) < least) {
    double sign = out.high < out.low ? -1 : 1;
    out.low -= sign * least;
    out.high += sign * least;
  }
  return out;
}

/* The distance between tics, gnuplot's own as far as it can be known. */
static double step_of(const ls_plot_axis *axis) {
  return axis->step > 0 ? axis->step : ls_figure_tic_step(fabs(axis->high - axis->low));
}

static int digits_of(const ls_plot_axis *axis) {
  double size = fmax(fabs(axis->low), fabs(axis->high));
  return (int)(floor(log10(size)) - floor(log10(step_of(axis)))) + 1;
}

void plot_tic_format(char format[PLOT_FORMAT], const ls_plot_axis *axis) {
  int digits = digits_of(axis);
  if (axis->decades) {
    snprintf(format, PLOT_FORMAT, "10^{%%T}");
  } else if (axis->log || digits <= SHORT) {
    snprintf(format, PLOT_FORMAT, "%% h");
  } else {
    snprintf(format, PLOT_FORMAT, "%%.%dg", digits < MOST_DIGITS ? digits : MOST_DIGITS);
  }
}

double plot_overhang(const ls_plot_axis *axis, double width) {
  char text[32];
  const char *label = text;
  double last = axis->high, step = step_of(axis);
  if (axis->turned || (axis->labels && axis->count == 0)) return -width;
  if (axis->labels) {
    label = axis->labels[axis->count - 1];
    last = axis->places ? axis->places[axis->count - 1] : (double)axis->count - 1;
  } else if (axis->decades) {
    snprintf(text, sizeof text, "1000"); /* as wide as a power of ten */
  } else {
    if (!axis->log) last = floor(axis->high / step) * step;
    snprintf(text, sizeof text, "%.*g", axis->log ? SHORT : digits_of(axis), last);
  }
  return ls_plot_widest(&label, 1, LS_PLOT_TEXT) / 2 - width * (1 - ls_plot_share(axis, last));
}
