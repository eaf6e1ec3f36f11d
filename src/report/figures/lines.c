/* Which points of the sweep a chart draws, and their values. */
#include "report/figures/chart.h"

#include "lockstep/error.h"

#include <math.h>
#include <string.h>

/* ---- Values ---------------------------------------------------------------------------------- */

report_stat chart_stat(const report_summary *s, const report_chart *chart,
                       const report_curve *curve, size_t point, size_t place) {
  return chart->x == CHART_EPOCH ? report_at(s->results, curve, point, place)
                                 : report_stat_of(s->results, curve, point, chart->best);
}

static bool has_values(const report_summary *s, const report_chart *chart, size_t point) {
  size_t places = chart->x == CHART_EPOCH ? s->results->epochs : 1;
  for (size_t c = 0; c < chart->curve_count; c++) {
    for (size_t k = 0; k < places; k++) {
      if (chart_stat(s, chart, chart->curves[c], point, k).n) return true;
    }
  }
  return false;
}

/* ---- Places ---------------------------------------------------------------------------------- */

/* The number of a point's value along a variable, in the order in which values are drawn. */
static size_t place_of(const report_results *r, size_t point, size_t variable) {
  const report_axis *axis = &r->variables[variable];
  size_t index = report_index(r, point, variable), place = 0;
  while (axis->order[place] != index) place++;
  return place;
}

static bool is_variable(size_t variable) {
  return variable < CHART_METRIC;
}

static size_t count_of(const report_results *r, size_t variable) {
  return is_variable(variable) ? r->variables[variable].count : 1;
}

/* Whether the variable distinguishes lines. */
static bool makes_lines(const report_chart *chart, const report_results *r, size_t v) {
  if (chart->color != CHART_NONE) return v == chart->color;
  return v != chart->x && v != chart->panel && r->variables[v].count > 1;
}

/* The number of a point's line among all. */
static size_t line_of(const chart_lines *out, const report_results *r, const report_chart *chart,
                      size_t point) {
  size_t line = 0;
  for (size_t v = 0; v < r->variable_count && out->all > 1; v++) {
    if (makes_lines(chart, r, v)) line = line * r->variables[v].count + place_of(r, point, v);
  }
  return line;
}

static size_t count_lines(const report_results *r, const report_chart *chart) {
  size_t lines = 1;
  for (size_t v = 0; v < r->variable_count; v++) {
    if (makes_lines(chart, r, v)) lines *= r->variables[v].count;
  }
  return lines;
}

/* ---- Choosing lines -------------------------------------------------------------------------- */

/* Lists the lines that have a value, in the order of their best points' ranks. `seen` [line]. */
static void rank_lines(chart_lines *out, const report_summary *s, const report_chart *chart,
                       bool *seen, size_t *ranked) {
  const report_results *r = s->results;
  for (size_t i = 0; i < r->points && out->drawable < out->all; i++) {
    size_t line = line_of(out, r, chart, s->ranking[i]);
    if (seen[line] || !has_values(s, chart, s->ranking[i])) continue;
    seen[line] = true;
    ranked[out->drawable++] = line;
  }
}

/* Numbers the lines that are drawn, in the order of the sweep: all that have a value, or as many as
 * a chart may have, evenly in rank from the best to the worst. `numbers` [line]; SIZE_MAX: not
 * drawn. */
static int number_lines(chart_lines *out, const report_summary *s, const report_chart *chart,
                        size_t *numbers) {
  bool *chosen = ls_memory_new(s->memory, out->all, sizeof *chosen);
  size_t *ranked = ls_memory_new(s->memory, out->all, sizeof *ranked);
  if (!chosen || !ranked) return LS_FAILED;
  rank_lines(out, s, chart, chosen, ranked);
  bool limited = chart->color == CHART_NONE && out->drawable > chart->most_lines;
  size_t most = limited ? chart->most_lines : out->drawable, gaps = most > 1 ? most - 1 : 1;
  memset(chosen, 0, out->all * sizeof *chosen);
  /* Number n of those chosen has rank n (drawable - 1) / (most - 1), rounded. */
  for (size_t n = 0; n < most; n++) {
    chosen[ranked[(2 * n * (out->drawable - 1) + gaps) / (2 * gaps)]] = true;
  }
  for (size_t i = 0; i < out->all; i++) numbers[i] = chosen[i] ? out->lines++ : SIZE_MAX;
  return LS_OK;
}

/* With several points at one place of a line, the one that is ranked first stays. */
static void place_points(chart_lines *out, const report_summary *s, const report_chart *chart,
                         const size_t *numbers) {
  const report_results *r = s->results;
  for (size_t i = 0; i < out->panels * out->lines * out->places; i++) out->points[i] = SIZE_MAX;
  for (size_t i = 0; i < r->points; i++) {
    size_t point = s->ranking[i], line = numbers[line_of(out, r, chart, point)];
    if (line == SIZE_MAX || !has_values(s, chart, point)) continue;
    size_t panel = is_variable(chart->panel) ? place_of(r, point, chart->panel) : 0;
    size_t place = is_variable(chart->x) ? place_of(r, point, chart->x) : 0;
    size_t *at = &out->points[(panel * out->lines + line) * out->places + place];
    out->merged |= *at != SIZE_MAX;
    if (*at == SIZE_MAX) *at = point;
  }
}

int chart_make_lines(chart_lines *out, const report_summary *s, const report_chart *chart) {
  const report_results *r = s->results;
  *out = (chart_lines){.panels = count_of(r, chart->panel), .places = count_of(r, chart->x)};
  out->all = count_lines(r, chart);
  /* Against a variable, a selection of many lines would hide the best ones of the others. */
  bool many = chart->color == CHART_NONE && out->all > chart->most_lines;
  if (many && is_variable(chart->x)) out->all = 1;
  size_t *numbers = ls_memory_new(s->memory, out->all, sizeof *numbers);
  int status = numbers ? number_lines(out, s, chart, numbers) : LS_FAILED;
  if (status != LS_OK) return status;
  size_t cells = out->panels * out->lines * out->places;
  out->points = ls_memory_new(s->memory, cells, sizeof *out->points);
  if (!out->points) return LS_FAILED;
  place_points(out, s, chart, numbers);
  return LS_OK;
}

/* ---- Looking up ------------------------------------------------------------------------------ */

size_t chart_point(const chart_lines *l, size_t panel, size_t line, size_t place) {
  return l->points[(panel * l->lines + line) * l->places + (l->places > 1 ? place : 0)];
}

/* Any point of a line, from whichever panel. */
static size_t any_point(const chart_lines *l, size_t line) {
  for (size_t i = 0; i < l->panels * l->places; i++) {
    size_t point = chart_point(l, i / l->places, line, i % l->places);
    if (point != SIZE_MAX) return point;
  }
  return SIZE_MAX;
}

void chart_add_line_name(ls_text *out, const report_results *r, const report_chart *chart,
                         const chart_lines *lines, size_t line) {
  size_t point = any_point(lines, line);
  for (size_t v = 0; v < r->variable_count && point != SIZE_MAX && lines->all > 1; v++) {
    if (!makes_lines(chart, r, v)) continue;
    ls_text_add(out, "%s%s = %s", out->length ? ", " : "", r->variables[v].name,
                report_label(r, point, v));
  }
}

bool chart_is_ordered(const report_results *r, const report_chart *chart) {
  size_t numeric = 0, others = 0;
  for (size_t v = 0; v < r->variable_count; v++) {
    if (makes_lines(chart, r, v)) (*(r->variables[v].numbers ? &numeric : &others))++;
  }
  return numeric == 1 && others == 0;
}
