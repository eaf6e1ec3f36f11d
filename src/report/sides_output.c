/* Results files side by side: table, CSV, page. */
#include "report/sides.h"

#include "base/memory.h"
#include "lockstep/error.h"
#include "report/csv.h"
#include "report/format.h"
#include "report/page.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { COLUMNS = 12 };

/* Copies texts into a row of cells. */
static bool copy_cells(char **cells, const char *const texts[COLUMNS]) {
  bool failed = false;
  for (size_t i = 0; i < COLUMNS; i++) failed |= !(cells[i] = ls_copy_text(texts[i]));
  return !failed;
}

static bool add_headings(ls_report_table *table, const ls_report_sides *s) {
  bool two = s->count == 2;
  const char *const texts[COLUMNS] = {
      "point", "file",       s->names[0], "n",    two ? s->names[1] : "its mean",
      "n",     "difference", "95 % ±",    "test", "t",
      "p",     "p (Holm)"};
  return copy_cells(table->cells, texts);
}

/* "paired", "Welch", or "-" where there are too few values, or these do not vary. */
static const char *kind_of(const ls_report_test *test) {
  return isnan(test->p) ? "-" : test->pairs ? "paired" : "Welch";
}

static bool add_row(ls_report_table *table, const ls_report_sides *s, const ls_report_match *m) {
  char n[2][LS_REPORT_NUMBER], difference[LS_REPORT_NUMBER], half[LS_REPORT_NUMBER];
  char t[LS_REPORT_NUMBER], p[LS_REPORT_NUMBER], p_holm[LS_REPORT_NUMBER];
  snprintf(n[0], sizeof n[0], "%zu", m->a_stat.n);
  snprintf(n[1], sizeof n[1], "%zu", m->b_stat.n);
  ls_report_rounded(difference, m->test.difference, s->decimals, true);
  ls_report_rounded(half, m->test.half_width, s->decimals, false);
  ls_report_rounded(t, m->test.t, 2, false);
  ls_report_p(p, m->test.p);
  ls_report_p(p_holm, m->test.p_holm);
  ls_text a = {0}, b = {0};
  ls_report_add_mean(&a, &m->a_stat, s->decimals);
  ls_report_add_mean(&b, &m->b_stat, s->decimals);
  char *point = ls_report_match_name(s, m), *a_mean = ls_text_take(&a), *b_mean = ls_text_take(&b);
  bool made = point && a_mean && b_mean;
  if (made) {
    const char *const texts[COLUMNS] = {
        point, s->names[m->other], a_mean, n[0], b_mean, n[1], difference,
        half,  kind_of(&m->test),  t,      p,    p_holm};
    made = copy_cells(&table->cells[table->rows++ * COLUMNS], texts);
  }
  free(point);
  free(a_mean);
  free(b_mean);
  return made;
}

/* Takes out a column that says nothing. */
static void drop_column(ls_report_table *table, size_t column) {
  size_t kept = 0;
  for (size_t i = 0; i < table->rows * table->columns; i++) {
    if (i % table->columns == column) {
      free(table->cells[i]);
    } else {
      table->cells[kept++] = table->cells[i];
    }
  }
  table->columns--;
}

int ls_report_sides_table(ls_report_table **out, const ls_report_sides *sides) {
  *out = NULL;
  ls_report_table *table = ls_new(1, sizeof *table);
  if (!table) return LS_FAILED;
  table->headed = true;
  table->columns = COLUMNS;
  table->cells = ls_new(sides->match_count + 1, COLUMNS * sizeof *table->cells);
  bool made = table->cells != NULL;
  if (made) table->rows = 1;
  made = made && add_headings(table, sides);
  bool named = false;
  for (size_t i = 0; i < sides->match_count && made; i++) {
    made = add_row(table, sides, &sides->matches[i]);
    named = named || (made && *table->cells[(i + 1) * COLUMNS]);
  }
  if (!made) {
    ls_report_table_free(&table);
    return LS_FAILED;
  }
  if (sides->count == 2) drop_column(table, 1);
  if (!named) drop_column(table, 0);
  *out = table;
  return LS_OK;
}

static void add_csv_number(ls_text *out, double value) {
  char number[LS_REPORT_NUMBER];
  ls_report_exact(number, value);
  ls_text_add(out, ",%s", number);
}

static void add_csv_side(ls_text *out, const char *name, const ls_report_stat *stat) {
  double half = ls_report_half_width(stat);
  const double values[] = {stat->mean, stat->deviation, (double)stat->n, stat->mean - half,
                           stat->mean + half};
  ls_report_csv_field(out, name);
  for (size_t i = 0; i < sizeof values / sizeof *values; i++) add_csv_number(out, values[i]);
}

int ls_report_sides_csv(char **out, const ls_report_sides *sides) {
  ls_text text = {0};
  ls_text_add(&text, "metric,point,a,a_mean,a_std,a_n,a_ci95_low,a_ci95_high,b,b_mean,b_std,b_n,"
                     "b_ci95_low,b_ci95_high,difference,difference_ci95_low,difference_ci95_high,"
                     "pairs,t,p,p_holm,test,df\n");
  int status = LS_OK;
  for (size_t i = 0; i < sides->match_count && status == LS_OK; i++) {
    const ls_report_match *m = &sides->matches[i];
    char *point = ls_report_match_name(sides, m);
    if (!point) status = LS_FAILED;
    ls_report_csv_field(&text, sides->metric);
    ls_report_csv_field(&text, point ? point : "");
    add_csv_side(&text, sides->names[0], &m->a_stat);
    add_csv_side(&text, sides->names[m->other], &m->b_stat);
    ls_report_csv_test(&text, &m->test);
    ls_report_csv_field(&text, isnan(m->test.p) ? "" : kind_of(&m->test));
    add_csv_number(&text, m->test.df);
    ls_text_add(&text, "\n");
    free(point);
  }
  *out = ls_text_take(&text);
  return status == LS_OK && !*out ? LS_FAILED : status;
}

void ls_report_add_sides(ls_text *out, const ls_report_sides *sides) {
  for (size_t i = 0; i < sides->count; i++) {
    ls_text_add(out, "%s: %s, ", sides->names[i], sides->results[i]->title);
    ls_report_add_counts(out, sides->results[i], sides->summaries[i]);
    ls_text_add(out, "\n");
  }
  ls_text_add(out, "Final %s; differences from %s%s; p (Holm) is corrected for all.\n",
              sides->metric, sides->names[0],
              sides->better == 0  ? ""
              : sides->better > 0 ? ", more is better"
                                  : ", less is better");
}

static void add_files(ls_text *page, const ls_report_sides *sides) {
  ls_text_add(page, "<table class=\"notes\"><tbody>\n");
  for (size_t i = 0; i < sides->count; i++) {
    ls_text text = {0};
    ls_text_add(&text, "%s. ", sides->results[i]->title);
    ls_report_add_counts(&text, sides->results[i], sides->summaries[i]);
    ls_report_page_note(page, sides->names[i], text.data ? text.data : "");
    ls_text_free(&text);
  }
  ls_text_add(page, "</tbody></table>\n");
}

int ls_report_sides_page(char **out, const ls_report_sides *sides, const ls_report_table *table,
                         const ls_report_figures *figures) {
  ls_text page = {0}, title = {0};
  for (size_t i = 0; i < sides->count; i++) {
    ls_text_add(&title, "%s%s",
                i == 0                 ? ""
                : i + 1 < sides->count ? ", "
                                       : " and ",
                sides->names[i]);
  }
  ls_text_add(&title, ": %s", sides->metric);
  ls_report_page_begin(&page, title.data ? title.data : "");
  ls_text_free(&title);
  add_files(&page, sides);
  ls_text_add(&page, "<h2>Differences</h2>\n<p>In the final %s, from ", sides->metric);
  ls_text_add_escaped(&page, sides->names[0]);
  ls_text_add(&page,
              "%s. Means are over replicates and folds, ± their standard deviation; "
              "95 %% ± is half the width of the 95 %% interval of the difference by Student's t. "
              "Trials of the same seed and fold are paired; where there are none the test is "
              "Welch's. p (Holm) is corrected for making all tests of the table.</p>\n",
              sides->better == 0  ? ""
              : sides->better > 0 ? "; more is better"
                                  : "; less is better");
  ls_report_page_table(&page, table);
  int status = ls_report_page_figures(&page, figures);
  ls_report_page_end(&page);
  *out = ls_text_take(&page);
  return status == LS_OK && !*out ? LS_FAILED : status;
}
