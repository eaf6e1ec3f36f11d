/* Pairs of variables: the points of the sweep as dots coloured by their value, a panel for each
 * pair of the most important variables. */
#include "report/figures/search.h"

#include "lockstep/error.h"
#include "report/format.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>

enum { MOST_VARIABLES = 4, MOST_POINTS = 800, FEWEST_POINTS = 5, MOST_CATEGORIES = 8 };
enum { LONGEST_LABEL = 10, MOST_LABELS = 16 };
/* Pixels. */
enum { WIDTH = 430, HEIGHT = 320, BOTTOM_LABELS = 20 };

/* What a point is drawn as, in this order. */
typedef enum mark { LOST, SCORED, FRAMED, MARKS } mark;

static const ls_plot_style looks[MARKS] = {[LOST] = {0x888888, .point = 2, .size = 0.5},
                                           [SCORED] = {.point = 7, .size = 0.6},
                                           [FRAMED] = {0xd55e00, .point = 6, .size = 1.2}};

typedef struct pairs {
  const search_scores *scores;
  const report_results *results;
  ls_plot plot;
  size_t variables[MOST_VARIABLES], count;
  size_t *order; /* the points that are drawn, the best last; before them those that are lost */
  size_t drawn;
} pairs;

/* ---- Axes ---- */

/* Whether the values of a variable stand at equal distances: texts, and few numbers. */
static bool is_category(const report_axis *axis) {
  return !axis->values || axis->count <= MOST_CATEGORIES;
}

/* Equal values are spread, by numbers that fill an interval evenly (the golden ratio), so that
 * points do not cover one another. */
static double spread(size_t point, double ratio) {
  double at = (double)(point + 1) * ratio;
  return 0.6 * (at - floor(at) - 0.5);
}

/* Where a point is on the axis of a variable; NaN where it has no value. */
static double position(const pairs *p, size_t variable, size_t point, double ratio) {
  const report_axis *axis = &p->results->variables[variable];
  size_t value = report_index(p->results, point, variable);
  if (value == axis->missing) return NAN;
  if (is_category(axis)) return (double)axis->places[value] + spread(point, ratio);
  return axis->values[value];
}

/* Labels of all values, or of some of many. */
static void label_categories(pairs *p, ls_plot_axis *out, const report_axis *axis) {
  ls_memory *memory = &p->plot.memory;
  size_t count = axis->count - (axis->missing != SIZE_MAX);
  size_t every = (count + MOST_LABELS - 1) / MOST_LABELS;
  const char **labels = ls_memory_new(memory, count, sizeof *labels);
  double *places = ls_memory_new(memory, count, sizeof *places);
  for (size_t k = 0; k < count && labels && places; k += every) {
    char *label = ls_memory_text(memory, "%s", axis->labels[axis->order[k]]);
    if (label) ls_text_cut(label, LONGEST_LABEL);
    labels[out->count] = label;
    places[out->count++] = (double)k;
  }
  out->labels = labels;
  out->places = places;
  out->low = -0.6;
  out->high = (double)count - 0.4;
}

static void measure_numbers(ls_plot_axis *out, const report_axis *axis) {
  double least = INFINITY, most = -INFINITY;
  for (size_t i = 0; i < axis->count; i++) { /* NaN is ignored */
    least = fmin(least, axis->values[i]);
    most = fmax(most, axis->values[i]);
  }
  out->log = axis->log && least > 0;
  out->decades = out->log && most / least >= 100;
  ls_plot_range(out, least, most, 0.04);
}

static void set_axis(pairs *p, ls_plot_axis *out, size_t variable) {
  const report_axis *axis = &p->results->variables[variable];
  *out = (ls_plot_axis){.title = axis->name};
  if (is_category(axis)) label_categories(p, out, axis);
  if (!is_category(axis)) measure_numbers(out, axis);
}

/* ---- Points ---- */

static int shade_of(double goodness) {
  return ls_figure_viridis(0.93 * (1 - goodness));
}

static int compare_points(const void *a, const void *b, void *context) {
  const search_scores *s = context;
  size_t p = *(const size_t *)a, q = *(const size_t *)b;
  double x = s->summary->better * s->values[p], y = s->summary->better * s->values[q];
  if (isnan(x) || isnan(y)) return isnan(x) == isnan(y) ? (p > q) - (p < q) : isnan(y) - isnan(x);
  return x != y ? (x > y) - (x < y) : (p < q) - (p > q);
}

/* Of very many points some are drawn, evenly in the order of their values. */
static bool choose_points(pairs *p) {
  const search_scores *s = p->scores;
  size_t all = 0;
  p->order = ls_memory_new(s->summary->memory, s->count + s->lost_count, sizeof *p->order);
  if (!p->order) return false;
  for (size_t i = 0; i < p->results->points; i++) {
    if (!isnan(s->values[i]) || s->lost[i]) p->order[all++] = i;
  }
  qsort_r(p->order, all, sizeof *p->order, compare_points, (void *)s);
  p->drawn = all < MOST_POINTS ? all : MOST_POINTS;
  for (size_t i = 0; i < p->drawn; i++) {
    p->order[i] = p->order[all - 1 - (p->drawn - 1 - i) * all / p->drawn];
  }
  return true;
}

static bool has_mark(const search_scores *s, size_t point, mark m) {
  if (m == FRAMED) return point == s->summary->best;
  return s->lost[point] == (m == LOST);
}

static void add_points(pairs *p, ls_plot_panel *panel, size_t x, size_t y, mark m) {
  const search_scores *s = p->scores;
  ls_plot_kind kind = m == SCORED ? LS_PLOT_DOTS : LS_PLOT_POINTS;
  ls_plot_series *series = ls_plot_add(&p->plot, panel, kind, &looks[m], p->drawn);
  for (size_t i = 0; i < p->drawn; i++) {
    size_t point = p->order[i];
    if (!has_mark(s, point, m)) continue;
    double at = position(p, x, point, 0.618034), up = position(p, y, point, 0.414214);
    if (isnan(at) || isnan(up)) continue;
    ls_plot_row(series, at, up,
                m == SCORED
                    ? shade_of(report_goodness(&s->range, s->values[point], s->summary->better))
                    : 0);
  }
}

/* ---- The figure ---- */

static void add_legend(pairs *p) {
  const search_scores *s = p->scores;
  int decimals = report_monitored_decimals(s->summary);
  for (int i = 0; i <= 3; i++) {
    double share = i / 3.0, place = s->summary->better > 0 ? 1 - share : share;
    double value = s->range.low + place * (s->range.high - s->range.low);
    ls_plot_style style = looks[SCORED];
    style.color = shade_of(1 - share);
    ls_plot_legend(&p->plot, report_number(value, REPORT_AS_FIXED, decimals).text, &style, false,
                   true);
  }
  if (s->lost_count > 0) {
    ls_plot_legend(&p->plot, "diverged or failed", &looks[LOST], false, true);
  }
  size_t best = s->summary->best;
  if (best != SIZE_MAX && !isnan(s->values[best]))
    ls_plot_legend(&p->plot, "best", &looks[FRAMED], false, true);
}

/* Whether some points have no value of a variable that is drawn. */
static bool is_conditional(const pairs *p) {
  bool any = false;
  for (size_t i = 0; i < p->count; i++) {
    any |= p->results->variables[p->variables[i]].missing != SIZE_MAX;
  }
  return any;
}

static void add_caption(ls_text *caption, const pairs *p, bool ordered, size_t variables) {
  const search_scores *s = p->scores;
  ls_text_add(caption, "The points of the sweep against pairs of variables");
  if (p->count < variables) {
    ls_text_add(caption, ", of the %zu %s", p->count,
                ordered ? "most important ones" : "first ones");
  }
  ls_text_add(caption, "; the colour is the ");
  search_add_metric(caption, s);
  ls_text_add(caption, ", darker is better. Values of a variable with few of them, and texts, are "
                       "spread around their place.");
  if (p->drawn < s->count + s->lost_count) {
    ls_text_add(caption, " %zu of %zu points.", p->drawn, s->count + s->lost_count);
  }
  if (is_conditional(p)) {
    ls_text_add(caption, " Points that do not have a variable are not in its panels.");
  }
  size_t without = p->results->points - s->count - s->lost_count;
  if (without > 0) ls_text_add(caption, " Points without that value (%zu) are left out.", without);
  report_add_outliers(caption, &s->range, "The lightest colour also stands for ", "");
}

static void fill_panels(pairs *p) {
  size_t panels = p->count * (p->count - 1) / 2, number = 0;
  if (ls_plot_begin_columns(&p->plot, panels, WIDTH, HEIGHT) != LS_OK) return;
  for (size_t i = 0; i < p->count; i++) {
    for (size_t k = i + 1; k < p->count; k++) {
      ls_plot_panel *panel = ls_plot_place_cell(&p->plot, number++, 0, 0);
      panel->grid = "x y";
      set_axis(p, &panel->x, p->variables[i]);
      set_axis(p, &panel->y, p->variables[k]);
      for (int m = 0; m < MARKS; m++) {
        add_points(p, panel, p->variables[i], p->variables[k], (mark)m);
      }
    }
  }
  add_legend(p);
}

void search_draw_pairs(report_figures *list, const search_scores *s,
                       const search_importance *importance) {
  pairs p = {.scores = s, .results = s->summary->results, .plot = {.title = "Pairs of variables"}};
  while (p.count < MOST_VARIABLES && p.count < importance->count) {
    p.variables[p.count] = importance->variables[p.count];
    p.count++;
  }
  if (p.count < 2 || s->count < FEWEST_POINTS || !choose_points(&p)) return;
  fill_panels(&p);
  ls_text caption = {0};
  add_caption(&caption, &p, importance->values, importance->count);
  report_figure_add(list, "pairs", &caption, &p.plot);
}
