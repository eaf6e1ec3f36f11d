/* The tests against the best point, and the one-standard-error rule. */
#include "report/choice.h"

#include "base/memory.h"
#include "lockstep/error.h"
#include "report/format.h"
#include "report/table.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* Whether point a is simpler than b: by the first variable that orders them and in which they
 * differ; at a tie the better one. */
static bool is_simpler(const ls_report_results *r, const ls_report_summary *s, size_t a, size_t b) {
  for (size_t v = 0; v < r->variable_count; v++) {
    const ls_report_axis *axis = &r->variables[v];
    if (axis->simpler == 0) continue;
    double x = axis->numbers[ls_report_index(r, a, v)];
    double y = axis->numbers[ls_report_index(r, b, v)];
    if (x != y) return axis->simpler * x > axis->simpler * y;
  }
  double x = s->points[a].finals[s->monitor].mean, y = s->points[b].finals[s->monitor].mean;
  return s->better > 0 ? x > y : x < y;
}

static void apply_rule(ls_report_choice *choice, const ls_report_results *r,
                       const ls_report_summary *s) {
  const ls_report_stat *best = &s->points[s->best].finals[s->monitor];
  double error = best->deviation / sqrt((double)best->n); /* NaN for n < 2 */
  choice->bound = s->better > 0 ? best->mean - error : best->mean + error;
  if (isnan(choice->bound)) return;
  for (size_t v = 0; v < r->variable_count; v++) {
    if (r->variables[v].simpler) choice->simplest = s->best;
  }
  for (size_t i = 0; i < s->ranked; i++) {
    size_t point = s->ranking[i];
    double mean = s->points[point].finals[s->monitor].mean;
    if (s->better > 0 ? mean < choice->bound : mean > choice->bound) continue;
    choice->within[point] = true;
    choice->within_count++;
    if (choice->simplest != SIZE_MAX && is_simpler(r, s, point, choice->simplest)) {
      choice->simplest = point;
    }
  }
}

static int test_points(ls_report_choice *choice, const ls_report_results *r,
                       const ls_report_summary *s) {
  double *values = ls_new(2 * r->repeats, sizeof *values), *others = values + r->repeats;
  if (!values) return LS_FAILED;
  size_t best = s->best;
  const ls_report_curve *curve = &r->curves[s->monitor];
  for (size_t i = 0; i < r->repeats; i++) {
    others[i] = ls_report_final(r, curve, best * r->repeats + i);
  }
  for (size_t i = 1; i < s->ranked; i++) {
    size_t point = s->ranking[i];
    for (size_t k = 0; k < r->repeats; k++) {
      values[k] = ls_report_final(r, curve, point * r->repeats + k);
    }
    choice->tests[point] = ls_report_test_paired(values, others, r->repeats);
  }
  free(values);
  return ls_report_holm(choice->tests, s->point_count);
}

int ls_report_choice_create(ls_report_choice **out, const ls_report_results *results,
                            const ls_report_summary *summary) {
  *out = NULL;
  ls_report_choice *choice = ls_new(1, sizeof *choice);
  if (!choice) return LS_FAILED;
  size_t n = summary->point_count;
  choice->tests = ls_new(n, sizeof *choice->tests);
  choice->within = ls_new(n, sizeof *choice->within);
  choice->bound = NAN;
  choice->simplest = SIZE_MAX;
  int status = choice->tests && choice->within ? LS_OK : LS_FAILED;
  for (size_t p = 0; p < n && status == LS_OK; p++) choice->tests[p] = LS_REPORT_NO_TEST;
  if (status == LS_OK && summary->best != SIZE_MAX) {
    apply_rule(choice, results, summary);
    status = test_points(choice, results, summary);
  }
  if (status == LS_OK) *out = choice;
  if (status != LS_OK) ls_report_choice_free(&choice);
  return status;
}

void ls_report_choice_free(ls_report_choice **choice) {
  if (!*choice) return;
  free((*choice)->tests);
  free((*choice)->within);
  free(*choice);
  *choice = NULL;
}

bool ls_report_has_tests(const ls_report_summary *summary) {
  for (size_t p = 0; p < summary->point_count; p++) {
    if (summary->choice->tests[p].pairs > 1) return true;
  }
  return false;
}

/* "largest l2", "smallest units, then largest l2". */
static void add_order(ls_text *out, const ls_report_results *r) {
  const char *comma = "";
  for (size_t v = 0; v < r->variable_count; v++) {
    int direction = r->variables[v].simpler;
    if (direction == 0) continue;
    ls_text_add(out, "%s%s %s", comma, direction > 0 ? "largest" : "smallest",
                r->variables[v].name);
    comma = ", then ";
  }
}

static int add_point(ls_text *out, const ls_report_results *r, size_t point) {
  char *name = ls_report_point_name(r, point);
  if (!name) return LS_FAILED;
  ls_text_add(out, "%s", name);
  free(name);
  return LS_OK;
}

/* The other points within the bound, the best ranked of them by name. */
static int add_names(ls_text *out, const ls_report_results *r, const ls_report_summary *s) {
  enum { NAMED = 4 };
  size_t named = 0;
  int status = LS_OK;
  for (size_t i = 1; i < s->ranked && named < NAMED && status == LS_OK; i++) {
    if (!s->choice->within[s->ranking[i]]) continue;
    ls_text_add(out, named++ ? "; " : ": ");
    status = add_point(out, r, s->ranking[i]);
  }
  if (s->choice->within_count - 1 > named) {
    ls_text_add(out, "; and %zu more", s->choice->within_count - 1 - named);
  }
  ls_text_add(out, ".");
  return status;
}

int ls_report_add_choice(ls_text *out, const ls_report_results *r, const ls_report_summary *s) {
  const ls_report_choice *choice = s->choice;
  if (s->point_count < 2 || s->best == SIZE_MAX) return LS_OK;
  if (r->repeats == 1) {
    ls_text_add(out, "One trial for each point: no deviations, intervals or tests.");
    return LS_OK;
  }
  if (isnan(choice->bound)) {
    ls_text_add(out, "The best point has a single result: it has no standard error, and nothing is "
                     "tested against it.");
    return LS_OK;
  }
  char number[LS_REPORT_NUMBER];
  ls_report_fixed(number, choice->bound, ls_report_curve_decimals(s, s->monitor));
  ls_text_add(out,
              "Within one standard error of the best (%s %s): ", s->better > 0 ? "from" : "up to",
              number);
  if (choice->within_count == 1) {
    ls_text_add(out, "no other point.");
    return LS_OK;
  }
  ls_text_add(out, "%zu other point%s", choice->within_count - 1,
              choice->within_count == 2 ? "" : "s");
  int status = add_names(out, r, s);
  if (status != LS_OK || choice->simplest == SIZE_MAX) return status;
  ls_text_add(out, " The simplest (");
  add_order(out, r);
  ls_text_add(out, "): ");
  status = add_point(out, r, choice->simplest);
  ls_text_add(out, ", %s ", r->monitor);
  ls_report_add_mean(out, &s->points[choice->simplest].finals[s->monitor],
                     ls_report_curve_decimals(s, s->monitor));
  ls_text_add(out, ".");
  return status;
}
