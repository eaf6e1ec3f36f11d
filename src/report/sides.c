/* Matching the points of several results files, and testing their differences. */
#include "report/sides.h"

#include "base/holm.h"
#include "lockstep/error.h"
#include "report/format.h"
#include "report/reported.h"

#include <math.h>
#include <string.h>

/* Whether value i of one axis is value k of the other. A range that was computed twice may differ
 * in the last digits. */
static bool same_value(const report_axis *a, size_t i, const report_axis *b, size_t k) {
  if (!a->numbers || !b->numbers) return strcmp(a->labels[i], b->labels[k]) == 0;
  double x = a->numbers[i], y = b->numbers[k];
  return fabs(x - y) <= 1e-12 * fmax(fabs(x), fabs(y));
}

/* Variables that have one value in both files may differ. */
static bool points_match(const report_results *a, size_t p, const report_results *b, size_t q) {
  for (size_t v = 0; v < a->variable_count; v++) {
    const report_axis *axis = &a->variables[v], *other = report_find_variable(b, axis->name);
    if (!other || (axis->count == 1 && other->count == 1)) continue;
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
  const report_results *a = sides->files[0]->results, *b = sides->files[m->other]->results;
  bool paired = a->folds == b->folds, swap = b->repeats < a->repeats;
  const report_results *few = swap ? b : a, *many = swap ? a : b;
  const report_curve *of_few = report_find_curve(few, sides->metric);
  const report_curve *of_many = report_find_curve(many, sides->metric);
  size_t few_point = swap ? m->b : m->a, many_point = swap ? m->a : m->b;
  double *x = ls_memory_new(sides->memory, 2 * few->repeats, sizeof *x), *y = x + few->repeats;
  if (!x) return LS_FAILED;
  for (size_t i = 0; i < few->repeats && paired; i++) {
    size_t trial = few_point * few->repeats + i;
    size_t partner = find_partner(many, many_point, few, trial);
    paired = partner != SIZE_MAX;
    if (!paired) break;
    x[i] = report_value(few, of_few, trial, false);
    y[i] = report_value(many, of_many, partner, false);
  }
  m->test = !paired ? report_test_welch(&m->b_stat, &m->a_stat)
                    : report_test_paired(swap ? x : y, swap ? y : x, few->repeats);
  return LS_OK;
}

static int add_match(report_sides *sides, size_t other, size_t p, size_t q) {
  report_match *m = &sides->matches[sides->match_count++];
  const report_results *a = sides->files[0]->results, *b = sides->files[other]->results;
  *m = (report_match){.other = other, .a = p, .b = q};
  ls_text name = {0};
  report_add_swept(&name, b, q, a, report_add_swept(&name, a, p, NULL, ""));
  m->name = ls_memory_keep(sides->memory, ls_text_take(&name));
  if (!m->name) return LS_FAILED;
  sides->named |= *m->name != '\0';
  m->a_stat = report_metric(sides->files[0], sides->metric)->stats[p];
  m->b_stat = report_metric(sides->files[other], sides->metric)->stats[q];
  return test_match(m, sides);
}

static int match_file(report_sides *sides, size_t other, size_t capacity) {
  const report_results *a = sides->files[0]->results, *b = sides->files[other]->results;
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
    size_t a = sides->files[0]->results->points, b = sides->files[i]->results->points;
    capacity += a > b ? a : b;
  }
  sides->matches = ls_memory_new(sides->memory, capacity, sizeof *sides->matches);
  double **p = ls_memory_new(sides->memory, capacity, sizeof(double *));
  int status = ls_memory_status(sides->memory);
  for (size_t i = 1; i < sides->count && status == LS_OK; i++) {
    status = match_file(sides, i, capacity);
  }
  if (status != LS_OK) return status;
  for (size_t i = 0; i < sides->match_count; i++) p[i] = &sides->matches[i].test.p_holm;
  ls_holm(p, sides->match_count);
  return LS_OK;
}

/* A file's name, or its path where an earlier one has that name. */
static const char *name_of(const report_sides *sides, size_t i) {
  const report_results *r = sides->files[i]->results;
  for (size_t k = 0; k < i; k++) {
    if (strcmp(r->name, sides->names[k]) == 0) return r->path;
  }
  return r->name;
}

static int read_file(report_sides *sides, size_t i, const char *path) {
  int status = report_read(&sides->files[i], sides->memory, path);
  if (status != LS_OK) return status;
  sides->names[i] = name_of(sides, i);
  sides->metric = report_compared_metric(sides->files[0]->results);
  if (report_find_curve(sides->files[i]->results, sides->metric)) return LS_OK;
  return ls_fail(LS_INVALID, "%s: has no %s to compare", path, sides->metric);
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

int report_compare(report_sides **out, ls_memory *memory, const char *const *files, size_t count) {
  report_sides *sides = *out = ls_memory_new(memory, 1, sizeof *sides);
  if (!sides) return LS_FAILED;
  *sides = (report_sides){.memory = memory, .count = count};
  sides->names = ls_memory_new(memory, count, sizeof *sides->names);
  sides->files = ls_memory_new(memory, count, sizeof *sides->files);
  int status = ls_memory_status(memory);
  for (size_t i = 0; i < count && status == LS_OK; i++) status = read_file(sides, i, files[i]);
  if (status == LS_OK) status = match_all(sides);
  if (status != LS_OK) return status;
  sides->better = report_find_curve(sides->files[0]->results, sides->metric)->better;
  sides->decimals = choose_decimals(sides);
  return LS_OK;
}
