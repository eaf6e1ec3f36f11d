/* The curves of a chart: the samples that they are of, names and styles. */
#include "report/figures/drawing.h"

#include <string.h>

enum { MARKERS = 8 }; /* along each curve over epochs */

const chart_kind chart_kinds[CHART_SAMPLES] = {[CHART_TRAINING] = {"", "training", "7,4", 1},
                                               [CHART_VALIDATION] = {"val_", "validation", NULL, 2},
                                               [CHART_TEST] = {"test_", "test", "2,3", 3}};

chart_samples chart_samples_of(const report_curve *curve) {
  for (chart_samples s = CHART_VALIDATION; s < CHART_SAMPLES; s++) {
    if (strncmp(curve->name, chart_kinds[s].prefix, strlen(chart_kinds[s].prefix)) == 0) return s;
  }
  return CHART_TRAINING;
}

const char *chart_base_name(const report_curve *curve) {
  return curve->name + strlen(chart_kinds[chart_samples_of(curve)].prefix);
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
    d->shown[chart_samples_of(chart->curves[c])] = true;
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

bool chart_is_full(const chart_drawing *d, chart_samples samples) {
  return !d->mixed || samples == (d->shown[CHART_VALIDATION] ? CHART_VALIDATION : CHART_TEST);
}

bool chart_is_main(const chart_drawing *d, const report_curve *curve) {
  return chart_is_full(d, chart_samples_of(curve));
}

ls_plot_style chart_style(const chart_drawing *d, const report_curve *curve, size_t line) {
  size_t metric = chart_metrics_of_panel(d) > 1 ? chart_base_of(d, curve) : 0;
  size_t number = metric * d->lines.lines + line;
  bool full = chart_is_main(d, curve);
  return (ls_plot_style){d->ordered ? ls_figure_ordered_color(line, d->lines.lines)
                                    : ls_figure_color(number),
                         .width = full ? 1.8 : 1.2,
                         .dashes = full ? NULL : chart_kinds[chart_samples_of(curve)].dashes,
                         .point = ls_figure_point(number),
                         .size = d->over_epochs ? 0.5 : 0.7,
                         .every = d->over_epochs ? d->results->epochs / MARKERS : 0};
}
