/* What was reported elsewhere, in the charts of final or best values against a variable. */
#include "report/figures/drawing.h"

#include <math.h>
#include <string.h>

static const ls_plot_style line_style = {0x555555, .width = 1.2, .dashes = "3,4"};

static ls_plot_style cross_style(const report_curve *curve, int color) {
  return (ls_plot_style){color, .point = chart_kinds[chart_samples_of(curve)].cross, .size = 0.9};
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

void chart_name_references(chart_drawing *d) {
  for (size_t r = 0; r < d->results->reference_count; r++) {
    const report_reference *reference = &d->results->references[r];
    for (size_t c = 0; c < d->chart->curve_count; c++) {
      const report_curve *curve = d->chart->curves[c];
      if (is_drawn(d, reference, curve)) name_reference(d, reference, curve);
    }
  }
}
