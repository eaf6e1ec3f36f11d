/* Drawing charts: series and axes of panels, legend and caption. */
#include "report/figures/chart.h"
#include "report/reported.h"

#include "lockstep/error.h"

#include <math.h>
#include <string.h>

enum {
  MARKERS = 8,        /* along each curve over epochs */
  PANEL_WIDTH = 430,  /* pixels, with labels; of one of several panels */
  PANEL_HEIGHT = 310, /* without turned labels */
  SINGLE_WIDTH = 720,
  SINGLE_HEIGHT = 400,
  HEADING = 20, /* height of a panel's */
};

/* The samples that a curve is measured on. */
typedef enum samples { TRAINING, VALIDATION, TEST, SAMPLES } samples;

static const struct {
  const char *prefix, *name, *dashes;
} kinds[SAMPLES] = {[TRAINING] = {"", "training", "7,4"},
                    [VALIDATION] = {"val_", "validation", NULL},
                    [TEST] = {"test_", "test", "2,3"}};

typedef struct drawing {
  const report_chart *chart;
  const report_summary *summary;
  const report_results *results;
  chart_lines lines;
  chart_axis axis;
  const char **bases; /* [base]: names of the curves without their prefix, each once */
  size_t base_count;
  bool shown[SAMPLES]; /* there are curves of these samples */
  bool mixed;          /* there are curves of several kinds of samples */
  bool ordered;        /* lines have an order, which colours follow */
  bool over_epochs;
  bool dots; /* single trials are drawn beside their mean */
  ls_plot plot;
} drawing;

/* ---- Curves ---------------------------------------------------------------------------------- */

static samples samples_of(const report_curve *curve) {
  for (samples s = VALIDATION; s < SAMPLES; s++) {
    if (strncmp(curve->name, kinds[s].prefix, strlen(kinds[s].prefix)) == 0) return s;
  }
  return TRAINING;
}

static const char *base_name(const report_curve *curve) {
  return curve->name + strlen(kinds[samples_of(curve)].prefix);
}

static size_t base_of(const drawing *d, const report_curve *curve) {
  size_t base = 0;
  while (base < d->base_count && strcmp(d->bases[base], base_name(curve)) != 0) base++;
  return base;
}

static int list_bases(drawing *d) {
  const report_chart *chart = d->chart;
  d->bases = ls_memory_new(d->summary->memory, chart->curve_count, sizeof *d->bases);
  if (!d->bases) return LS_FAILED;
  for (size_t c = 0; c < chart->curve_count; c++) {
    size_t base = base_of(d, chart->curves[c]);
    if (base == d->base_count) d->bases[d->base_count++] = base_name(chart->curves[c]);
    d->shown[samples_of(chart->curves[c])] = true;
  }
  d->mixed = d->shown[TRAINING] + d->shown[VALIDATION] + d->shown[TEST] > 1;
  return LS_OK;
}

/* Whether a panel shows the curve. */
static bool is_in_panel(const drawing *d, const report_curve *curve, size_t panel) {
  return d->chart->panel != CHART_METRIC || base_of(d, curve) == panel;
}

/* The panel of the lines that a panel shows: those for metrics show the same ones. */
static size_t lines_of_panel(const drawing *d, size_t panel) {
  return d->chart->panel == CHART_METRIC ? 0 : panel;
}

/* How many metrics share a panel. */
static size_t metrics_of_panel(const drawing *d) {
  return d->chart->panel == CHART_METRIC ? 1 : d->base_count;
}

/* Whether it is drawn with a full line. */
static bool is_main(const drawing *d, const report_curve *curve) {
  return !d->mixed || samples_of(curve) == (d->shown[VALIDATION] ? VALIDATION : TEST);
}

/* The reference of a curve if it is one for all points, else NULL. */
static const report_reference *reference_of(const drawing *d, const report_curve *curve) {
  if (d->over_epochs) return NULL;
  return report_common_reference(d->results, curve->name, d->chart->best);
}

/* ---- Series ---------------------------------------------------------------------------------- */

static const ls_plot_style reference_style = {0x555555, .width = 1.2, .dashes = "3,4"};

static ls_plot_style style_of(const drawing *d, const report_curve *curve, size_t line) {
  size_t metric = metrics_of_panel(d) > 1 ? base_of(d, curve) : 0;
  size_t number = metric * d->lines.lines + line;
  bool full = is_main(d, curve);
  return (ls_plot_style){d->ordered ? ls_figure_ordered_color(line, d->lines.lines)
                                    : ls_figure_color(number),
                         .width = full ? 1.8 : 1.2,
                         .dashes = full ? NULL : kinds[samples_of(curve)].dashes,
                         .point = ls_figure_point(number),
                         .size = d->over_epochs ? 0.5 : 0.7,
                         .every = d->over_epochs ? d->results->epochs / MARKERS : 0};
}

/* Adds a line: its means, their deviations as bars, or as a band down to the foot of the panel. */
static void add_line(drawing *d, size_t panel, const report_curve *curve, size_t line,
                     ls_plot_kind kind) {
  ls_plot_panel *p = &d->plot.panels[panel];
  ls_plot_style style = style_of(d, curve, line);
  ls_plot_series *series = ls_plot_add(&d->plot, p, kind, &style, d->axis.count + 1);
  for (size_t k = 0; k < d->axis.count; k++) {
    size_t point = chart_point(&d->lines, lines_of_panel(d, panel), line, k);
    if (point == SIZE_MAX) continue;
    report_stat stat = chart_stat(d->summary, d->chart, curve, point, k);
    if (!stat.n) continue;
    double x = chart_position(&d->axis, k, line, d->lines.lines);
    double spread = stat.n > 1 ? stat.deviation : 0, low = fmax(stat.mean - spread, p->y.low);
    if (kind == LS_PLOT_BAND) ls_plot_row(series, x, low, stat.mean + spread);
    if (kind != LS_PLOT_BAND) ls_plot_row(series, x, stat.mean, stat.deviation);
    if (k == 0 && d->axis.zero) ls_plot_row(series, x, NAN, NAN); /* a gap in the line */
  }
}

static void add_trials(drawing *d, size_t panel, const report_curve *curve, size_t line) {
  size_t repeats = d->results->repeats;
  ls_plot_style style = {0x70 << 24 | style_of(d, curve, line).color, .point = 7, .size = 0.4};
  ls_plot_series *series = ls_plot_add(&d->plot, &d->plot.panels[panel], LS_PLOT_POINTS, &style,
                                       d->axis.count * repeats);
  for (size_t k = 0; k < d->axis.count; k++) {
    size_t point = chart_point(&d->lines, lines_of_panel(d, panel), line, k);
    double x = chart_trial_position(&d->axis, k, line, d->lines.lines);
    for (size_t i = 0; i < repeats && point != SIZE_MAX; i++) {
      size_t trial = point * repeats + i;
      ls_plot_row(series, x, chart_trial_value(d->results, d->chart, curve, trial), 0);
    }
  }
}

static void add_reference(drawing *d, size_t panel, const report_reference *reference) {
  if (!reference) return;
  ls_plot_panel *p = &d->plot.panels[panel];
  ls_plot_series *series = ls_plot_add(&d->plot, p, LS_PLOT_LINE, &reference_style, 2);
  ls_plot_row(series, p->x.low, reference->values[0], 0);
  ls_plot_row(series, p->x.high, reference->values[0], 0);
}

static ls_plot_kind mean_kind(const drawing *d, const report_curve *curve) {
  if (!d->axis.connected) return LS_PLOT_POINTS;
  bool markers = is_main(d, curve) || !d->over_epochs;
  return markers ? LS_PLOT_LINEPOINTS : LS_PLOT_LINE;
}

/* A curve's lines over what stands for their deviations. */
static void add_curve(drawing *d, size_t panel, const report_curve *curve) {
  bool repeated = d->results->repeats > 1;
  for (size_t i = 0; i < d->lines.lines && repeated; i++) {
    if (d->dots) add_trials(d, panel, curve, i);
    if (!d->over_epochs) add_line(d, panel, curve, i, LS_PLOT_Y_BARS);
    if (d->over_epochs && is_main(d, curve)) add_line(d, panel, curve, i, LS_PLOT_BAND);
  }
  for (size_t i = 0; i < d->lines.lines; i++) {
    add_line(d, panel, curve, i, mean_kind(d, curve));
  }
}

/* ---- Panels ---------------------------------------------------------------------------------- */

/* Takes all values of a curve in a panel into account. */
static void add_values(report_stat *all, const drawing *d, size_t panel,
                       const report_curve *curve) {
  for (size_t i = 0; i < d->lines.lines * d->axis.count; i++) {
    size_t place = i % d->axis.count;
    size_t point = chart_point(&d->lines, panel, i / d->axis.count, place);
    if (point == SIZE_MAX) continue;
    report_stat stat = chart_stat(d->summary, d->chart, curve, point, place);
    bool spread = is_main(d, curve) || !d->over_epochs;
    report_add_interval(all, stat.mean, spread ? stat.deviation : NAN);
    if (d->dots) report_add_interval(all, stat.least, NAN);
    if (d->dots) report_add_interval(all, stat.most, NAN);
  }
  const report_reference *reference = reference_of(d, curve);
  if (reference) report_add(all, reference->values[0]);
}

/* Panels of the same metrics have the same range. */
static void set_range(ls_plot_axis *y, const drawing *d, size_t panel) {
  const report_chart *chart = d->chart;
  report_stat all = REPORT_NO_STAT;
  for (size_t c = 0; c < chart->curve_count; c++) {
    if (!is_in_panel(d, chart->curves[c], panel)) continue;
    for (size_t p = 0; p < d->lines.panels; p++) add_values(&all, d, p, chart->curves[c]);
  }
  if (all.n == 0) all = (report_stat){.least = 0, .most = 1}; /* any frame, it stays empty */
  y->log = all.least > 0 && all.most / all.least >= 100;
  if (y->log) {
    y->low = all.least / 1.2;
    y->high = all.most * 1.2;
  } else {
    ls_plot_range(y, all.least, all.most, 0.05);
  }
}

/* "final accuracy, loss": without prefixes where the legend names the samples. */
static void set_title(drawing *d, size_t panel) {
  ls_plot_axis *y = &d->plot.panels[panel].y;
  ls_text text = {0};
  const char *comma = d->over_epochs ? "" : d->chart->best ? "best " : "final ";
  size_t titled = 0; /* bases are in the order of their first curves */
  for (size_t c = 0; c < d->chart->curve_count; c++) {
    const report_curve *curve = d->chart->curves[c];
    bool first = !d->mixed || base_of(d, curve) == titled;
    if (first) titled++;
    if (!first || !is_in_panel(d, curve, panel)) continue;
    ls_text_add(&text, "%s%s", comma, d->mixed ? base_name(curve) : curve->name);
    comma = ", ";
    y->units = curve->units;
  }
  y->title = ls_memory_keep(&d->plot.memory, ls_text_take(&text));
}

static void fill_panel(drawing *d, size_t panel) {
  const report_chart *chart = d->chart;
  ls_plot_panel *p = &d->plot.panels[panel];
  chart_set_axis(&p->x, &d->plot.memory, &d->axis, (int)p->frame.width);
  if (chart->panel < CHART_METRIC) {
    const report_axis *axis = &d->results->variables[chart->panel];
    p->heading =
        ls_memory_text(&d->plot.memory, "%s = %s", axis->name, axis->labels[axis->order[panel]]);
  }
  set_range(&p->y, d, panel);
  set_title(d, panel);
  for (size_t c = 0; c < chart->curve_count; c++) {
    if (!is_in_panel(d, chart->curves[c], panel)) continue;
    add_reference(d, panel, reference_of(d, chart->curves[c]));
    add_curve(d, panel, chart->curves[c]);
  }
}

static int fill_panels(drawing *d) {
  bool metrics = d->chart->panel == CHART_METRIC;
  size_t panels = metrics ? d->base_count : d->lines.panels;
  int columns = panels > 1 ? 2 : 1, rows = ((int)panels + columns - 1) / columns;
  int width = columns > 1 ? PANEL_WIDTH : SINGLE_WIDTH;
  int room = chart_tic_room(&d->axis, width), heading = metrics ? 0 : HEADING;
  int height = room + (columns > 1 ? heading + PANEL_HEIGHT : SINGLE_HEIGHT);
  d->plot.width = columns * width;
  d->plot.height = rows * height;
  if (ls_plot_begin(&d->plot, panels) != LS_OK) return LS_FAILED;
  for (int p = 0; p < (int)panels; p++) {
    ls_figure_box box = {p % columns * width, p / columns * height, width, height};
    if (columns > 1) box.top += heading, box.height -= heading;
    ls_plot_place(&d->plot, (size_t)p, box, room);
    fill_panel(d, (size_t)p);
  }
  return LS_OK;
}

/* ---- Words ----------------------------------------------------------------------------------- */

/* The lines of the first curve of each metric that shares a panel. */
static void name_lines(drawing *d) {
  size_t metrics = metrics_of_panel(d), named = 0;
  if (d->lines.lines * metrics == 1) return;
  for (size_t c = 0; c < d->chart->curve_count && named < metrics; c++) {
    const report_curve *curve = d->chart->curves[c];
    if (base_of(d, curve) != named) continue;
    named++;
    for (size_t i = 0; i < d->lines.lines; i++) {
      ls_plot_style style = style_of(d, curve, i);
      ls_text text = {0};
      if (metrics > 1) ls_text_add(&text, "%s", d->mixed ? base_name(curve) : curve->name);
      chart_add_line_name(&text, d->results, d->chart, &d->lines, i);
      const char *name = ls_memory_keep(&d->plot.memory, ls_text_take(&text));
      style.dashes = NULL;
      if (name) ls_plot_legend(&d->plot, name, &style, d->axis.connected, true);
    }
  }
}

static void name_samples(drawing *d) {
  static const samples order[] = {VALIDATION, TEST, TRAINING};
  for (size_t i = 0; i < SAMPLES && d->mixed; i++) {
    samples s = order[i];
    bool full = s == (d->shown[VALIDATION] ? VALIDATION : TEST);
    const ls_plot_style style = {0x555555, .width = full ? 1.8 : 1.2,
                                 .dashes = full ? NULL : kinds[s].dashes};
    if (d->shown[s]) ls_plot_legend(&d->plot, kinds[s].name, &style, true, false);
  }
}

static void name_reference(drawing *d) {
  for (size_t c = 0; c < d->chart->curve_count; c++) {
    const report_reference *one = reference_of(d, d->chart->curves[c]);
    if (!one) continue;
    const char *text = ls_memory_text(&d->plot.memory, "reference %.6g%s%s", one->values[0],
                                      *one->label ? ": " : "", one->label);
    if (text) ls_plot_legend(&d->plot, text, &reference_style, true, false);
  }
}

static void describe_values(ls_text *caption, const drawing *d) {
  const report_summary *s = d->summary;
  size_t repeats = d->results->repeats;
  if (repeats > 1 && d->over_epochs) {
    ls_text_add(caption, " Mean over the trials of a point that reached the epoch; the band is "
                         "± 1 standard deviation.");
  } else if (repeats > 1) {
    ls_text_add(caption, " Mean ± 1 standard deviation over up to %zu trials%s.", repeats,
                d->dots ? ", the dots" : "");
  }
  if (d->over_epochs && (s->counts[REPORT_DIVERGED] || s->counts[REPORT_FAILED])) {
    ls_text_add(caption, " Diverged and failed trials are left out.");
  }
}

static void describe_lines(ls_text *caption, const drawing *d) {
  const report_chart *chart = d->chart;
  const report_axis *variables = d->results->variables;
  bool ranked = d->summary->better != 0;
  if (chart->color != CHART_NONE) {
    ls_text_add(caption, " One %s for each value of %s.",
                d->axis.connected ? "line" : "kind of point", variables[chart->color].name);
  }
  if (chart->panel < CHART_METRIC) {
    ls_text_add(caption, " One panel for each value of %s.", variables[chart->panel].name);
  }
  if (d->lines.lines < d->lines.drawable) {
    ls_text_add(caption, " Shown are %zu of %zu points of the sweep%s", d->lines.lines,
                d->lines.drawable,
                ranked ? ": the best, the worst, and between them at even distances in rank."
                       : ", at even distances.");
  }
  if (d->lines.merged) {
    ls_text_add(caption, " Where several points of the sweep have one place, the %s is shown.",
                ranked ? "best" : "first");
  }
}

static void add_caption(ls_text *caption, const drawing *d) {
  ls_text_add(caption, "%s.", d->chart->subject);
  describe_values(caption, d);
  describe_lines(caption, d);
  if (d->axis.zero) {
    ls_text_add(caption, " 0 has a place of its own on the logarithmic axis.");
  }
  if (d->chart->note) ls_text_add(caption, " %s", d->chart->note);
}

/* ---- The whole ------------------------------------------------------------------------------- */

static int prepare(drawing *d) {
  const report_chart *chart = d->chart;
  const report_results *r = d->results;
  d->over_epochs = chart->x == CHART_EPOCH;
  d->dots = !d->over_epochs && chart->curve_count == 1 && r->repeats > 1;
  int status = list_bases(d);
  if (status == LS_OK) status = chart_make_lines(&d->lines, d->summary, chart);
  if (status == LS_OK) status = chart_make_axis(&d->axis, d->summary->memory, r, chart);
  if (status == LS_OK && metrics_of_panel(d) == 1) d->ordered = chart_is_ordered(r, chart);
  return status;
}

int report_draw_chart(report_figures *list, const report_summary *summary,
                      const report_chart *chart) {
  drawing d = {.chart = chart, .summary = summary, .results = summary->results};
  d.plot.title = chart->title;
  int status = prepare(&d);
  if (status != LS_OK || d.lines.drawable == 0) return status;
  status = fill_panels(&d);
  if (status != LS_OK) return status;
  name_lines(&d);
  name_samples(&d);
  name_reference(&d);
  ls_text caption = {0};
  add_caption(&caption, &d);
  return report_figure_add(list, chart->name, &caption, &d.plot);
}
