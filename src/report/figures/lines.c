/* Which points of the sweep a chart draws, and their values. */
#include "report/figures/drawing.h"

#include <string.h>

/* Of all lines together: more would be less than a pixel apart. */
enum { MOST_PLACES = 2000 };

/* ---- Values ---------------------------------------------------------------------------------- */

report_stat chart_stat(const chart_drawing *d, const report_curve *curve, size_t point,
                       size_t place) {
  return d->over_epochs ? report_at(d->results, curve, point, place)
                        : report_stat_of(d->results, curve, point, d->chart->best);
}

static bool has_values(const chart_drawing *d, size_t point) {
  size_t places = d->over_epochs ? d->results->epochs : 1;
  for (size_t c = 0; c < d->chart->curve_count; c++) {
    for (size_t k = 0; k < places; k++) {
      if (chart_stat(d, d->chart->curves[c], point, k).n) return true;
    }
  }
  return false;
}

/* ---- Places ---------------------------------------------------------------------------------- */

static bool is_variable(size_t variable) {
  return variable < CHART_METRIC;
}

static size_t count_of(const report_results *r, size_t variable) {
  return is_variable(variable) ? r->variables[variable].count : 1;
}

/* The number of a point's value along a variable, in the order in which values are drawn. */
static size_t place_of(const report_results *r, size_t point, size_t variable) {
  if (!is_variable(variable)) return 0;
  return r->variables[variable].places[report_index(r, point, variable)];
}

/* Whether the variable distinguishes lines. */
static bool makes_lines(const chart_drawing *d, size_t v) {
  const report_chart *chart = d->chart;
  if (chart->color != CHART_NONE) return v == chart->color;
  return v != chart->x && v != chart->panel && d->results->variables[v].count > 1;
}

/* Whether each point is a line of its own: where the sweep is no grid few points have values in
 * common. */
static bool separates_points(const chart_drawing *d) {
  return d->results->values && d->chart->color == CHART_NONE;
}

/* The number of a point's line among all. */
static size_t line_of(const chart_drawing *d, size_t point) {
  const report_results *r = d->results;
  size_t line = 0;
  if (d->lines.all > 1 && separates_points(d)) return point;
  for (size_t v = 0; v < r->variable_count && d->lines.all > 1; v++) {
    if (makes_lines(d, v)) line = line * r->variables[v].count + place_of(r, point, v);
  }
  return line;
}

static size_t count_lines(const chart_drawing *d) {
  size_t lines = 1;
  if (separates_points(d)) return d->results->points;
  for (size_t v = 0; v < d->results->variable_count; v++) {
    if (makes_lines(d, v)) lines *= d->results->variables[v].count;
  }
  return lines;
}

/* ---- Choosing lines -------------------------------------------------------------------------- */

/* Lists the lines that have a value, in the order of their best points' ranks. `seen` [line]. */
static void rank_lines(chart_drawing *d, bool *seen, size_t *ranked) {
  const size_t *ranking = d->summary->ranking;
  for (size_t i = 0; i < d->results->points && d->lines.drawable < d->lines.all; i++) {
    size_t line = line_of(d, ranking[i]);
    if (seen[line] || !has_values(d, ranking[i])) continue;
    seen[line] = true;
    ranked[d->lines.drawable++] = line;
  }
}

/* Numbers the lines that are drawn, in the order of the sweep: all that have a value, or as many as
 * a chart may have, evenly in rank from the best to the worst. `numbers` [line]; SIZE_MAX: not
 * drawn. */
static bool number_lines(chart_drawing *d, size_t *numbers) {
  chart_lines *l = &d->lines;
  bool *chosen = ls_memory_new(d->summary->memory, l->all, sizeof *chosen);
  size_t *ranked = ls_memory_new(d->summary->memory, l->all, sizeof *ranked);
  if (!chosen || !ranked) return false;
  rank_lines(d, chosen, ranked);
  bool limited = d->chart->color == CHART_NONE && l->drawable > d->chart->most_lines;
  size_t most = limited ? d->chart->most_lines : l->drawable, gaps = most > 1 ? most - 1 : 1;
  memset(chosen, 0, l->all * sizeof *chosen);
  /* Number n of those chosen has rank n (drawable - 1) / (most - 1), rounded. */
  for (size_t n = 0; n < most; n++) {
    chosen[ranked[(2 * n * (l->drawable - 1) + gaps) / (2 * gaps)]] = true;
  }
  for (size_t i = 0; i < l->all; i++) numbers[i] = chosen[i] ? l->lines++ : SIZE_MAX;
  return true;
}

/* Of several points at one place of a line the one that is ranked first stays, and of those at
 * `width` neighbouring places likewise. `taken` [panel, line, places / width]. */
static void place_points(chart_drawing *d, const size_t *numbers, bool *taken) {
  const report_results *r = d->results;
  chart_lines *l = &d->lines;
  const size_t slots = (l->places + l->width - 1) / l->width;
  for (size_t i = 0; i < l->panels * l->lines * l->places; i++) l->points[i] = SIZE_MAX;
  for (size_t i = 0; i < r->points; i++) {
    size_t point = d->summary->ranking[i], line = numbers[line_of(d, point)];
    if (line == SIZE_MAX || !has_values(d, point)) continue;
    size_t row = place_of(r, point, d->chart->panel) * l->lines + line;
    size_t place = place_of(r, point, d->chart->x), slot = row * slots + place / l->width;
    if (!taken[slot]) l->points[row * l->places + place] = point;
    l->merged |= taken[slot];
    taken[slot] = true;
  }
}

bool chart_make_lines(chart_drawing *d) {
  const report_chart *chart = d->chart;
  ls_memory *memory = d->summary->memory;
  chart_lines *l = &d->lines;
  l->panels = count_of(d->results, chart->panel);
  l->places = count_of(d->results, chart->x);
  l->all = count_lines(d);
  /* Against a variable, a selection of many lines would hide the best ones of the others. */
  bool many = chart->color == CHART_NONE && l->all > chart->most_lines;
  if (many && is_variable(chart->x)) l->all = 1;
  size_t *numbers = ls_memory_new(memory, l->all, sizeof *numbers);
  if (!numbers || !number_lines(d, numbers)) return false;
  const size_t rows = l->panels * l->lines;
  l->width = rows * l->places / MOST_PLACES + 1;
  if (l->width > l->places) l->width = l->places;
  l->points = ls_memory_new(memory, rows * l->places, sizeof *l->points);
  bool *taken = ls_memory_new(memory, rows * l->places, sizeof *taken);
  if (!l->points || !taken) return false;
  place_points(d, numbers, taken);
  return true;
}

/* ---- Looking up ------------------------------------------------------------------------------ */

size_t chart_point(const chart_drawing *d, size_t panel, size_t line, size_t place) {
  const chart_lines *l = &d->lines;
  if (l->panels == 1) panel = 0; /* those for metrics show the same lines */
  return l->points[(panel * l->lines + line) * l->places + (l->places > 1 ? place : 0)];
}

/* Any point of a line, from whichever panel. */
static size_t any_point(const chart_drawing *d, size_t line) {
  for (size_t i = 0; i < d->lines.panels * d->lines.places; i++) {
    size_t point = chart_point(d, i / d->lines.places, line, i % d->lines.places);
    if (point != SIZE_MAX) return point;
  }
  return SIZE_MAX;
}

void chart_add_line_name(ls_text *out, const chart_drawing *d, size_t line) {
  const report_results *r = d->results;
  size_t point = any_point(d, line);
  for (size_t v = 0; v < r->variable_count && point != SIZE_MAX && d->lines.all > 1; v++) {
    if (!makes_lines(d, v)) continue;
    ls_text_add(out, "%s%s = %s", out->length ? ", " : "", r->variables[v].name,
                report_label(r, point, v));
  }
}

bool chart_is_ordered(const chart_drawing *d) {
  size_t numeric = 0, others = 0;
  for (size_t v = 0; v < d->results->variable_count; v++) {
    if (makes_lines(d, v)) (*(d->results->variables[v].numbers ? &numeric : &others))++;
  }
  return numeric == 1 && others == 0;
}
