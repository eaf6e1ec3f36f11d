/* Drawing charts: series and axes of panels. */
#include "report/figures/drawing.h"

#include "lockstep/error.h"

#include <math.h>

enum {
  PANEL_WIDTH = 430,  /* pixels, with labels; of one of several panels */
  PANEL_HEIGHT = 310, /* without turned labels */
  SINGLE_WIDTH = 720,
  SINGLE_HEIGHT = 400,
  HEADING = 20, /* height of a panel's */
  MOST_DOTS = 5000,
};

/* ---- Series ---------------------------------------------------------------------------------- */

/* Adds a line: its means, their deviations as bars, or as a band down to the foot of the panel. */
static void add_line(chart_drawing *d, size_t panel, const report_curve *curve, size_t line,
                     ls_plot_kind kind) {
  ls_plot_panel *p = &d->plot.panels[panel];
  ls_plot_style style = chart_style(d, curve, line);
  ls_plot_series *series = ls_plot_add(&d->plot, p, kind, &style, d->axis.count + 1);
  for (size_t k = 0; k < d->axis.count; k++) {
    size_t point = chart_point(d, panel, line, k);
    if (point == SIZE_MAX) continue;
    report_stat stat = chart_stat(d, curve, point, k);
    if (!stat.n) continue;
    double x = chart_position(d, k, line, false);
    double spread = stat.n > 1 ? stat.deviation : 0, low = fmax(stat.mean - spread, p->y.low);
    if (kind == LS_PLOT_BAND) ls_plot_row(series, x, low, stat.mean + spread);
    if (kind != LS_PLOT_BAND) ls_plot_row(series, x, stat.mean, stat.deviation);
    if (k == 0 && d->axis.zero) ls_plot_row(series, x, NAN, NAN); /* a gap in the line */
  }
}

static void add_trials(chart_drawing *d, size_t panel, const report_curve *curve, size_t line) {
  size_t repeats = d->results->repeats;
  ls_plot_style style = {0x70 << 24 | chart_style(d, curve, line).color, .point = 7, .size = 0.4};
  ls_plot_series *series = ls_plot_add(&d->plot, &d->plot.panels[panel], LS_PLOT_POINTS, &style,
                                       d->axis.count * repeats);
  for (size_t k = 0; k < d->axis.count; k++) {
    size_t point = chart_point(d, panel, line, k);
    double x = chart_position(d, k, line, true);
    for (size_t i = 0; i < repeats && point != SIZE_MAX; i++) {
      double value = report_value(d->results, curve, point * repeats + i, d->chart->best);
      ls_plot_row(series, x, value, 0);
    }
  }
}

static ls_plot_kind mean_kind(const chart_drawing *d, const report_curve *curve) {
  bool scattered = !d->over_epochs && d->results->values && d->chart->color == CHART_NONE;
  if (!d->axis.connected || scattered) return LS_PLOT_POINTS;
  bool markers = chart_is_main(d, curve) || !d->over_epochs;
  return markers ? LS_PLOT_LINEPOINTS : LS_PLOT_LINE;
}

/* A curve's lines over what stands for their deviations. */
static void add_curve(chart_drawing *d, size_t panel, const report_curve *curve) {
  bool repeated = d->results->repeats > 1;
  for (size_t i = 0; i < d->lines.lines && repeated; i++) {
    if (d->dots) add_trials(d, panel, curve, i);
    if (!d->over_epochs) add_line(d, panel, curve, i, LS_PLOT_Y_BARS);
    if (d->over_epochs && chart_is_main(d, curve)) add_line(d, panel, curve, i, LS_PLOT_BAND);
  }
  for (size_t i = 0; i < d->lines.lines; i++) {
    add_line(d, panel, curve, i, mean_kind(d, curve));
  }
}

/* ---- Panels ---------------------------------------------------------------------------------- */

/* Takes all values of a curve in a panel into account. */
static void add_values(report_stat *all, const chart_drawing *d, size_t panel,
                       const report_curve *curve) {
  for (size_t i = 0; i < d->lines.lines * d->axis.count; i++) {
    size_t place = i % d->axis.count;
    size_t point = chart_point(d, panel, i / d->axis.count, place);
    if (point == SIZE_MAX) continue;
    report_stat stat = chart_stat(d, curve, point, place);
    bool spread = chart_is_main(d, curve) || !d->over_epochs;
    report_add_interval(all, stat.mean, spread ? stat.deviation : NAN);
    if (d->dots) report_add_interval(all, stat.least, NAN);
    if (d->dots) report_add_interval(all, stat.most, NAN);
  }
  chart_add_reference_values(all, d, panel, curve);
}

/* Panels of the same metrics have the same range. */
static void set_range(ls_plot_axis *y, const chart_drawing *d, size_t panel) {
  const report_chart *chart = d->chart;
  report_stat all = REPORT_NO_STAT;
  for (size_t c = 0; c < chart->curve_count; c++) {
    if (!chart_is_in_panel(d, chart->curves[c], panel)) continue;
    for (size_t p = 0; p < d->lines.panels; p++) add_values(&all, d, p, chart->curves[c]);
  }
  if (all.n == 0) all = (report_stat){.least = 0, .most = 1}; /* any frame, it stays empty */
  y->log = all.least > 0 && all.most / all.least >= 100;
  ls_plot_range(y, all.least, all.most, 0.05);
}

/* "final accuracy, loss": without prefixes where the legend names the samples. */
static void set_title(chart_drawing *d, size_t panel) {
  ls_plot_axis *y = &d->plot.panels[panel].y;
  ls_text text = {0};
  const char *comma = d->over_epochs ? "" : d->chart->best ? "best " : "final ";
  size_t titled = 0; /* bases are in the order of their first curves */
  for (size_t c = 0; c < d->chart->curve_count; c++) {
    const report_curve *curve = d->chart->curves[c];
    bool first = !d->mixed || chart_base_of(d, curve) == titled;
    if (first) titled++;
    if (!first || !chart_is_in_panel(d, curve, panel)) continue;
    ls_text_add(&text, "%s%s", comma, d->mixed ? chart_base_name(curve) : curve->name);
    comma = ", ";
    y->units = curve->units;
  }
  y->title = ls_memory_keep(&d->plot.memory, ls_text_take(&text));
}

static void fill_panel(chart_drawing *d, size_t panel) {
  const report_chart *chart = d->chart;
  ls_plot_panel *p = &d->plot.panels[panel];
  chart_set_axis(d, p);
  if (chart->panel < CHART_METRIC) {
    const report_axis *axis = &d->results->variables[chart->panel];
    p->heading =
        ls_memory_text(&d->plot.memory, "%s = %s", axis->name, axis->labels[axis->order[panel]]);
  }
  set_range(&p->y, d, panel);
  set_title(d, panel);
  for (size_t c = 0; c < chart->curve_count; c++) {
    if (!chart_is_in_panel(d, chart->curves[c], panel)) continue;
    chart_add_references(d, panel, chart->curves[c]);
    add_curve(d, panel, chart->curves[c]);
  }
}

static void fill_panels(chart_drawing *d) {
  bool metrics = d->chart->panel == CHART_METRIC;
  size_t panels = metrics ? d->base_count : d->lines.panels;
  bool several = panels > 1;
  int width = several ? PANEL_WIDTH : SINGLE_WIDTH;
  int room = chart_tic_room(&d->axis, width), heading = several && !metrics ? HEADING : 0;
  int height = room + heading + (several ? PANEL_HEIGHT : SINGLE_HEIGHT);
  if (ls_plot_begin_columns(&d->plot, panels, width, height) != LS_OK) return;
  for (size_t p = 0; p < panels; p++) {
    ls_plot_place_cell(&d->plot, p, heading, room);
    fill_panel(d, p);
  }
  chart_add_legend(d);
}

/* ---- The whole ------------------------------------------------------------------------------- */

static bool prepare(chart_drawing *d) {
  d->over_epochs = d->chart->x == CHART_EPOCH;
  if (!chart_list_bases(d) || !chart_make_lines(d)) return false;
  const size_t trials = d->lines.panels * d->lines.lines * d->lines.places * d->results->repeats;
  d->dots = !d->over_epochs && d->chart->curve_count == 1 && d->results->repeats > 1 &&
            trials <= MOST_DOTS;
  d->ordered = chart_metrics_of_panel(d) == 1 && chart_is_ordered(d);
  return chart_make_axis(d);
}

void report_draw_chart(report_figures *list, const report_summary *summary,
                       const report_chart *chart) {
  chart_drawing d = {.chart = chart, .summary = summary, .results = summary->results};
  d.plot.title = chart->title;
  if (!prepare(&d) || d.lines.drawable == 0) return;
  fill_panels(&d);
  ls_text caption = {0};
  chart_add_caption(&caption, &d);
  report_figure_add(list, chart->name, &caption, &d.plot);
}
