/* The horizontal axis of a chart: where values are, and which of them have labels. */
#include "report/figures/drawing.h"

#include "lockstep/error.h"

#include <math.h>

enum {
  MOST_TICS = 12, /* at the values themselves, on a logarithmic axis */
  WIDE = 50,      /* ratio of values from which on an axis is logarithmic */
  LETTER = 8,     /* width in pixels */
  TURNED = 4,     /* fifths of the width: labels that need more are turned */
  SHORT = 10,     /* epochs: each has a tic */
};

/* ---- Values ---------------------------------------------------------------------------------- */

static void list_epochs(chart_axis *axis, ls_memory *memory, ls_scale scale) {
  bool labelled = scale == LS_SCALE_CATEGORY || scale == LS_SCALE_LOG;
  axis->plot.title = "epoch";
  axis->connected = true;
  for (size_t e = 0; e < axis->count; e++) {
    axis->positions[e] = (double)e + 1;
    if (labelled) axis->labels[e] = ls_memory_text(memory, "%zu", e + 1);
  }
}

static void list_values(chart_axis *axis, const report_axis *variable) {
  axis->plot.title = variable->name;
  axis->connected = variable->numbers;
  for (size_t k = 0; k < axis->count; k++) {
    size_t v = variable->order[k];
    axis->labels[k] = variable->labels[v];
    axis->positions[k] = variable->numbers ? variable->numbers[v] : (double)k;
  }
}

/* ---- Scales ---------------------------------------------------------------------------------- */

/* Whether an axis is logarithmic by itself: the job says so, or listed values span as much. */
static bool is_logarithmic(const chart_axis *axis, const report_axis *variable) {
  double low = axis->positions[0], high = axis->positions[axis->count - 1];
  if (low == 0 && axis->count > 2) low = axis->positions[1];
  return variable && low > 0 && (variable->log || high >= WIDE * low);
}

static ls_scale choose_scale(const chart_drawing *d, const report_axis *variable) {
  const chart_axis *axis = &d->axis;
  ls_scale scale = d->chart->scale;
  if (scale == LS_SCALE_AUTO) {
    scale = !axis->connected                 ? LS_SCALE_CATEGORY
            : is_logarithmic(axis, variable) ? LS_SCALE_LOG
                                             : LS_SCALE_LINEAR;
  }
  bool positive = axis->positions[axis->count - 1] > 0;
  return scale == LS_SCALE_LOG && !positive ? LS_SCALE_LINEAR : scale;
}

static void space_equally(chart_axis *axis) {
  for (size_t k = 0; k < axis->count; k++) axis->positions[k] = (double)k;
  axis->plot.low = -0.6;
  axis->plot.high = (double)axis->count - 0.4;
  axis->labelled = true;
  axis->width = axis->connected ? 0 : 0.6;
  axis->shift = 0.014 * (double)axis->count;
}

static void space_linearly(chart_axis *axis) {
  double low = axis->positions[0], high = axis->positions[axis->count - 1];
  double margin = high > low ? 0.04 * (high - low) : 0.5;
  axis->plot.low = low - margin;
  axis->plot.high = high + margin;
  axis->shift = 0.014 * (high - low);
}

/* 0 is as far to the left of the least other value as neighbours are apart on average. */
static void place_zero(chart_axis *axis) {
  double low = axis->positions[1], high = axis->positions[axis->count - 1];
  double ratio = axis->count > 2 ? pow(high / low, 1 / (double)(axis->count - 2)) : 10;
  axis->zero = true;
  axis->positions[0] = low / fmax(ratio, 3);
}

/* Powers of ten alone would be too few tics in a short range. */
static void space_logarithmically(chart_axis *axis) {
  if (axis->positions[0] == 0) place_zero(axis);
  double low = axis->positions[0], high = axis->positions[axis->count - 1];
  double factor = high > low ? pow(high / low, 0.04) : 2;
  axis->labelled = axis->zero || (high / low < 1e3 && axis->count <= MOST_TICS);
  axis->plot.log = true;
  axis->plot.decades = !axis->labelled;
  axis->plot.low = low / factor;
  axis->plot.high = high * factor;
  axis->shift = 0.014 * log(high / low);
}

bool chart_make_axis(chart_drawing *d) {
  chart_axis *axis = &d->axis;
  ls_memory *memory = d->summary->memory;
  const report_axis *variable = d->over_epochs ? NULL : &d->results->variables[d->chart->x];
  axis->count = variable ? variable->count : d->results->epochs;
  axis->positions = ls_memory_new(memory, axis->count, sizeof *axis->positions);
  axis->labels = ls_memory_new(memory, axis->count, sizeof *axis->labels);
  if (!axis->positions || !axis->labels) return false;
  if (variable) list_values(axis, variable);
  if (!variable) list_epochs(axis, memory, d->chart->scale);
  ls_scale scale = choose_scale(d, variable);
  if (scale == LS_SCALE_CATEGORY) space_equally(axis);
  if (scale == LS_SCALE_LINEAR) space_linearly(axis);
  if (scale == LS_SCALE_LOG) space_logarithmically(axis);
  if (d->over_epochs && scale == LS_SCALE_LINEAR) {
    axis->plot.low = 1 - axis->shift;
    axis->plot.high = (double)d->results->epochs + 0.5;
    axis->plot.step = d->results->epochs <= SHORT ? 1 : 0;
  }
  return ls_memory_status(memory) == LS_OK;
}

double chart_position(const chart_drawing *d, size_t place, size_t line, bool trial) {
  const chart_axis *axis = &d->axis;
  double beside = ((double)line + 0.5) / (double)d->lines.lines - 0.5;
  double at = axis->positions[place] + axis->width * beside;
  if (!trial) return at;
  return axis->plot.log ? at * exp(axis->shift) : at + axis->shift;
}

/* ---- Labels ---------------------------------------------------------------------------------- */

/* Whether the labels of values at equal distances are too long to stand side by side. */
static bool is_turned(const chart_axis *axis, int width) {
  size_t letters = 0;
  if (!axis->labelled || axis->plot.log) return false;
  for (size_t k = 0; k < axis->count; k++) letters += ls_text_width(axis->labels[k]) + 2;
  return letters * LETTER > (size_t)width * TURNED / 5;
}

int chart_tic_room(const chart_axis *axis, int width) {
  size_t longest = 0;
  for (size_t k = 0; k < axis->count && is_turned(axis, width); k++) {
    size_t letters = ls_text_width(axis->labels[k]);
    if (letters > longest) longest = letters;
  }
  return (int)longest * LETTER / 2;
}

/* Sets the labels that have room beside those before them. */
static void set_labels(ls_plot_panel *panel, ls_memory *memory, const chart_axis *axis) {
  const char **labels = ls_memory_new(memory, axis->count, sizeof *labels);
  double *places = ls_memory_new(memory, axis->count, sizeof *places), end = -INFINITY;
  ls_plot_axis *x = &panel->x;
  x->labels = labels;
  x->places = places;
  for (size_t k = 0; k < axis->count && labels && places; k++) {
    double half = x->turned ? LETTER : LETTER / 2.0 * (double)ls_text_width(axis->labels[k]);
    double at = panel->frame.width * ls_plot_share(x, axis->positions[k]);
    if (at - half < end) continue;
    end = at + half + LETTER / 2.0;
    labels[x->count] = axis->labels[k];
    places[x->count++] = axis->positions[k];
  }
}

void chart_set_axis(chart_drawing *d, ls_plot_panel *panel) {
  panel->x = d->axis.plot;
  panel->x.turned = is_turned(&d->axis, (int)panel->frame.width);
  if (d->axis.labelled) set_labels(panel, &d->plot.memory, &d->axis);
}
