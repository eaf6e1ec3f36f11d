/* Results files side by side: the columns of their tables, and the page. */
#include "report/sides.h"

#include "base/escape.h"
#include "report/html.h"
#include "report/sentences.h"
#include "report/tables.h"

#include <math.h>
#include <stdint.h>

/* ---- The tables ---- */

/* How the difference was tested, or `none` where there are too few values, or these do not vary. */
static const char *kind_of(const report_test *test, const char *none) {
  return isnan(test->p) ? none : test->pairs ? "paired" : "Welch";
}

static void add_side(report_table *t, const char *name, const report_stat *stat, int decimals) {
  report_add_mean(report_table_add(t, name), stat, decimals);
  report_table_add_count(t, "n", stat->n);
}

/* Adds the row of a match, without the columns that are the same in all rows. */
static void add_row(report_table *t, const report_sides *s, const report_match *m) {
  bool two = s->count == 2;
  if (s->named) report_table_add_text(t, "point", m->name);
  if (!two) report_table_add_text(t, "file", s->names[m->other]);
  add_side(t, s->names[0], &m->a_stat, s->decimals);
  add_side(t, two ? s->names[1] : "its mean", &m->b_stat, s->decimals);
  report_add_difference(t, &m->test, s->decimals);
  report_table_add_text(t, "test", kind_of(&m->test, "-"));
  report_add_probabilities(t, &m->test);
}

static void add_exact_row(report_table *t, const report_sides *s, const report_match *m) {
  report_table_add_text(t, "metric", s->metric);
  report_table_add_text(t, "point", m->name);
  report_table_add_text(t, "a", s->names[0]);
  report_add_exact_stat(t, "a", &m->a_stat, false);
  report_table_add_text(t, "b", s->names[m->other]);
  report_add_exact_stat(t, "b", &m->b_stat, false);
  report_add_exact_test(t, &m->test);
  report_table_add_text(t, "test", kind_of(&m->test, ""));
  report_table_add_exact(t, "df", "", m->test.df);
}

static report_table fill(const report_sides *s,
                         void (*add)(report_table *, const report_sides *, const report_match *)) {
  report_table t = {.headed = true};
  for (size_t i = 0; i < s->match_count; i++) {
    add(&t, s, &s->matches[i]);
    report_table_end_row(&t);
  }
  report_table_finish(&t, s->memory);
  return t;
}

report_table report_sides_csv_table(const report_sides *sides) {
  return fill(sides, add_exact_row);
}

/* ---- The whole ---- */

/* "more is better", after `before`; nothing where that is not known. */
static void add_direction(ls_text *out, const char *before, const report_sides *sides) {
  if (sides->better) {
    ls_text_add(out, "%s%s is better", before, sides->better > 0 ? "more" : "less");
  }
}

/* A file's title, variables of one value, and trials. */
static void add_file(ls_text *out, const report_summary *s, const char *separator) {
  ls_text fixed = {0};
  report_add_fixed(&fixed, s->results);
  ls_text_add_visible(out, "%s%s", s->results->title, separator);
  if (fixed.data) ls_text_add(out, "%s%s", fixed.data, separator);
  out->failed = out->failed || fixed.failed;
  ls_text_free(&fixed);
  report_add_counts(out, s);
}

void report_sides_print(ls_text *out, const report_sides *s) {
  report_table table = fill(s, add_row);
  for (size_t i = 0; i < s->count; i++) {
    ls_text_add_visible(out, "%s: ", s->names[i]);
    add_file(out, s->files[i], ", ");
    ls_text_add(out, "\n");
  }
  ls_text_add_visible(out, "Final %s; differences from %s", s->metric, s->names[0]);
  add_direction(out, ", ", s);
  ls_text_add(out, "; p (Holm) is corrected for all.\n\n");
  report_table_print(out, &table, SIZE_MAX);
  ls_text_add(out, "\n");
}

static void add_files(ls_text *page, const report_sides *sides) {
  report_table table = {0};
  for (size_t i = 0; i < sides->count; i++) {
    ls_text *text = report_table_add_pair(&table, sides->names[i]);
    add_file(text, sides->files[i], ". ");
  }
  html_finish_table(page, &table, sides->memory);
}

static void add_title(ls_text *page, const report_sides *s) {
  ls_text title = {0};
  for (size_t i = 0; i < s->count; i++) {
    const char *before = i == 0 ? "" : i + 1 < s->count ? ", " : " and ";
    ls_text_add(&title, "%s%s", before, s->names[i]);
  }
  ls_text_add(&title, ": %s", s->metric);
  html_begin(page, title.data ? title.data : "", 0);
  page->failed |= title.failed;
  ls_text_free(&title);
}

int report_sides_page(ls_text *page, const report_sides *sides, const report_figures *figures) {
  report_table table = fill(sides, add_row);
  add_title(page, sides);
  add_files(page, sides);
  ls_text_add_html(page, "<h2>Differences</h2>\n<p>In the final %s, from %s", sides->metric,
                   sides->names[0]);
  add_direction(page, "; ", sides);
  ls_text_add(page,
              ". Means are over replicates and folds, ± their standard deviation; "
              "95 %% ± is half the width of the 95 %% interval of the difference by Student's t. "
              "Trials of the same seed and fold are paired; where there are none the test is "
              "Welch's. p (Holm) is corrected for making all tests of the table.</p>\n");
  html_table(page, &table);
  int status = html_figures(page, figures);
  html_end(page);
  return status;
}
