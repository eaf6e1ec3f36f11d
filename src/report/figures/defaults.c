/* The charts of a report whose job describes none. */
#include "report/figures/figure.h"

#include <string.h>

enum { MOST_LINES = 9, MOST_CURVES = 8 };

/* ---- Learning curves ------------------------------------------------------------------------- */

/* All curves of measures, the losses first. */
static size_t list_measures(const report_curve **out, const report_results *r) {
  size_t count = 0;
  for (size_t i = 0; i < 2 * r->curve_count; i++) {
    const report_curve *curve = &r->curves[i % r->curve_count];
    bool loss = strcmp(curve->name, "loss") == 0 || strcmp(curve->name, "val_loss") == 0;
    if (report_is_measure(curve) && loss == (i < r->curve_count)) out[count++] = curve;
  }
  return count;
}

static void draw_learning(report_figures *list, const report_summary *s) {
  const report_results *r = s->results;
  if (r->epochs == 1) return; /* a single epoch makes no curve */
  report_chart chart = {.name = "learning_curves",
                        .title = "Learning curves",
                        .subject = "Learning curves",
                        .x = CHART_EPOCH,
                        .color = CHART_NONE,
                        .panel = CHART_METRIC,
                        .most_lines = MOST_CURVES};
  chart.curves = ls_memory_new(s->memory, r->curve_count, sizeof *chart.curves);
  if (!chart.curves) return;
  chart.curve_count = list_measures(chart.curves, r);
  report_draw_chart(list, s, &chart);
}

/* ---- The learning rate ----------------------------------------------------------------------- */

static bool changes(const report_results *r, const report_curve *curve, size_t point) {
  report_stat all = REPORT_NO_STAT;
  for (size_t e = 0; e < r->epochs; e++) report_add(&all, report_at(r, curve, point, e).mean);
  return all.least < all.most; /* false for NaN */
}

/* Whether a curve is the same at two points. */
static bool same_curve(const report_results *r, const report_curve *curve, size_t a, size_t b) {
  for (size_t e = 0; e < r->epochs; e++) {
    report_stat x = report_at(r, curve, a, e), y = report_at(r, curve, b, e);
    if (x.n && y.n && x.mean != y.mean) return false;
  }
  return true;
}

static void draw_learning_rate(report_figures *list, const report_summary *s) {
  const report_results *r = s->results;
  const report_curve *curve = report_find_curve(r, "learning_rate");
  if (!curve) return;
  bool any = false, same = true;
  for (size_t p = 0; p < r->points; p++) {
    any = any || changes(r, curve, p);
    same = same && same_curve(r, curve, s->ranking[0], p);
  }
  if (!any) return;
  const report_chart chart = {.name = "learning_rate",
                              .title = "Learning rate",
                              .subject = "Learning rate in each epoch",
                              .note = same && r->points > 1 ? "The same at all points." : NULL,
                              .curves = &curve,
                              .curve_count = 1,
                              .x = CHART_EPOCH,
                              .color = CHART_NONE,
                              .panel = CHART_NONE,
                              .most_lines = same ? 1 : MOST_CURVES};
  report_draw_chart(list, s, &chart);
}

/* ---- Final values ---------------------------------------------------------------------------- */

/* The final monitored value against a variable; of two, the other one has the colours. */
static void draw_final(report_figures *list, const report_summary *s, size_t variable) {
  const report_results *r = s->results;
  if (r->variables[variable].count < 2) return;
  const report_curve *monitor = &r->curves[s->monitor];
  report_chart chart = {.curves = &monitor,
                        .curve_count = 1,
                        .x = variable,
                        .color = CHART_NONE,
                        .panel = CHART_NONE,
                        .most_lines = r->variable_count == 2 ? MOST_LINES : 1};
  report_draw_named(list, s, &chart);
}

void report_draw_defaults(report_figures *list, const report_summary *s) {
  for (size_t v = 0; v < s->results->variable_count; v++) draw_final(list, s, v);
  draw_learning(list, s);
  draw_learning_rate(list, s);
}
