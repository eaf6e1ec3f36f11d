/* The horizontal axis of a chart: where values are, and which of them have labels. */
#include "report/figures/chart.h"

#include "lockstep/error.h"

#include <math.h>

enum {
  MOST_TICS = 12, /* at the values themselves, on a logarithmic axis */
  WIDE = 50,      /* ratio of values from which on an axis is logarithmic */
  LETTER = 8,     /* width in pixels */
  TURNED = 4,     /* fifths of the width: labels that need more are turned */
  SHORT = 10,     /* epochs: each has a tic */
};

static void set_title(chart_axis *axis, const char *title, size_t count, bool connected) {
  axis->title = title;
  axis->count = count;
  axis->connected = connected;
}

/* ---- Values ---------------------------------------------------------------------------------- */

static int list_epochs(chart_axis *axis, ls_memory *memory, size_t epochs, ls_scale scale) {
  set_title(axis, "epoch", epochs, true);
  axis->positions = ls_memory_new(memory, epochs, sizeof *axis->positions);
  axis->labels = ls_memory_new(memory, epochs, sizeof *axis->labels);
  for (size_t e = 0; e < epochs && axis->positions && axis->labels; e++) {
    axis->positions[e] = (double)e + 1;
    bool labelled = scale == LS_SCALE_CATEGORY || scale == LS_SCALE_LOG;
    if (labelled) axis->labels[e] = ls_memory_text(memory, "%zu", e + 1);
  }
  return ls_memory_status(memory);
}

static int list_values(chart_axis *axis, ls_memory *memory, const report_axis *variable) {
  set_title(axis, variable->name, variable->count, variable->numbers);
  axis->positions = ls_memory_new(memory, axis->count, sizeof *axis->positions);
  axis->labels = ls_memory_new(memory, axis->count, sizeof *axis->labels);
  for (size_t k = 0; k < axis->count && axis->positions && axis->labels; k++) {
    size_t v = variable->order[k];
    axis->labels[k] = variable->labels[v];
    axis->positions[k] = variable->numbers ? variable->numbers[v] : (double)k;
  }
  return ls_memory_status(memory);
}

/* ---- Scales ---------------------------------------------------------------------------------- */

/* Whether an axis is logarithmic by itself: the job says so, or listed values span as much. */
static bool is_logarithmic(const chart_axis *axis, const report_axis *variable) {
  double low = axis->positions[0], high = axis->positions[axis->count - 1];
  if (low == 0 && axis->count > 2) low = axis->positions[1];
  return variable && low > 0 && (variable->log || high >= WIDE * low);
}

static void space_equally(chart_axis *axis) {
  for (size_t k = 0; k < axis->count; k++) axis->positions[k] = (double)k;
  axis->low = -0.6;
  axis->high = (double)axis->count - 0.4;
  axis->labelled = true;
  axis->width = axis->connected ? 0 : 0.6;
  axis->shift = 0.014 * (double)axis->count;
}

static void space_linearly(chart_axis *axis) {
  double low = axis->positions[0], high = axis->positions[axis->count - 1];
  double margin = high > low ? 0.04 * (high - low) : 0.5;
  axis->low = low - margin;
  axis->high = high + margin;
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
  axis->log = true;
  axis->labelled = axis->zero || (high / low < 1e3 && axis->count <= MOST_TICS);
  axis->decades = !axis->labelled;
  axis->low = low / factor;
  axis->high = high * factor;
  axis->shift = 0.014 * log(high / low);
}

int chart_make_axis(chart_axis *axis, ls_memory *memory, const report_results *r,
                    const report_chart *chart) {
  bool epochs = chart->x == CHART_EPOCH;
  const report_axis *variable = epochs ? NULL : &r->variables[chart->x];
  *axis = (chart_axis){0};
  int status = epochs ? list_epochs(axis, memory, r->epochs, chart->scale)
                      : list_values(axis, memory, variable);
  if (status != LS_OK) return status;
  ls_scale scale = chart->scale;
  if (scale == LS_SCALE_AUTO) {
    scale = !axis->connected                 ? LS_SCALE_CATEGORY
            : is_logarithmic(axis, variable) ? LS_SCALE_LOG
                                             : LS_SCALE_LINEAR;
  }
  if (scale == LS_SCALE_LOG && !(axis->positions[axis->count - 1] > 0)) scale = LS_SCALE_LINEAR;
  if (scale == LS_SCALE_CATEGORY) space_equally(axis);
  if (scale == LS_SCALE_LINEAR) space_linearly(axis);
  if (scale == LS_SCALE_LOG) space_logarithmically(axis);
  if (epochs && scale == LS_SCALE_LINEAR) {
    axis->low = 1 - axis->shift;
    axis->high = (double)r->epochs + 0.5;
    axis->step = r->epochs <= SHORT ? 1 : 0;
  }
  return LS_OK;
}

double chart_position(const chart_axis *axis, size_t place, size_t line, size_t lines) {
  double at = ((double)line + 0.5) / (double)lines - 0.5;
  return axis->positions[place] + axis->width * at;
}

double chart_trial_position(const chart_axis *axis, size_t place, size_t line, size_t lines) {
  double at = chart_position(axis, place, line, lines);
  return axis->log ? at * exp(axis->shift) : at + axis->shift;
}

/* ---- Labels ---------------------------------------------------------------------------------- */

/* Whether the labels of values at equal distances are too long to stand side by side. */
static bool is_turned(const chart_axis *axis, int width) {
  size_t letters = 0;
  if (!axis->labelled || axis->log) return false;
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

/* From 0 at the left of the frame to 1 at its right. */
static double share_of(const chart_axis *axis, double x) {
  if (axis->log) return log(x / axis->low) / log(axis->high / axis->low);
  return (x - axis->low) / (axis->high - axis->low);
}

/* Sets the labels that have room beside those before them. */
static void set_labels(ls_plot_axis *x, ls_memory *memory, const chart_axis *axis, int width) {
  const char **labels = ls_memory_new(memory, axis->count, sizeof *labels);
  double *places = ls_memory_new(memory, axis->count, sizeof *places), end = -INFINITY;
  x->labels = labels;
  x->places = places;
  for (size_t k = 0; k < axis->count && labels && places; k++) {
    double half = x->turned ? LETTER : LETTER / 2.0 * (double)ls_text_width(axis->labels[k]);
    double at = width * share_of(axis, axis->positions[k]);
    if (at - half < end) continue;
    end = at + half + LETTER / 2.0;
    labels[x->count] = axis->labels[k];
    places[x->count++] = axis->positions[k];
  }
}

void chart_set_axis(ls_plot_axis *x, ls_memory *memory, const chart_axis *axis, int width) {
  *x = (ls_plot_axis){.title = axis->title,
                      .low = axis->low,
                      .high = axis->high,
                      .log = axis->log,
                      .decades = axis->decades,
                      .step = axis->step,
                      .turned = is_turned(axis, width)};
  if (axis->labelled) set_labels(x, memory, axis, width);
}
