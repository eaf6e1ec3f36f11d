/* How a chart draws its curves, and what was reported elsewhere: samples, names and styles, the
 * legend and the caption. */
#include "report/figures/drawing.h"

#include <math.h>
#include <string.h>

enum { MARKERS = 8 }; /* along each curve over epochs */

/* The samples that a curve is measured on, by the prefix of its name. */
static const struct {
  const char *prefix, *name, *dashes;
  int cross; /* gnuplot's number of the shape of references: +, x, * */
} kinds[CHART_SAMPLES] = {[CHART_TRAINING] = {"", "training", "7,4", 1},
                          [CHART_VALIDATION] = {"val_", "validation", NULL, 2},
                          [CHART_TEST] = {"test_", "test", "2,3", 3}};

static chart_samples samples_of(const report_curve *curve) {
  for (chart_samples s = CHART_VALIDATION; s < CHART_SAMPLES; s++) {
    if (strncmp(curve->name, kinds[s].prefix, strlen(kinds[s].prefix)) == 0) return s;
  }
  return CHART_TRAINING;
}

const char *chart_base_name(const report_curve *curve) {
  return curve->name + strlen(kinds[samples_of(curve)].prefix);
}

size_t chart_base_of(const chart_drawing *d, const report_curve *curve) {
  size_t base = 0;
  while (base < d->base_count && strcmp(d->bases[base], chart_base_name(curve)) != 0) base++;
  return base;
}

bool chart_list_bases(chart_drawing *d) {
  const report_chart *chart = d->chart;
  d->bases = ls_memory_new(d->summary->memory, chart->curve_count, sizeof *d->bases);
  if (!d->bases) return false;
  for (size_t c = 0; c < chart->curve_count; c++) {
    size_t base = chart_base_of(d, chart->curves[c]);
    if (base == d->base_count) d->bases[d->base_count++] = chart_base_name(chart->curves[c]);
    d->shown[samples_of(chart->curves[c])] = true;
  }
  d->mixed = d->shown[CHART_TRAINING] + d->shown[CHART_VALIDATION] + d->shown[CHART_TEST] > 1;
  return true;
}

bool chart_is_in_panel(const chart_drawing *d, const report_curve *curve, size_t panel) {
  return d->chart->panel != CHART_METRIC || chart_base_of(d, curve) == panel;
}

size_t chart_metrics_of_panel(const chart_drawing *d) {
  return d->chart->panel == CHART_METRIC ? 1 : d->base_count;
}

static bool is_full(const chart_drawing *d, chart_samples samples) {
  return !d->mixed || samples == (d->shown[CHART_VALIDATION] ? CHART_VALIDATION : CHART_TEST);
}

bool chart_is_main(const chart_drawing *d, const report_curve *curve) {
  return is_full(d, samples_of(curve));
}

ls_plot_style chart_style(const chart_drawing *d, const report_curve *curve, size_t line) {
  size_t metric = chart_metrics_of_panel(d) > 1 ? chart_base_of(d, curve) : 0;
  size_t number = metric * d->lines.lines + line;
  bool full = chart_is_main(d, curve);
  return (ls_plot_style){d->ordered ? ls_figure_ordered_color(line, d->lines.lines)
                                    : ls_figure_color(number),
                         .width = full ? 1.8 : 1.2,
                         .dashes = full ? NULL : kinds[samples_of(curve)].dashes,
                         .point = ls_figure_point(number),
                         .size = d->over_epochs ? 0.5 : 0.7,
                         .every = d->over_epochs ? d->results->epochs / MARKERS : 0};
}

/* ---- References: in charts of final or best values against a variable ---- */

static const ls_plot_style line_style = {0x555555, .width = 1.2, .dashes = "3,4"};

static ls_plot_style cross_style(const report_curve *curve, int color) {
  return (ls_plot_style){color, .point = kinds[samples_of(curve)].cross, .size = 0.9};
}

static bool is_drawn(const chart_drawing *d, const report_reference *reference,
                     const report_curve *curve) {
  bool same = strcmp(reference->metric, curve->name) == 0 && reference->best == d->chart->best;
  return same && !d->over_epochs;
}

/* Whether it is one value for all points. */
static bool is_common(const chart_drawing *d, const report_reference *reference) {
  for (size_t p = 0; p < d->results->points; p++) {
    if (reference->values[p] != reference->values[0]) return false; /* or NaN */
  }
  return true;
}

static void add_line(chart_drawing *d, size_t panel, double value) {
  ls_plot_panel *p = &d->plot.panels[panel];
  ls_plot_series *series = ls_plot_add(&d->plot, p, LS_PLOT_LINE, &line_style, 2);
  ls_plot_row(series, p->x.low, value, 0);
  ls_plot_row(series, p->x.high, value, 0);
}

/* Crosses in the colour of their line. */
static void add_crosses(chart_drawing *d, size_t panel, const report_curve *curve,
                        const report_reference *reference) {
  for (size_t i = 0; i < d->lines.lines; i++) {
    ls_plot_style style = cross_style(curve, chart_style(d, curve, i).color);
    ls_plot_series *series =
        ls_plot_add(&d->plot, &d->plot.panels[panel], LS_PLOT_POINTS, &style, d->axis.count);
    for (size_t k = 0; k < d->axis.count; k++) {
      size_t point = chart_point(d, panel, i, k);
      double value = point == SIZE_MAX ? NAN : reference->values[point];
      if (isnan(value)) continue;
      ls_plot_row(series, chart_position(d, k, i, false), value, 0);
    }
  }
}

void chart_add_references(chart_drawing *d, size_t panel, const report_curve *curve) {
  for (size_t r = 0; r < d->results->reference_count; r++) {
    const report_reference *reference = &d->results->references[r];
    if (!is_drawn(d, reference, curve)) continue;
    if (is_common(d, reference)) add_line(d, panel, reference->values[0]);
    if (!is_common(d, reference)) add_crosses(d, panel, curve, reference);
  }
}

void chart_add_reference_values(report_stat *all, const chart_drawing *d, size_t panel,
                                const report_curve *curve) {
  const chart_lines *l = &d->lines;
  for (size_t r = 0; r < d->results->reference_count; r++) {
    const report_reference *reference = &d->results->references[r];
    if (!is_drawn(d, reference, curve)) continue;
    for (size_t i = 0; i < l->lines * l->places; i++) {
      size_t point = chart_point(d, panel, i / l->places, i % l->places);
      if (point != SIZE_MAX) report_add(all, reference->values[point]);
    }
  }
}

static void name_reference(chart_drawing *d, const report_reference *reference,
                           const report_curve *curve) {
  const ls_plot_style cross = cross_style(curve, 0x555555);
  bool common = is_common(d, reference);
  ls_text text = {0};
  ls_text_add(&text, "reference");
  if (common) ls_text_add(&text, " %.6g", reference->values[0]);
  if (!common && d->chart->curve_count > 1) ls_text_add(&text, " of %s", reference->metric);
  if (*reference->label) ls_text_add(&text, ": %s", reference->label);
  const char *name = ls_memory_keep(&d->plot.memory, ls_text_take(&text));
  if (name) {
    ls_plot_legend(&d->plot, name, common ? &line_style : &cross, common, !common);
  }
}

static void name_references(chart_drawing *d) {
  for (size_t r = 0; r < d->results->reference_count; r++) {
    const report_reference *reference = &d->results->references[r];
    for (size_t c = 0; c < d->chart->curve_count; c++) {
      const report_curve *curve = d->chart->curves[c];
      if (is_drawn(d, reference, curve)) name_reference(d, reference, curve);
    }
  }
}

/* ---- The legend ---- */

/* The lines of the first curve of each metric that shares a panel. */
static void name_lines(chart_drawing *d) {
  size_t metrics = chart_metrics_of_panel(d), named = 0;
  if (d->lines.lines * metrics == 1) return;
  for (size_t c = 0; c < d->chart->curve_count && named < metrics; c++) {
    const report_curve *curve = d->chart->curves[c];
    if (chart_base_of(d, curve) != named) continue;
    named++;
    for (size_t i = 0; i < d->lines.lines; i++) {
      ls_plot_style style = chart_style(d, curve, i);
      ls_text text = {0};
      if (metrics > 1) ls_text_add(&text, "%s", d->mixed ? chart_base_name(curve) : curve->name);
      chart_add_line_name(&text, d, i);
      const char *name = ls_memory_keep(&d->plot.memory, ls_text_take(&text));
      style.dashes = NULL;
      if (name) ls_plot_legend(&d->plot, name, &style, d->axis.connected, true);
    }
  }
}

static void name_samples(chart_drawing *d) {
  static const chart_samples order[] = {CHART_VALIDATION, CHART_TEST, CHART_TRAINING};
  for (size_t i = 0; i < CHART_SAMPLES && d->mixed; i++) {
    chart_samples s = order[i];
    bool full = is_full(d, s);
    const ls_plot_style style = {0x555555, .width = full ? 1.8 : 1.2,
                                 .dashes = full ? NULL : kinds[s].dashes};
    if (d->shown[s]) ls_plot_legend(&d->plot, kinds[s].name, &style, true, false);
  }
}

void chart_add_legend(chart_drawing *d) {
  name_lines(d);
  name_samples(d);
  name_references(d);
}

/* ---- The caption ---- */

static void describe_values(ls_text *caption, const chart_drawing *d) {
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

static void describe_lines(ls_text *caption, const chart_drawing *d) {
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
  if (d->lines.merged && d->lines.width > 1) {
    ls_text_add(caption, " Of the points at %zu neighbouring values of %s, the %s is shown.",
                d->lines.width, d->axis.plot.title, ranked ? "best" : "first");
  } else if (d->lines.merged) {
    ls_text_add(caption, " Where several points of the sweep have one place, the %s is shown.",
                ranked ? "best" : "first");
  }
}

void chart_add_caption(ls_text *caption, const chart_drawing *d) {
  ls_text_add(caption, "%s.", d->chart->subject);
  describe_values(caption, d);
  describe_lines(caption, d);
  if (d->axis.zero) {
    ls_text_add(caption, " 0 has a place of its own on the logarithmic axis.");
  }
  if (d->chart->note) ls_text_add(caption, " %s", d->chart->note);
}
