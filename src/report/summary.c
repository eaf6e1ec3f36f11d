/* Ranking the points, testing them against the best, and the one-standard-error rule. */
#include "report/summary.h"

#include "base/holm.h"
#include "lockstep/error.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>

const report_stat *report_monitored(const report_summary *s, size_t point) {
  return &s->finals[s->monitor].stats[point];
}

int report_monitored_decimals(const report_summary *s) {
  return s->finals[s->monitor].decimals;
}

/* ---- Ranking ---- */

/* Whether point a is before point b in the ranking; the order of the sweep breaks ties. */
static bool ranks_before(const report_summary *s, size_t a, size_t b) {
  double x = report_monitored(s, a)->mean, y = report_monitored(s, b)->mean;
  if (isnan(x) || isnan(y)) return isnan(x) == isnan(y) ? a < b : isnan(y);
  if (x == y || s->better == 0) return a < b;
  return s->better > 0 ? x > y : x < y;
}

static int compare_points(const void *a, const void *b, void *summary) {
  return ranks_before(summary, *(const size_t *)a, *(const size_t *)b) ? -1 : 1;
}

static void rank_points(report_summary *s) {
  size_t n = s->results->points;
  for (size_t p = 0; p < n; p++) {
    s->ranking[p] = p;
    if (report_monitored(s, p)->n) s->ranked++;
  }
  qsort_r(s->ranking, n, sizeof *s->ranking, compare_points, s);
  bool known = s->ranked > 0 && (s->better != 0 || n == 1);
  s->best = known ? s->ranking[0] : SIZE_MAX;
}

/* ---- Points with the same weights ---- */

/* The order of two points by what their trials have; 0: the same. */
static int compare_outcomes(const report_summary *s, size_t a, size_t b) {
  const report_results *r = s->results;
  const report_curve *curve = &r->curves[s->monitor];
  for (size_t i = 0; i < r->repeats; i++) {
    size_t trials[] = {a * r->repeats + i, b * r->repeats + i};
    uint64_t x = r->trials[trials[0]].weights_hash, y = r->trials[trials[1]].weights_hash;
    if (x != y) return x < y ? -1 : 1;
    double u = report_value(r, curve, trials[0], false),
           v = report_value(r, curve, trials[1], false);
    if (u != v) return u < v ? -1 : 1;
  }
  return 0;
}

/* Sorts places in the ranking. */
static int compare_places(const void *a, const void *b, void *summary) {
  const report_summary *s = summary;
  size_t x = *(const size_t *)a, y = *(const size_t *)b;
  int order = compare_outcomes(s, s->ranking[x], s->ranking[y]);
  return order != 0 ? order : x < y ? -1 : x > y;
}

static bool is_complete(const report_summary *s, size_t point) {
  const size_t *counts = s->points[point].counts;
  return counts[REPORT_DONE] + counts[REPORT_STOPPED_EARLY] == s->results->repeats;
}

/* Finds the points that are the same training under different values of the variables: all their
 * trials have finished, and those of the same replicate and fold have the same weights, bit for
 * bit, and the same monitored value. Jobs that have such points are refused, but results of earlier
 * versions may have them. */
static int find_repeats(report_summary *s) {
  size_t *places = ls_new(s->ranked, sizeof *places), count = 0;
  if (!places) return LS_FAILED;
  for (size_t i = 0; i < s->results->points; i++) {
    s->same[s->ranking[i]] = s->ranking[i];
    if (i < s->ranked && is_complete(s, s->ranking[i])) places[count++] = i;
  }
  qsort_r(places, count, sizeof *places, compare_places, s);
  for (size_t i = 1, first = 0; i < count; i++) {
    if (compare_outcomes(s, s->ranking[places[first]], s->ranking[places[i]]) != 0) {
      first = i;
    } else {
      s->same[s->ranking[places[i]]] = s->ranking[places[first]];
      s->repeated++;
    }
  }
  free(places);
  return LS_OK;
}

/* ---- Against the best ---- */

/* Whether the same variables have values at both points. Others make networks of different kinds,
 * which the variables do not order. */
static bool is_comparable(const report_results *r, size_t a, size_t b) {
  bool same = true;
  for (size_t v = 0; v < r->variable_count; v++) {
    size_t missing = r->variables[v].missing;
    same &= (report_index(r, a, v) == missing) == (report_index(r, b, v) == missing);
  }
  return same;
}

/* Whether point a is simpler than b: by the first variable that orders them and in which they
 * differ; at a tie the better one. */
static bool is_simpler(const report_summary *s, size_t a, size_t b) {
  const report_results *r = s->results;
  if (!is_comparable(r, a, b)) return false;
  for (size_t v = 0; v < r->variable_count; v++) {
    const report_axis *axis = &r->variables[v];
    size_t i = report_index(r, a, v), k = report_index(r, b, v);
    if (axis->simpler == 0 || !axis->values || i == k || i == axis->missing) continue;
    double x = axis->values[i], y = axis->values[k];
    if (x != y) return axis->simpler * x > axis->simpler * y;
  }
  return s->better * report_monitored(s, a)->mean > s->better * report_monitored(s, b)->mean;
}

static void apply_rule(report_summary *s) {
  const report_results *r = s->results;
  const report_stat *best = report_monitored(s, s->best);
  double error = best->deviation / sqrt((double)best->n); /* NaN for n < 2 */
  s->bound = best->mean - s->better * error;
  if (isnan(s->bound)) return;
  for (size_t v = 0; v < r->variable_count; v++) {
    if (r->variables[v].simpler) s->simplest = s->best;
  }
  for (size_t i = 0; i < s->ranked; i++) {
    size_t point = s->ranking[i];
    if (s->better * report_monitored(s, point)->mean < s->better * s->bound) continue;
    s->within[point] = true;
    s->within_count++;
    if (s->simplest != SIZE_MAX && is_simpler(s, point, s->simplest)) s->simplest = point;
  }
}

/* The monitored values of a point's trials. */
static void gather(const report_summary *s, size_t point, double *values) {
  const report_results *r = s->results;
  for (size_t i = 0; i < r->repeats; i++) {
    values[i] = report_value(r, &r->curves[s->monitor], point * r->repeats + i, false);
  }
}

static int test_points(report_summary *s) {
  size_t repeats = s->results->repeats;
  double *best = ls_memory_new(s->memory, 2 * repeats, sizeof *best), *values = best + repeats;
  double **p = ls_memory_new(s->memory, s->ranked, sizeof(double *));
  if (!best || !p) return LS_FAILED;
  gather(s, s->best, best);
  size_t different = 0;
  for (size_t i = 1; i < s->ranked; i++) {
    size_t point = s->ranking[i];
    gather(s, point, values);
    s->tests[point] = report_test_paired(values, best, repeats);
    if (s->same[point] == point) p[different++] = &s->tests[point].p_holm;
  }
  ls_holm(p, different);
  for (size_t i = 0; i < s->ranked; i++) {
    size_t point = s->ranking[i];
    s->tests[point].p_holm = s->tests[s->same[point]].p_holm;
  }
  return LS_OK;
}

bool report_has_tests(const report_summary *s) {
  for (size_t p = 0; p < s->results->points; p++) {
    if (s->tests[p].pairs > 1) return true;
  }
  return false;
}

/* ---- Looking up ---- */

const report_values *report_metric(const report_summary *s, const char *name) {
  const report_curve *curve = report_find_curve(s->results, name);
  return curve ? &s->finals[curve - s->results->curves] : NULL;
}

double report_best(const report_summary *s, const report_stat *stat) {
  return s->better > 0 ? stat->most : stat->least;
}

/* ---- The whole ---- */

static int allocate(report_summary *s) {
  size_t n = s->results->points;
  s->points = ls_memory_new(s->memory, n, sizeof *s->points);
  s->finals = ls_memory_new(s->memory, s->results->curve_count, sizeof *s->finals);
  s->references = ls_memory_new(s->memory, s->results->reference_count, sizeof *s->references);
  s->orderings = ls_memory_new(s->memory, s->results->ordering_count, sizeof *s->orderings);
  s->findings = ls_memory_new(s->memory, s->results->ordering_count, sizeof *s->findings);
  s->ranking = ls_memory_new(s->memory, n, sizeof *s->ranking);
  s->tests = ls_memory_new(s->memory, n, sizeof *s->tests);
  s->same = ls_memory_new(s->memory, n, sizeof *s->same);
  s->within = ls_memory_new(s->memory, n, sizeof *s->within);
  if (ls_memory_status(s->memory) != LS_OK) return LS_FAILED;
  for (size_t p = 0; p < n; p++) s->tests[p] = REPORT_NO_TEST;
  return LS_OK;
}

static int fill(report_summary *s) {
  const report_results *r = s->results;
  int status = LS_OK;
  for (size_t p = 0; p < r->points; p++) {
    s->points[p] = report_point_of(r, p);
    for (int k = 0; k < REPORT_STATUS_COUNT; k++) s->counts[k] += s->points[p].counts[k];
  }
  for (size_t c = 0; c < r->curve_count && status == LS_OK; c++) {
    status = report_values_of(&s->finals[c], s->memory, r, r->curves[c].name, false);
  }
  for (size_t i = 0; i < r->reference_count && status == LS_OK; i++) {
    const report_reference *one = &r->references[i];
    status = report_values_of(&s->references[i], s->memory, r, one->metric, one->best);
  }
  for (size_t i = 0; i < r->ordering_count && status == LS_OK; i++) {
    const report_ordering *one = &r->orderings[i];
    report_values *values = &s->orderings[i];
    status = report_values_of(values, s->memory, r, one->metric, one->best);
    if (status == LS_OK) status = report_judge(&s->findings[i], s->memory, r, one, values);
  }
  return status;
}

int report_summarize(report_summary **out, ls_memory *memory, const report_results *results) {
  report_summary *s = *out = ls_memory_new(memory, 1, sizeof *s);
  if (!s) return LS_FAILED;
  s->results = results;
  s->memory = memory;
  s->monitor = (size_t)(report_find_curve(results, results->monitor) - results->curves);
  s->better = results->curves[s->monitor].better;
  s->bound = NAN;
  s->simplest = SIZE_MAX;
  int status = allocate(s);
  if (status == LS_OK) status = fill(s);
  if (status != LS_OK) return status;
  rank_points(s);
  if (s->best == SIZE_MAX) return LS_OK;
  apply_rule(s);
  status = find_repeats(s);
  return status == LS_OK ? test_points(s) : status;
}

int report_read(report_summary **out, ls_memory *memory, const char *path) {
  report_results *results = NULL;
  int status = report_results_read(&results, memory, path);
  return status == LS_OK ? report_summarize(out, memory, results) : status;
}
