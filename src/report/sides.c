/* Matching the points of several results files, and testing their differences. */
#include "report/sides.h"

#include "base/memory.h"
#include "base/text.h"
#include "lockstep/error.h"
#include "report/format.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const ls_report_axis *find_variable(const ls_report_results *r, const char *name) {
  for (size_t v = 0; v < r->variable_count; v++) {
    if (strcmp(r->variables[v].name, name) == 0) return &r->variables[v];
  }
  return NULL;
}

/* Whether value i of one axis is value k of the other. A range that was computed twice may differ
 * in the last digits. */
static bool same_value(const ls_report_axis *a, size_t i, const ls_report_axis *b, size_t k) {
  if (!a->numbers || !b->numbers) return strcmp(a->labels[i], b->labels[k]) == 0;
  double x = a->numbers[i], y = b->numbers[k];
  return fabs(x - y) <= 1e-12 * fmax(fabs(x), fabs(y));
}

static bool points_match(const ls_report_results *a, size_t p, const ls_report_results *b,
                         size_t q) {
  for (size_t v = 0; v < a->variable_count; v++) {
    const ls_report_axis *axis = &a->variables[v], *other = find_variable(b, axis->name);
    if (!other) continue;
    size_t k = ls_report_index(b, q, (size_t)(other - b->variables));
    if (!same_value(axis, ls_report_index(a, p, v), other, k)) return false;
  }
  return true;
}

/* A variable of several values that the other file lacks, or NULL. */
static const char *own_variable(const ls_report_results *r, const ls_report_results *other) {
  for (size_t v = 0; v < r->variable_count; v++) {
    const ls_report_axis *axis = &r->variables[v];
    if (axis->count > 1 && !find_variable(other, axis->name)) return axis->name;
  }
  return NULL;
}

/* The final value of a trial, NaN if it has none. */
static double value_of(const ls_report_results *r, const char *metric, size_t trial) {
  for (size_t c = 0; c < r->final_count; c++) {
    bool wanted = strcmp(r->finals[c].name, metric) == 0;
    if (wanted) return ls_report_finished(&r->trials[trial]) ? r->finals[c].values[trial] : NAN;
  }
  return ls_report_final(r, ls_report_find_curve(r, metric), trial);
}

/* The fold of repeat `i` of a point: the last axis. */
static size_t fold_of(const ls_report_results *r, size_t i) {
  return r->folds ? i % r->folds : 0;
}

/* The trial of point q that has seed and fold of a trial of another file, or SIZE_MAX. */
static size_t find_partner(const ls_report_results *b, size_t q, const ls_report_results *a,
                           size_t trial) {
  for (size_t i = 0; i < b->repeats; i++) {
    size_t t = q * b->repeats + i;
    bool same_fold = fold_of(a, trial % a->repeats) == fold_of(b, i);
    if (same_fold && a->trials[trial].seed == b->trials[t].seed) return t;
  }
  return SIZE_MAX;
}

/* Tests b - a. The file with fewer trials decides whether they are paired. */
static int test_match(ls_report_match *m, const ls_report_sides *sides) {
  const ls_report_results *a = sides->results[0], *b = sides->results[m->other];
  bool paired = a->folds == b->folds, swap = b->repeats < a->repeats;
  const ls_report_results *few = swap ? b : a, *many = swap ? a : b;
  size_t few_point = swap ? m->b : m->a, many_point = swap ? m->a : m->b;
  double *x = ls_new(2 * few->repeats, sizeof *x), *y = x + few->repeats;
  if (!x) return LS_FAILED;
  for (size_t i = 0; i < few->repeats && paired; i++) {
    size_t trial = few_point * few->repeats + i;
    size_t partner = find_partner(many, many_point, few, trial);
    paired = partner != SIZE_MAX;
    if (!paired) break;
    x[i] = value_of(few, sides->metric, trial);
    y[i] = value_of(many, sides->metric, partner);
  }
  m->test = !paired ? ls_report_test_welch(&m->b_stat, &m->a_stat)
            : swap  ? ls_report_test_paired(x, y, few->repeats)
                    : ls_report_test_paired(y, x, few->repeats);
  free(x);
  return LS_OK;
}

static int match_file(ls_report_sides *sides, size_t other, size_t capacity) {
  const ls_report_results *a = sides->results[0], *b = sides->results[other];
  const char *own_a = own_variable(a, b), *own_b = own_variable(b, a);
  if (own_a && own_b) {
    return ls_fail(LS_INVALID,
                   "report: %s sweeps over %s and %s over %s, so that their points don't match",
                   sides->names[0], own_a, sides->names[other], own_b);
  }
  size_t before = sides->match_count;
  int status = LS_OK;
  for (size_t p = 0; p < a->points; p++) {
    for (size_t q = 0; q < b->points && status == LS_OK; q++) {
      if (!points_match(a, p, b, q)) continue;
      if (sides->match_count == capacity) {
        return ls_fail(LS_INVALID, "report: %s and %s have values of a variable several times",
                       sides->names[0], sides->names[other]);
      }
      ls_report_match *m = &sides->matches[sides->match_count++];
      m->other = other;
      m->a = p;
      m->b = q;
      m->a_stat = ls_report_metric(a, sides->summaries[0], p, sides->metric);
      m->b_stat = ls_report_metric(b, sides->summaries[other], q, sides->metric);
      status = test_match(m, sides);
    }
  }
  if (status == LS_OK && sides->match_count == before) {
    return ls_fail(LS_INVALID, "report: %s and %s have no point in common", sides->names[0],
                   sides->names[other]);
  }
  return status;
}

static int match_all(ls_report_sides *sides) {
  size_t capacity = 0; /* every point of the larger file once */
  for (size_t i = 1; i < sides->count; i++) {
    size_t a = sides->results[0]->points, b = sides->results[i]->points;
    capacity += a > b ? a : b;
  }
  sides->matches = ls_new(capacity, sizeof *sides->matches);
  ls_report_test *tests = ls_new(capacity, sizeof *tests);
  int status = sides->matches && tests ? LS_OK : LS_FAILED;
  for (size_t i = 1; i < sides->count && status == LS_OK; i++) {
    status = match_file(sides, i, capacity);
  }
  for (size_t i = 0; i < sides->match_count; i++) tests[i] = sides->matches[i].test;
  if (status == LS_OK) status = ls_report_holm(tests, sides->match_count);
  for (size_t i = 0; i < sides->match_count; i++) sides->matches[i].test = tests[i];
  free(tests);
  return status;
}

/* "a" of "results/a.h5". */
static char *file_name(const char *path) {
  const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
  size_t length = strlen(name);
  if (length > 3 && strcmp(name + length - 3, ".h5") == 0) length -= 3;
  ls_text text = {0};
  ls_text_add_bytes(&text, name, length);
  return ls_text_take(&text);
}

static bool has_metric(const ls_report_results *r, const char *metric) {
  for (size_t c = 0; c < r->final_count; c++) {
    if (strcmp(r->finals[c].name, metric) == 0) return true;
  }
  return ls_report_find_curve(r, metric) != NULL;
}

static int read_file(ls_report_sides *sides, size_t i, const char *path) {
  int status = ls_report_results_read(&sides->results[i], path);
  if (status == LS_OK) {
    status = ls_report_summary_create(&sides->summaries[i], sides->results[i]);
  }
  if (status != LS_OK) return status;
  sides->metric = sides->results[0]->reference_metric;
  if (!has_metric(sides->results[i], sides->metric)) {
    return ls_fail(LS_INVALID, "%s: has no %s to compare", path, sides->metric);
  }
  sides->names[i] = file_name(path);
  for (size_t k = 0; k < i && sides->names[i]; k++) {
    if (strcmp(sides->names[i], sides->names[k]) != 0) continue;
    free(sides->names[i]); /* files of one name, in different folders */
    sides->names[i] = ls_copy_text(path);
  }
  return sides->names[i] ? LS_OK : LS_FAILED;
}

static int choose_decimals(const ls_report_sides *sides) {
  double largest = 0, deviation = NAN;
  for (size_t i = 0; i < sides->match_count; i++) {
    const ls_report_stat *stats[] = {&sides->matches[i].a_stat, &sides->matches[i].b_stat};
    for (int k = 0; k < 2; k++) {
      largest = fmax(largest, fabs(stats[k]->mean)); /* fmax and fmin pass over NaN */
      if (stats[k]->deviation > 0) deviation = fmin(deviation, stats[k]->deviation);
    }
  }
  return ls_report_decimals(largest, deviation);
}

int ls_report_sides_create(ls_report_sides **out, const char *const *files, size_t count) {
  *out = NULL;
  ls_report_sides *sides = ls_new(1, sizeof *sides);
  if (!sides) return LS_FAILED;
  sides->count = count;
  sides->names = ls_new(count, sizeof *sides->names);
  sides->results = ls_new(count, sizeof(ls_report_results *));
  sides->summaries = ls_new(count, sizeof(ls_report_summary *));
  int status = sides->names && sides->results && sides->summaries ? LS_OK : LS_FAILED;
  for (size_t i = 0; i < count && status == LS_OK; i++) status = read_file(sides, i, files[i]);
  if (status == LS_OK) status = match_all(sides);
  if (status == LS_OK) {
    sides->better = ls_report_better(sides->results[0], sides->metric);
    sides->decimals = choose_decimals(sides);
    *out = sides;
  } else {
    ls_report_sides_free(&sides);
  }
  return status;
}

void ls_report_sides_free(ls_report_sides **sides) {
  ls_report_sides *s = *sides;
  if (!s) return;
  for (size_t i = 0; i < s->count; i++) {
    if (s->names) free(s->names[i]);
    if (s->summaries) ls_report_summary_free(&s->summaries[i]);
    if (s->results) ls_report_results_free(&s->results[i]);
  }
  free(s->names);
  free(s->results);
  free(s->summaries);
  free(s->matches);
  free(s);
  *sides = NULL;
}

static void add_variables(ls_text *out, const ls_report_results *r, size_t point,
                          const ls_report_results *without) {
  for (size_t v = 0; v < r->variable_count; v++) {
    const ls_report_axis *axis = &r->variables[v];
    const ls_report_axis *shown = without ? find_variable(without, axis->name) : NULL;
    if (axis->count == 1 || (shown && shown->count > 1)) continue;
    ls_text_add(out, "%s%s = %s", out->length ? ", " : "", axis->name,
                axis->labels[ls_report_index(r, point, v)]);
  }
}

char *ls_report_match_name(const ls_report_sides *sides, const ls_report_match *match) {
  ls_text text = {0};
  add_variables(&text, sides->results[0], match->a, NULL);
  add_variables(&text, sides->results[match->other], match->b, sides->results[0]);
  return ls_text_take(&text);
}
