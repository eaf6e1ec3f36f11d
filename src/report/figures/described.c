/* The charts that a job or the command line describes. */
#include "report/figures/figure.h"

#include "lockstep/error.h"
#include "report/models.h"

#include <ctype.h>
#include <string.h>

enum { MOST_LINES = 20 }; /* of combinations, in a panel */

/* ---- Names ----------------------------------------------------------------------------------- */

static void add_curves(ls_text *text, const report_chart *chart, const char *between) {
  for (size_t c = 0; c < chart->curve_count; c++) {
    ls_text_add(text, "%s%s", c ? between : "", chart->curves[c]->name);
  }
}

/* Fit for file names and ids, and different from those of the list. */
static const char *make_name(const report_chart *chart, const report_figures *list, const char *x) {
  ls_text text = {0};
  if (chart->best) ls_text_add(&text, "best_");
  add_curves(&text, chart, "_");
  ls_text_add(&text, "_vs_%s", x);
  char *name = ls_memory_keep(list->memory, ls_text_take(&text));
  for (char *c = name; c && *c; c++) *c = isalnum((unsigned char)*c) ? *c : '_';
  const char *out = name;
  for (size_t i = 0, number = 2; out && i < list->count; i++) {
    if (strcmp(list->items[i].name, out) != 0) continue;
    out = ls_memory_text(list->memory, "%s_%zu", name, number++);
    i = SIZE_MAX; /* from the first one again */
  }
  return out;
}

void report_draw_named(report_figures *list, const report_summary *s, report_chart *chart) {
  const report_results *r = s->results;
  bool epochs = chart->x == CHART_EPOCH;
  const char *x = epochs ? "epoch" : r->variables[chart->x].name;
  ls_text curves = {0};
  add_curves(&curves, chart, ", ");
  const char *names = ls_memory_keep(list->memory, ls_text_take(&curves));
  if (!names) return;
  const char *what = epochs ? "" : chart->best ? "Best " : "Final ";
  const char *when = epochs ? "" : chart->best ? " (over the epochs)" : NULL;
  if (!when) when = ls_memory_text(list->memory, " (%s)", report_when_final(r));
  chart->name = make_name(chart, list, x);
  chart->title = ls_memory_text(list->memory, "%s%s against %s", what, names, x);
  chart->subject = ls_memory_text(list->memory, "%s%s%s against %s", what, names, when, x);
  if (chart->subject) report_draw_chart(list, s, chart);
}

/* ---- From descriptions to charts ------------------------------------------------------------- */

static size_t find_variable(const report_results *r, const char *name, const char *word,
                            size_t meaning) {
  const report_axis *axis = name ? report_find_variable(r, name) : NULL;
  if (axis) return (size_t)(axis - r->variables);
  return name && word && strcmp(name, word) == 0 ? meaning : CHART_NONE;
}

/* Whether it can be drawn: LS_INVALID for names that the results do not have. */
static int check(const report_results *r, const ls_figure_args *f, const char *where) {
  ls_memory memory = {0};
  ls_figure_metric *metrics = ls_memory_new(&memory, r->curve_count, sizeof *metrics);
  ls_figure_variable *variables = ls_memory_new(&memory, r->variable_count, sizeof *variables);
  for (size_t i = 0; i < r->curve_count && metrics; i++) {
    const report_curve *c = &r->curves[i];
    metrics[i] = (ls_figure_metric){c->name, !c->final, c->better};
  }
  for (size_t v = 0; v < r->variable_count && variables; v++) {
    const report_axis *axis = &r->variables[v];
    variables[v] = (ls_figure_variable){axis->name, axis->numbers, axis->count};
  }
  const ls_figure_names names = {metrics, r->curve_count, variables, r->variable_count};
  int status = ls_memory_status(&memory);
  if (status == LS_OK) status = ls_figure_check(f, where, &names);
  ls_memory_free(&memory);
  return status;
}

static int draw_diagram(report_figures *list, const report_summary *s) {
  report_models models;
  int status = report_models_read(&models, s->memory, s->results->path);
  return status == LS_OK ? report_models_draw(list, &models) : status;
}

static void draw(report_figures *list, const report_summary *s, const ls_figure_args *f) {
  const report_results *r = s->results;
  size_t count = f->metric.count;
  report_chart chart = {.curve_count = count > 0 ? count : 1,
                        .x = find_variable(r, f->x, "epoch", CHART_EPOCH),
                        .color = find_variable(r, f->color, NULL, CHART_NONE),
                        .panel = find_variable(r, f->panel, "metric", CHART_METRIC),
                        .scale = (ls_scale)f->scale,
                        .best = f->of == LS_FIGURE_BEST,
                        .most_lines = MOST_LINES};
  chart.curves = ls_memory_new(s->memory, chart.curve_count, sizeof *chart.curves);
  if (!chart.curves) return;
  chart.curves[0] = &r->curves[s->monitor];
  for (size_t i = 0; i < count; i++) {
    chart.curves[i] = report_find_curve(r, f->metric.items[i]);
  }
  report_draw_named(list, s, &chart);
}

void report_draw_described(report_figures *list, const report_summary *s,
                           const ls_sections *figures) {
  for (size_t i = 0; i < figures->count && list->status == LS_OK; i++) {
    const ls_section *figure = &figures->items[i];
    const ls_figure_args *args = figure->values;
    list->status = check(s->results, args, figure->where);
    if (list->status != LS_OK) return;
    if (args->diagram) list->status = draw_diagram(list, s);
    if (!args->diagram) draw(list, s, args);
  }
}
