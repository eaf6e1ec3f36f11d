/* The final monitored value against one variable of the sweep. */
#include "report/figures/figure.h"

#include "lockstep/error.h"

#include <ctype.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

enum {
  MOST_LINES = 9,
  MOST_TICS = 12, /* at the values themselves */
  WIDTH = 720,    /* pixels */
  PANEL_HEIGHT = 400,
  LETTER = 8,
};

/* What is drawn: for each line, the point of the sweep at each value of the variable. */
typedef struct layout {
  const report_results *results;
  const report_summary *summary;
  const report_axis *axis;
  ls_plot plot;
  size_t variable;
  size_t other; /* the variable whose values the lines are; SIZE_MAX: one line */
  size_t lines;
  size_t *points; /* [line, value]; SIZE_MAX: no result there */
} layout;

/* With several points at one place of a line, the best ranked stays. */
static void place_points(layout *l) {
  size_t cells = l->lines * l->axis->count;
  for (size_t i = 0; i < cells; i++) l->points[i] = SIZE_MAX;
  for (size_t i = 0; i < l->summary->ranked; i++) {
    size_t point = l->summary->ranking[i];
    size_t line = l->other == SIZE_MAX ? 0 : report_index(l->results, point, l->other);
    size_t value = report_index(l->results, point, l->variable);
    size_t *at = &l->points[line * l->axis->count + value];
    if (*at == SIZE_MAX) *at = point;
  }
}

/* The least and the most value of a numeric axis. */
static double lowest(const report_axis *axis) {
  return axis->numbers[axis->order[0]];
}

static double highest(const report_axis *axis) {
  return axis->numbers[axis->order[axis->count - 1]];
}

/* Log where the job says so, and for values given one by one that span as much. */
static bool is_logarithmic(const report_axis *axis) {
  if (!axis->numbers || !(lowest(axis) > 0)) return false;
  return axis->log || highest(axis) >= 50 * lowest(axis);
}

static int make_layout(layout *l, const report_summary *summary, size_t variable) {
  const report_results *r = summary->results;
  *l = (layout){.results = r, .summary = summary, .variable = variable, .other = SIZE_MAX};
  l->axis = &r->variables[variable];
  l->lines = 1;
  if (r->variable_count == 2 && r->variables[1 - variable].count <= MOST_LINES) {
    l->other = 1 - variable;
    l->lines = r->variables[l->other].count;
  }
  l->points = ls_memory_new(summary->memory, l->lines * l->axis->count, sizeof *l->points);
  if (!l->points) return LS_FAILED;
  place_points(l);
  return LS_OK;
}

/* ---- Series ---- */

static ls_plot_style style_of(const layout *l, size_t line) {
  bool ordered = l->other != SIZE_MAX && l->results->variables[l->other].numbers;
  int color = ordered ? ls_figure_ordered_color(line, l->lines) : ls_figure_color(line);
  return (ls_plot_style){color, .width = 1.4, .point = ls_figure_point(line), .size = 0.7};
}

static const ls_plot_style reference_style = {0x555555, .width = 1.2, .dashes = "3,4"};

/* Where value number `v` of a line is: the lines of a text variable are set side by side. */
static double position(const layout *l, size_t line, size_t v) {
  if (l->axis->numbers) return l->axis->numbers[v];
  return (double)v + 0.6 * (((double)line + 0.5) / (double)l->lines - 0.5);
}

/* The same for its single trials, set off a little so that the error bar doesn't hide them. */
static double trial_position(const layout *l, size_t line, size_t v) {
  const double shift = 0.014; /* of the width */
  double at = position(l, line, v), count = (double)l->axis->count;
  if (!l->axis->numbers) return at + shift * count;
  double low = lowest(l->axis), high = highest(l->axis);
  return is_logarithmic(l->axis) ? at * pow(high / low, shift) : at + shift * (high - low);
}

/* The means of a line, drawn as they are or as their deviations. */
static void add_means(layout *l, size_t line, ls_plot_kind kind) {
  ls_plot_style style = style_of(l, line);
  ls_plot_series *series = ls_plot_add(&l->plot, l->plot.panels, kind, &style, l->axis->count);
  for (size_t i = 0; i < l->axis->count; i++) {
    size_t point = l->points[line * l->axis->count + l->axis->order[i]];
    if (point == SIZE_MAX) continue;
    const report_stat *stat = report_monitored(l->summary, point);
    ls_plot_row(series, position(l, line, l->axis->order[i]), stat->mean, stat->deviation);
  }
}

static void add_trials(layout *l, size_t line) {
  const report_results *r = l->results;
  const report_curve *curve = &r->curves[l->summary->monitor];
  ls_plot_style style = {0x70 << 24 | style_of(l, line).color, .point = 7, .size = 0.4};
  ls_plot_series *series =
      ls_plot_add(&l->plot, l->plot.panels, LS_PLOT_POINTS, &style, l->axis->count * r->repeats);
  for (size_t v = 0; v < l->axis->count; v++) {
    size_t point = l->points[line * l->axis->count + v];
    for (size_t i = 0; i < r->repeats && point != SIZE_MAX; i++) {
      ls_plot_row(series, trial_position(l, line, v),
                  report_final(r, curve, point * r->repeats + i), 0);
    }
  }
}

/* The reference, if it is one for all points and of what is drawn; else NaN. */
static double reference_line(const report_results *r) {
  bool drawn = r->reference_count == 1 && strcmp(r->reference_metric, r->monitor) == 0;
  return drawn ? r->references[0] : NAN;
}

static void add_reference(layout *l) {
  const report_results *r = l->results;
  double reference = reference_line(r);
  if (isnan(reference)) return;
  const ls_plot_axis *x = &l->plot.panels[0].x;
  ls_plot_series *series = ls_plot_add(&l->plot, l->plot.panels, LS_PLOT_LINE, &reference_style, 2);
  ls_plot_row(series, x->low, reference, 0);
  ls_plot_row(series, x->high, reference, 0);
}

static void add_legend(layout *l) {
  const report_results *r = l->results;
  for (size_t i = 0; i < l->lines && l->other != SIZE_MAX; i++) {
    ls_plot_style style = style_of(l, i);
    const report_axis *other = &r->variables[l->other];
    const char *text = ls_memory_text(&l->plot.memory, "%s = %s", other->name, other->labels[i]);
    if (text) ls_plot_legend(&l->plot, text, &style, l->axis->numbers, true);
  }
  double reference = reference_line(r);
  if (isnan(reference)) return;
  const char *text = ls_memory_text(&l->plot.memory, "reference %.6g%s%s", reference,
                                    *r->reference_label ? ": " : "", r->reference_label);
  if (text) ls_plot_legend(&l->plot, text, &reference_style, true, false);
}

/* ---- Axes ---- */

static void set_vertical(const layout *l, ls_plot_axis *y) {
  report_stat all = REPORT_NO_STAT;
  for (size_t i = 0; i < l->lines * l->axis->count; i++) {
    if (l->points[i] == SIZE_MAX) continue;
    const report_stat *stat = report_monitored(l->summary, l->points[i]);
    report_add_interval(&all, stat->mean, stat->deviation);
    report_add(&all, stat->least);
    report_add(&all, stat->most);
  }
  report_add(&all, reference_line(l->results));
  ls_plot_range(y, all.least, all.most, 0.06);
}

/* Whether the labels of a text axis are too long to stand side by side and have to be turned. */
static bool is_turned(const report_axis *axis) {
  size_t letters = 0;
  for (size_t v = 0; v < axis->count; v++) letters += ls_text_width(axis->labels[v]) + 2;
  return !axis->numbers && letters > WIDTH / LETTER * 4 / 5;
}

static void set_horizontal(const layout *l, ls_plot_axis *x) {
  const report_axis *axis = l->axis;
  *x = (ls_plot_axis){.title = axis->name,
                      .low = -0.6,
                      .high = (double)axis->count - 0.4,
                      .turned = is_turned(axis),
                      .log = is_logarithmic(axis)};
  double low = axis->numbers ? lowest(axis) : 0, high = axis->numbers ? highest(axis) : 0;
  /* Powers of ten alone would be too few in a short range. */
  bool labelled = !axis->numbers || (x->log && high / low < 1e3 && axis->count <= MOST_TICS);
  x->decades = x->log && !labelled;
  if (labelled) {
    x->labels = (const char *const *)axis->labels;
    x->places = axis->numbers;
    x->count = axis->count;
  }
  if (!axis->numbers) return;
  double factor = x->log ? pow(high / low, 0.04) : 1;
  double margin = x->log ? 0 : high > low ? 0.04 * (high - low) : 0.5;
  x->low = low / factor - margin;
  x->high = high * factor + margin;
}

/* ---- The figure ---- */

static void add_caption(ls_text *caption, const layout *l) {
  const report_results *r = l->results;
  ls_text_add(caption, "Final %s (%s) against %s.", r->monitor, report_when_final(r),
              l->axis->name);
  if (r->repeats > 1) {
    ls_text_add(caption, " Mean ± 1 standard deviation over up to %zu trials, the dots.",
                r->repeats);
  }
  if (l->other != SIZE_MAX) {
    ls_text_add(caption, " One %s for each %s.", l->axis->numbers ? "line" : "kind of point",
                r->variables[l->other].name);
  }
  if (l->other == SIZE_MAX && r->variable_count > 1) {
    ls_text_add(caption, " At each value, the best over the other variables.");
  }
}

static int draw(report_figures *list, layout *l) {
  const report_results *r = l->results;
  bool repeated = r->repeats > 1;
  int tic_room = is_turned(l->axis) ? (int)report_longest_label(l->axis) * LETTER / 2 : 0;
  l->plot.width = WIDTH;
  l->plot.height = PANEL_HEIGHT + tic_room;
  ls_figure_box box = {0, 0, WIDTH, l->plot.height};
  if (ls_plot_begin(&l->plot, 1) != LS_OK) return LS_FAILED;
  ls_plot_panel *panel = ls_plot_place(&l->plot, 0, box, tic_room);
  panel->y.title = ls_memory_text(&l->plot.memory, "final %s", r->monitor);
  panel->y.units = r->curves[l->summary->monitor].units;
  set_vertical(l, &panel->y);
  set_horizontal(l, &panel->x);
  add_reference(l);
  for (size_t line = 0; line < l->lines; line++) {
    if (repeated) add_trials(l, line);
    if (repeated) add_means(l, line, LS_PLOT_Y_BARS);
    add_means(l, line, l->axis->numbers ? LS_PLOT_LINEPOINTS : LS_PLOT_POINTS);
  }
  add_legend(l);
  char *name = ls_memory_text(list->memory, "%s_vs_%s", r->monitor, l->axis->name);
  for (char *c = name; c && *c; c++) *c = isalnum((unsigned char)*c) ? *c : '_';
  l->plot.title = ls_memory_text(list->memory, "Final %s against %s", r->monitor, l->axis->name);
  ls_text caption = {0};
  add_caption(&caption, l);
  return report_figure_add(list, name, &caption, &l->plot);
}

int report_draw_final(report_figures *list, const report_summary *summary, size_t variable) {
  const report_results *r = summary->results;
  if (summary->ranked == 0 || r->variables[variable].count < 2) return LS_OK;
  layout l;
  int status = make_layout(&l, summary, variable);
  /* Where a line has the best of several points, there has to be a best. */
  bool drawable = l.other != SIZE_MAX || r->variable_count == 1 || summary->better;
  return status == LS_OK && drawable ? draw(list, &l) : status;
}
