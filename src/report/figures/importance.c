/* The importance of the variables of a search, as bars. */
#include "report/figures/search.h"

#include "lockstep/error.h"
#include "report/forest.h"

#include <math.h>
#include <stdio.h>

enum { FEWEST_POINTS = 10, MOST_POINTS = 2000, MOST_BARS = 20, LONGEST_NAME = 28 };
/* Pixels. */
enum { WIDTH = 640, ROW = 26, BAR = 14, TOP = 8, BOTTOM = 52, RIGHT = 60, GAP = 34 };

/* ---- The forest ---- */

/* Lists the points with a value or that are lost, evenly along the sweep where there are many. */
static size_t list_points(size_t *out, const search_scores *s) {
  size_t all = s->count + s->lost_count, count = 0, seen = 0;
  size_t most = all < MOST_POINTS ? all : MOST_POINTS;
  for (size_t p = 0; p < s->summary->results->points; p++) {
    if (isnan(s->values[p]) && !s->lost[p]) continue;
    if (seen++ * most / all == count) out[count++] = p;
  }
  return count;
}

/* The value that the forest explains: outliers and lost points count as the worst one that is none,
 * since they would hide what distinguishes all others. */
static double target(const search_scores *s, size_t point) {
  if (s->lost[point]) return s->range.limit;
  return fmin(fmax(s->values[point], s->range.low), s->range.high);
}

/* Values of variables are their places in ascending order, no value behind all others. */
static void fill(double *x, double *y, const search_scores *s, const search_importance *importance,
                 const size_t *points) {
  const report_results *r = s->summary->results;
  for (size_t i = 0; i < importance->count; i++) {
    const report_axis *axis = &r->variables[importance->variables[i]];
    for (size_t n = 0; n < importance->points; n++) {
      size_t value = report_index(r, points[n], importance->variables[i]);
      x[i * importance->points + n] = (double)axis->places[value];
    }
  }
  for (size_t n = 0; n < importance->points; n++) y[n] = target(s, points[n]);
}

/* Sorts variables by importance; those of equal importance keep the order of the sweep. */
static void sort(search_importance *importance) {
  for (size_t i = 1; i < importance->count; i++) {
    size_t variable = importance->variables[i], k = i;
    double value = importance->values[i];
    for (; k > 0 && importance->values[k - 1] < value; k--) {
      importance->values[k] = importance->values[k - 1];
      importance->variables[k] = importance->variables[k - 1];
    }
    importance->values[k] = value;
    importance->variables[k] = variable;
  }
}

static bool grow(search_importance *out, const search_scores *s, ls_memory *own) {
  size_t *points = ls_memory_new(own, s->count + s->lost_count, sizeof *points);
  if (!points) return false;
  out->points = list_points(points, s);
  double *x = ls_memory_new(own, out->count * out->points, sizeof *x);
  double *y = ls_memory_new(own, out->points, sizeof *y);
  if (!x || !y) return false;
  fill(x, y, s, out, points);
  const report_forest_data data = {out->points, out->count, x, y};
  report_forest forest;
  int status = report_forest_grow(&forest, s->summary->memory, &data);
  out->values = forest.importance;
  out->explained = forest.explained;
  if (status == LS_OK) sort(out);
  return status == LS_OK;
}

bool search_importance_of(search_importance *out, const search_scores *s) {
  const report_results *r = s->summary->results;
  ls_memory own = {0};
  *out = (search_importance){0};
  out->variables = ls_memory_new(s->summary->memory, r->variable_count, sizeof *out->variables);
  if (!out->variables) return false;
  out->count = search_variables(out->variables, r);
  if (out->count < 2 || s->count + s->lost_count < FEWEST_POINTS) return true;
  bool grown = grow(out, s, &own);
  ls_memory_free(&own);
  return grown;
}

/* ---- The figure ---- */

static void add_bar(ls_plot *plot, ls_plot_panel *panel, double value, double row) {
  static const ls_plot_style style = {0x0072b2, .width = BAR};
  char text[16];
  double shown = fmax(value, 0);
  ls_plot_series *bar = ls_plot_add(plot, panel, LS_PLOT_LINE, &style, 2);
  ls_plot_row(bar, 0, row, 0);
  ls_plot_row(bar, shown, row, 0);
  snprintf(text, sizeof text, "%.2f", shown);
  ls_plot_add_text(plot, (ls_plot_text){ls_plot_x(panel, shown) + 6, ls_plot_y(panel, row),
                                        LS_PLOT_LEFT, .text = text});
}

static void add_caption(ls_text *caption, const search_scores *s, const search_importance *i,
                        size_t shown) {
  ls_text_add(caption, "Importance of the variables for the ");
  search_add_metric(caption, s);
  ls_text_add(caption,
              ": the fraction of its variance to which a variable contributes, alone or with "
              "others, so that the fractions may add up to more than 1. By permutation of its "
              "values in a random forest of %d trees (Breiman, 2001) on %zu points.",
              REPORT_FOREST_TREES, i->points);
  ls_text_add(caption,
              " The forest explains %.0f %% of the variance of points that its trees do not "
              "know%s.",
              fmax(100 * i->explained, 0),
              i->explained < 0.3 ? ": too little for the fractions to be taken as exact" : "");
  if (s->lost_count > 0) {
    ls_text_add(caption, " Points with diverged or failed trials (%zu) count as the worst value.",
                s->lost_count);
  }
  report_add_outliers(caption, &s->range, "", " count as this");
  if (shown < i->count) ls_text_add(caption, " The first %zu of %zu variables.", shown, i->count);
}

/* The names of the variables from the foot on. */
static const char **name_bars(ls_plot *plot, const search_scores *s, const search_importance *i,
                              size_t count) {
  const char **names = ls_memory_new(&plot->memory, count, sizeof *names);
  for (size_t k = 0; k < count && names; k++) {
    const report_axis *axis = &s->summary->results->variables[i->variables[count - 1 - k]];
    char *name = ls_memory_text(&plot->memory, "%s", axis->name);
    if (name) ls_text_cut(name, LONGEST_NAME);
    names[k] = name;
  }
  return names;
}

static void fill_panel(ls_plot *plot, const search_importance *importance, const char **names,
                       size_t count) {
  int height = (int)count * ROW;
  double left = ls_plot_widest(names, count, LS_PLOT_TEXT) + GAP;
  ls_plot_panel *panel = &plot->panels[0];
  panel->frame = (ls_figure_box){left, TOP, WIDTH - left - RIGHT, height};
  panel->grid = "x noy";
  panel->y =
      (ls_plot_axis){.low = -0.5, .high = (double)count - 0.5, .labels = names, .count = count};
  panel->x = (ls_plot_axis){.title = "fraction of the variance",
                            .high = fmax(importance->values[0] * 1.05, 0.1)};
  for (size_t k = 0; k < count; k++) {
    add_bar(plot, panel, importance->values[count - 1 - k], (double)k);
  }
}

void search_draw_importance(report_figures *list, const search_scores *s,
                            const search_importance *importance) {
  if (!importance->values || !(s->range.high > s->range.low)) return;
  size_t count = importance->count < MOST_BARS ? importance->count : MOST_BARS;
  ls_plot plot = {.title = "Importance of the variables",
                  .width = WIDTH,
                  .height = TOP + (int)count * ROW + BOTTOM};
  const char **names = name_bars(&plot, s, importance, count);
  if (ls_plot_begin(&plot, 1) == LS_OK) fill_panel(&plot, importance, names, count);
  ls_text caption = {0};
  add_caption(&caption, s, importance, count);
  report_figure_add(list, "importance", &caption, &plot);
}
