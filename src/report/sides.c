/* Matching the points of several results files, and testing their differences. */
#include "report/sides.h"

#include "base/paths.h"
#include "lockstep/error.h"
#include "report/format.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Whether value i of one axis is value k of the other. A range that was computed twice may differ
 * in the last digits. */
static bool same_value(const report_axis *a, size_t i, const report_axis *b, size_t k) {
  if (!a->numbers || !b->numbers) return strcmp(a->labels[i], b->labels[k]) == 0;
  double x = a->numbers[i], y = b->numbers[k];
  return fabs(x - y) <= 1e-12 * fmax(fabs(x), fabs(y));
}

static bool points_match(const report_results *a, size_t p, const report_results *b, size_t q) {
  for (size_t v = 0; v < a->variable_count; v++) {
    const report_axis *axis = &a->variables[v], *other = report_find_variable(b, axis->name);
    if (!other) continue;
    size_t k = report_index(b, q, (size_t)(other - b->variables));
    if (!same_value(axis, report_index(a, p, v), other, k)) return false;
  }
  return true;
}

/* A variable of several values that the other file lacks, or NULL. */
static const char *own_variable(const report_results *r, const report_results *other) {
  for (size_t v = 0; v < r->variable_count; v++) {
    const report_axis *axis = &r->variables[v];
    if (axis->count > 1 && !report_find_variable(other, axis->name)) return axis->name;
  }
  return NULL;
}

/* The fold of repeat `i` of a point: the last axis. */
static size_t fold_of(const report_results *r, size_t i) {
  return r->folds ? i % r->folds : 0;
}

/* The trial of point q that has seed and fold of a trial of another file, or SIZE_MAX. */
static size_t find_partner(const report_results *b, size_t q, const report_results *a,
                           size_t trial) {
  for (size_t i = 0; i < b->repeats; i++) {
    size_t t = q * b->repeats + i;
    bool same_fold = fold_of(a, trial % a->repeats) == fold_of(b, i);
    if (same_fold && a->trials[trial].seed == b->trials[t].seed) return t;
  }
  return SIZE_MAX;
}

/* Tests b - a. The file with fewer trials decides whether they are paired. */
static int test_match(report_match *m, report_sides *sides) {
  const report_results *a = sides->results[0], *b = sides->results[m->other];
  bool paired = a->folds == b->folds, swap = b->repeats < a->repeats;
  const report_results *few = swap ? b : a, *many = swap ? a : b;
  const report_curve *of_few = report_find_curve(few, sides->metric);
  const report_curve *of_many = report_find_curve(many, sides->metric);
  size_t few_point = swap ? m->b : m->a, many_point = swap ? m->a : m->b;
  double *x = ls_memory_new(&sides->memory, 2 * few->repeats, sizeof *x), *y = x + few->repeats;
  if (!x) return LS_FAILED;
  for (size_t i = 0; i < few->repeats && paired; i++) {
    size_t trial = few_point * few->repeats + i;
    size_t partner = find_partner(many, many_point, few, trial);
    paired = partner != SIZE_MAX;
    if (!paired) break;
    x[i] = report_final(few, of_few, trial);
    y[i] = report_final(many, of_many, partner);
  }
  m->test = !paired ? report_test_welch(&m->b_stat, &m->a_stat)
                    : report_test_paired(swap ? x : y, swap ? y : x, few->repeats);
  return LS_OK;
}

/* Appends to a name the variables of several values, without those that the other file has. */
static char *add_variables(ls_memory *memory, char *name, const report_results *r, size_t point,
                           const report_results *without) {
  for (size_t v = 0; v < r->variable_count && name; v++) {
    const report_axis *axis = &r->variables[v];
    const report_axis *shown = without ? report_find_variable(without, axis->name) : NULL;
    if (axis->count == 1 || (shown && shown->count > 1)) continue;
    name = ls_memory_text(memory, "%s%s%s = %s", name, *name ? ", " : "", axis->name,
                          report_label(r, point, v));
  }
  return name;
}

static int add_match(report_sides *sides, size_t other, size_t p, size_t q) {
  report_match *m = &sides->matches[sides->match_count++];
  const report_results *a = sides->results[0], *b = sides->results[other];
  *m = (report_match){.other = other, .a = p, .b = q};
  m->name = add_variables(&sides->memory, ls_memory_text(&sides->memory, "%s", ""), a, p, NULL);
  m->name = add_variables(&sides->memory, m->name, b, q, a);
  m->a_stat = report_metric(sides->summaries[0], p, sides->metric);
  m->b_stat = report_metric(sides->summaries[other], q, sides->metric);
  return test_match(m, sides);
}

static int match_file(report_sides *sides, size_t other, size_t capacity) {
  const report_results *a = sides->results[0], *b = sides->results[other];
  const char *own_a = own_variable(a, b), *own_b = own_variable(b, a);
  if (own_a && own_b) {
    return ls_fail(LS_INVALID,
                   "report: %s sweeps over %s and %s over %s, so that their points don't match",
                   sides->names[0], own_a, sides->names[other], own_b);
  }
  size_t before = sides->match_count;
  int status = LS_OK;
  for (size_t i = 0; i < a->points * b->points && status == LS_OK; i++) {
    if (!points_match(a, i / b->points, b, i % b->points)) continue;
    if (sides->match_count == capacity) {
      return ls_fail(LS_INVALID, "report: %s and %s have values of a variable several times",
                     sides->names[0], sides->names[other]);
    }
    status = add_match(sides, other, i / b->points, i % b->points);
  }
  if (status == LS_OK && sides->match_count == before) {
    return ls_fail(LS_INVALID, "report: %s and %s have no point in common", sides->names[0],
                   sides->names[other]);
  }
  return status;
}

static int match_all(report_sides *sides) {
  size_t capacity = 0; /* every point of the larger file once */
  for (size_t i = 1; i < sides->count; i++) {
    size_t a = sides->results[0]->points, b = sides->results[i]->points;
    capacity += a > b ? a : b;
  }
  sides->matches = ls_memory_new(&sides->memory, capacity, sizeof *sides->matches);
  report_test *tests = ls_memory_new(&sides->memory, capacity, sizeof *tests);
  int status = ls_memory_status(&sides->memory);
  for (size_t i = 1; i < sides->count && status == LS_OK; i++) {
    status = match_file(sides, i, capacity);
  }
  for (size_t i = 0; i < sides->match_count; i++) tests[i] = sides->matches[i].test;
  if (status == LS_OK) status = report_holm(tests, sides->match_count);
  for (size_t i = 0; i < sides->match_count; i++) sides->matches[i].test = tests[i];
  return status;
}

/* Names a file: "a" for "results/a.h5", or its path where an earlier one has that name. */
static int name_file(report_sides *sides, size_t i, const char *path) {
  const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
  sides->names[i] = ls_memory_text(&sides->memory, "%.*s", (int)ls_stem_length(name), name);
  for (size_t k = 0; k < i && sides->names[i]; k++) {
    if (strcmp(sides->names[i], sides->names[k]) != 0) continue;
    sides->names[i] = ls_memory_text(&sides->memory, "%s", path);
  }
  return ls_memory_status(&sides->memory);
}

static int read_file(report_sides *sides, size_t i, const char *path) {
  int status = report_results_read(&sides->results[i], path);
  if (status == LS_OK) status = report_summary_create(&sides->summaries[i], sides->results[i]);
  if (status != LS_OK) return status;
  sides->metric = sides->results[0]->reference_metric;
  if (!report_find_curve(sides->results[i], sides->metric)) {
    return ls_fail(LS_INVALID, "%s: has no %s to compare", path, sides->metric);
  }
  return name_file(sides, i, path);
}

static int choose_decimals(const report_sides *sides) {
  double largest = 0, deviation = NAN;
  for (size_t i = 0; i < sides->match_count; i++) {
    const report_match *m = &sides->matches[i];
    report_widen_decimals(&largest, &deviation, m->a_stat.mean, m->a_stat.deviation);
    report_widen_decimals(&largest, &deviation, m->b_stat.mean, m->b_stat.deviation);
  }
  return report_decimals(largest, deviation);
}

int report_sides_create(report_sides **out, const char *const *files, size_t count) {
  *out = NULL;
  report_sides *sides = ls_new(1, sizeof *sides);
  if (!sides) return LS_FAILED;
  sides->names = ls_memory_new(&sides->memory, count, sizeof *sides->names);
  sides->results = ls_memory_new(&sides->memory, count, sizeof(report_results *));
  sides->summaries = ls_memory_new(&sides->memory, count, sizeof(report_summary *));
  int status = ls_memory_status(&sides->memory);
  while (status == LS_OK && sides->count < count) {
    size_t i = sides->count++;
    status = read_file(sides, i, files[i]);
  }
  if (status == LS_OK) status = match_all(sides);
  if (status == LS_OK) {
    sides->better = report_find_curve(sides->results[0], sides->metric)->better;
    sides->decimals = choose_decimals(sides);
    *out = sides;
  } else {
    report_sides_free(&sides);
  }
  return status;
}

void report_sides_free(report_sides **sides) {
  report_sides *s = *sides;
  if (!s) return;
  for (size_t i = 0; i < s->count; i++) {
    report_summary_free(&s->summaries[i]);
    report_results_free(&s->results[i]);
  }
  ls_memory_free(&s->memory);
  free(s);
  *sides = NULL;
}
