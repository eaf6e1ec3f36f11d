/* The table of tests against the best point. */
#include "report/table.h"

#include "base/memory.h"
#include "lockstep/error.h"
#include "report/choice.h"
#include "report/format.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const headings[] = {"difference", "95 % ±",   "pairs",      "t",
                                       "p",          "p (Holm)", "within 1 SE"};
enum { AFTER_VARIABLES = sizeof headings / sizeof *headings };

/* The cells of a point behind those of its variables. */
static bool fill_test(char **cells, const ls_report_test *test, bool within, int decimals) {
  char text[AFTER_VARIABLES][LS_REPORT_NUMBER] = {""};
  ls_report_rounded(text[0], test->difference, decimals, true);
  ls_report_rounded(text[1], test->half_width, decimals, false);
  snprintf(text[2], LS_REPORT_NUMBER, "%zu", test->pairs);
  ls_report_rounded(text[3], test->t, 2, false);
  ls_report_p(text[4], test->p);
  ls_report_p(text[5], test->p_holm);
  snprintf(text[6], LS_REPORT_NUMBER, "%s", within ? "yes" : "no");
  bool failed = false;
  for (size_t i = 0; i < AFTER_VARIABLES; i++) failed |= !(cells[i] = ls_copy_text(text[i]));
  return !failed;
}

static bool fill_point(char **cells, const ls_report_results *r, const ls_report_summary *s,
                       size_t point) {
  bool failed = false;
  for (size_t v = 0; v < r->variable_count; v++) {
    cells[v] = ls_copy_text(r->variables[v].labels[ls_report_index(r, point, v)]);
    failed |= !cells[v];
  }
  return fill_test(cells + r->variable_count, &s->choice->tests[point], s->choice->within[point],
                   ls_report_curve_decimals(s, s->monitor)) &&
         !failed;
}

static bool fill_headings(char **cells, const ls_report_results *r) {
  bool failed = false;
  for (size_t c = 0; c < r->variable_count + AFTER_VARIABLES; c++) {
    const char *text =
        c < r->variable_count ? r->variables[c].name : headings[c - r->variable_count];
    failed |= !(cells[c] = ls_copy_text(text));
  }
  return !failed;
}

int ls_report_tests_create(ls_report_table **out, const ls_report_results *r,
                           const ls_report_summary *s, size_t most) {
  *out = NULL;
  ls_report_table *table = ls_new(1, sizeof *table);
  if (!table) return LS_FAILED;
  bool all = s->point_count <= most;
  size_t points = !ls_report_has_tests(s) ? 0 : all ? s->point_count : most;
  table->headed = true;
  table->columns = r->variable_count + AFTER_VARIABLES;
  table->cells = ls_new(points + 1, table->columns * sizeof *table->cells);
  bool failed = !table->cells;
  if (!failed) table->rows = 1;
  if (!failed) failed = !fill_headings(table->cells, r);
  for (size_t i = 0; i < points && !failed; i++) {
    size_t point = all ? i : s->ranking[i];
    if (isnan(s->choice->tests[point].difference)) continue; /* the best, or without a result */
    failed = !fill_point(&table->cells[table->rows++ * table->columns], r, s, point);
  }
  if (!failed) *out = table;
  if (failed) ls_report_table_free(&table);
  return failed ? LS_FAILED : LS_OK;
}
