/* Results files side by side: the columns of their tables, and the page. */
#include "report/sides_page.h"

#include "lockstep/error.h"
#include "report/html.h"
#include "report/sentences.h"
#include "report/tables.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>

/* ---- Columns -----------------------------------------------------------------------------------
 */

/* Which side of a match a column is of. */
enum { SIDE_A, SIDE_B };

static const report_match *match_of(const void *data, size_t row) {
  return &((const report_sides *)data)->matches[row];
}

static const report_stat *stat_of(const void *data, const report_column *c, size_t row) {
  const report_match *m = match_of(data, row);
  return c->index == SIDE_A ? &m->a_stat : &m->b_stat;
}

static void name_text(ls_text *cell, const void *data, const report_column *c, size_t row) {
  (void)c;
  ls_text_add(cell, "%s", match_of(data, row)->name);
}

static void metric_text(ls_text *cell, const void *data, const report_column *c, size_t row) {
  (void)c, (void)row;
  ls_text_add(cell, "%s", ((const report_sides *)data)->metric);
}

static void file_text(ls_text *cell, const void *data, const report_column *c, size_t row) {
  size_t file = c->index == SIDE_A ? 0 : match_of(data, row)->other;
  ls_text_add(cell, "%s", ((const report_sides *)data)->names[file]);
}

static void mean_text(ls_text *cell, const void *data, const report_column *c, size_t row) {
  report_add_mean(cell, stat_of(data, c, row), c->decimals);
}

/* How the difference was tested, or `none` where there are too few values, or these do not vary. */
static void add_kind(ls_text *cell, const report_test *test, const char *none) {
  ls_text_add(cell, "%s", isnan(test->p) ? none : test->pairs ? "paired" : "Welch");
}

static void kind_text(ls_text *cell, const void *data, const report_column *c, size_t row) {
  (void)c;
  add_kind(cell, &match_of(data, row)->test, "-");
}

static void exact_kind_text(ls_text *cell, const void *data, const report_column *c, size_t row) {
  (void)c;
  add_kind(cell, &match_of(data, row)->test, "");
}

static double stat_number(const void *data, const report_column *c, size_t row) {
  return report_stat_number(stat_of(data, c, row), c->field);
}

static double test_number(const void *data, const report_column *c, size_t row) {
  return report_test_number(&match_of(data, row)->test, c->field);
}

static int make_table(report_table **out, report_columns *columns, const report_sides *sides) {
  int status = ls_memory_status(&columns->memory);
  if (status == LS_OK) status = report_table_create(out, columns->count, true);
  if (status == LS_OK) report_table_add_headings(*out, columns);
  for (size_t i = 0; status == LS_OK && i < sides->match_count; i++) {
    report_table_add_row(*out, columns, sides, i);
  }
  ls_memory_free(&columns->memory);
  return report_table_finish(out, status);
}

/* A row for each match, without the columns that are the same in all rows. */
static int make_points(report_table **out, const report_sides *s) {
  bool two = s->count == 2, named = false;
  int d = s->decimals;
  for (size_t i = 0; i < s->match_count; i++) named = named || *s->matches[i].name;
  const report_column all[] = {
      {"point", .text = name_text},
      {"file", .text = file_text, .index = SIDE_B},
      {s->names[0], .text = mean_text, .decimals = d, .index = SIDE_A},
      {"n", .number = stat_number, .index = SIDE_A, .field = REPORT_N},
      {two ? s->names[1] : "its mean", .text = mean_text, .decimals = d, .index = SIDE_B},
      {"n", .number = stat_number, .index = SIDE_B, .field = REPORT_N},
      {"difference", .number = test_number, .format = REPORT_AS_SIGNED, .decimals = d},
      {"95 % ±", .number = test_number, .format = REPORT_AS_ROUNDED, .decimals = d,
       .field = REPORT_DIFFERENCE_HALF},
      {"test", .text = kind_text},
      {"t", .number = test_number, .format = REPORT_AS_ROUNDED, .decimals = 2, .field = REPORT_T},
      {"p", .number = test_number, .format = REPORT_AS_P, .field = REPORT_P},
      {"p (Holm)", .number = test_number, .format = REPORT_AS_P, .field = REPORT_P_HOLM},
  };
  report_columns columns = {0};
  for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
    bool shown = i == 0 ? named : i == 1 ? !two : true;
    if (shown) report_columns_add(&columns, all[i]);
  }
  return make_table(out, &columns, s);
}

static void add_side(report_columns *columns, size_t side, const char *const *names) {
  static const report_stat_field fields[] = {REPORT_MEAN, REPORT_STD, REPORT_N, REPORT_CI_LOW,
                                             REPORT_CI_HIGH};
  report_columns_add(columns, (report_column){names[0], .text = file_text, .index = side});
  for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
    report_columns_add(columns,
                       (report_column){names[0], report_stat_suffixes[fields[i]],
                                       .number = stat_number, .index = side, .field = fields[i]});
  }
}

int report_sides_csv_table(report_table **out, const report_sides *sides) {
  static const char *const names[] = {"a", "b"};
  report_columns columns = {0};
  report_columns_add(&columns, (report_column){"metric", .text = metric_text});
  report_columns_add(&columns, (report_column){"point", .text = name_text});
  add_side(&columns, SIDE_A, &names[0]);
  add_side(&columns, SIDE_B, &names[1]);
  for (size_t field = 0; field < REPORT_TEST_FIELDS; field++) {
    report_columns_add(
        &columns, (report_column){report_test_names[field], .number = test_number, .field = field});
  }
  report_columns_add(&columns, (report_column){"test", .text = exact_kind_text});
  report_columns_add(&columns, (report_column){"df", .number = test_number, .field = REPORT_DF});
  return make_table(out, &columns, sides);
}

/* ---- The whole ---------------------------------------------------------------------------------
 */

/* "more is better", after `before`; nothing where that is not known. */
static void add_direction(ls_text *out, const char *before, const report_sides *sides) {
  if (sides->better) {
    ls_text_add(out, "%s%s is better", before, sides->better > 0 ? "more" : "less");
  }
}

int report_sides_print(ls_text *out, const report_sides *s) {
  report_table *table = NULL;
  int status = make_points(&table, s);
  if (status != LS_OK) return status;
  for (size_t i = 0; i < s->count; i++) {
    ls_text_add(out, "%s: %s, ", s->names[i], s->results[i]->title);
    report_add_counts(out, s->summaries[i]);
    ls_text_add(out, "\n");
  }
  ls_text_add(out, "Final %s; differences from %s", s->metric, s->names[0]);
  add_direction(out, ", ", s);
  ls_text_add(out, "; p (Holm) is corrected for all.\n\n");
  report_table_print(out, table, SIZE_MAX);
  ls_text_add(out, "\n");
  report_table_free(&table);
  return LS_OK;
}

static void add_files(ls_text *page, const report_sides *sides) {
  html_begin_rows(page);
  for (size_t i = 0; i < sides->count; i++) {
    ls_text text = {0};
    ls_text_add(&text, "%s. ", sides->results[i]->title);
    report_add_counts(&text, sides->summaries[i]);
    html_row(page, sides->names[i], text.data ? text.data : "");
    ls_text_free(&text);
  }
  html_end_rows(page);
}

static void add_title(ls_text *page, const report_sides *s) {
  ls_text title = {0};
  for (size_t i = 0; i < s->count; i++) {
    const char *before = i == 0 ? "" : i + 1 < s->count ? ", " : " and ";
    ls_text_add(&title, "%s%s", before, s->names[i]);
  }
  ls_text_add(&title, ": %s", s->metric);
  html_begin(page, title.data ? title.data : "");
  ls_text_free(&title);
}

int report_sides_page(ls_text *page, const report_sides *sides, const report_figures *figures) {
  report_table *table = NULL;
  int status = make_points(&table, sides);
  if (status != LS_OK) return status;
  add_title(page, sides);
  add_files(page, sides);
  ls_text_add(page, "<h2>Differences</h2>\n<p>In the final %s, from ", sides->metric);
  ls_text_add_escaped(page, sides->names[0]);
  add_direction(page, "; ", sides);
  ls_text_add(page,
              ". Means are over replicates and folds, ± their standard deviation; "
              "95 %% ± is half the width of the 95 %% interval of the difference by Student's t. "
              "Trials of the same seed and fold are paired; where there are none the test is "
              "Welch's. p (Holm) is corrected for making all tests of the table.</p>\n");
  html_table(page, table);
  status = html_figures(page, figures);
  html_end(page);
  report_table_free(&table);
  return status;
}
