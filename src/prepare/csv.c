/* CSV files as sources. The first non-empty field of a column decides whether the column has
 * numbers or texts; a field of another kind is an error, and not a reason to take numbers for
 * texts. */
#include "prepare/formats.h"

#ifdef LS_HAS_CSV
#include "base/memory.h"
#include "lockstep/error.h"
#include "prepare/categories.h"
#include "prepare/csv_rows.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct csv_state {
  csv_rows *rows;
  bool no_header;
  const char *missing; /* owned copy, or NULL */
  categories *sets;    /* [column], of columns of texts */
  bool *known;         /* [column]: whether the kind has been decided */
} csv_state;

/* ---- Fields ---------------------------------------------------------------------------------- */

/* The texts that pandas takes for a missing value. */
static bool is_missing(const csv_state *csv, const char *field) {
  static const char *const usual[] = {"",     "NA",   "N/A",  "n/a",  "#N/A", "NaN", "nan",
                                      "-nan", "-NaN", "NULL", "null", "None", "<NA>"};
  for (size_t i = 0; i < sizeof usual / sizeof *usual; i++) {
    if (strcmp(field, usual[i]) == 0) return true;
  }
  return csv->missing && strcmp(field, csv->missing) == 0;
}

/* Whether the field is a decimal number. */
static bool read_number(const char *field, double *number) {
  if (field[strspn(field, "0123456789+-.eE")] != '\0') return false; /* no hexadecimal, no inf */
  char *end;
  *number = strtod(field, &end);
  return end > field && *end == '\0';
}

static int fail_field(const ls_source *s, size_t column, const char *wrong, const char *field,
                      const char *expected) {
  const csv_state *csv = s->state;
  return ls_fail(LS_INVALID, "%s:%zu: column %s: %s%.80s%s (expected %s)", s->path,
                 csv_rows_line(csv->rows), s->columns[column].name, wrong, field, *field ? "'" : "",
                 expected);
}

/* ---- The first pass: columns and their types ------------------------------------------------- */

/* Adds a column for each field of the first row, which is the header unless there is none. */
static int add_columns(ls_source *s) {
  csv_state *csv = s->state;
  size_t count = csv_rows_count(csv->rows), numbers = 0;
  categories names = {0};
  int status = LS_OK;
  for (size_t i = 0; i < count && status == LS_OK; i++) {
    const char *name = csv_rows_field(csv->rows, i);
    char number[24];
    double value;
    numbers += read_number(name, &value);
    snprintf(number, sizeof number, "%zu", i + 1);
    if (csv->no_header || *name == '\0') name = number;
    if (categories_find(&names, name) != SIZE_MAX) {
      status = ls_fail(LS_INVALID, "%s:%zu: has two columns '%s'", s->path,
                       csv_rows_line(csv->rows), name);
    }
    if (status == LS_OK) status = categories_add(&names, name);
    if (status == LS_OK) status = ls_source_add_column(s, name, &(ls_shape){0, {0}});
  }
  categories_free(&names);
  if (status == LS_OK && !csv->no_header && numbers == count) {
    status = ls_fail(LS_INVALID,
                     "%s:%zu: consists of numbers (expected the names of the columns; "
                     "--no-header if there are none)",
                     s->path, csv_rows_line(csv->rows));
  }
  return status;
}

/* Decides the kind of a column by its first field that is not missing. */
static void decide(ls_column *column, const char *field, const ls_source_options *options) {
  double number;
  column->text = !read_number(field, &number);
  column->is_integer = !column->text;
  for (size_t i = 0; i < options->text_column_count; i++) {
    if (strcmp(options->text_columns[i], column->name) == 0) column->text = true;
  }
}

static int scan_field(ls_source *s, size_t i, const ls_source_options *options) {
  csv_state *csv = s->state;
  ls_column *column = &s->columns[i];
  const char *field = csv_rows_field(csv->rows, i);
  double number = 0;
  if (is_missing(csv, field)) return LS_OK;
  if (!csv->known[i]) decide(column, field, options);
  csv->known[i] = true;
  if (!column->text) {
    if (!read_number(field, &number)) {
      return fail_field(s, i, "'", field,
                        "a number, as in the rows before; --text makes it a column of texts");
    }
    if (!isfinite(number)) return fail_field(s, i, "'", field, "a finite number");
    column->is_integer &= number == floor(number);
    return LS_OK;
  }
  int status = categories_add(&csv->sets[i], field);
  if (status == LS_OK && csv->sets[i].count > LS_MOST_CATEGORIES) {
    status = fail_field(s, i, "more than 10000 different texts up to '", field,
                        "categories; --drop leaves the column out");
  }
  return status;
}

static int check_width(const ls_source *s) {
  const csv_state *csv = s->state;
  if (csv_rows_count(csv->rows) == s->column_count) return LS_OK;
  return ls_fail(LS_INVALID, "%s:%zu: has %zu fields (expected %zu as in the first row)", s->path,
                 csv_rows_line(csv->rows), csv_rows_count(csv->rows), s->column_count);
}

static int scan_row(ls_source *s, const ls_source_options *options) {
  int status = check_width(s);
  for (size_t i = 0; i < s->column_count && status == LS_OK; i++) {
    status = scan_field(s, i, options);
  }
  s->count++;
  return status;
}

/* Hands the sorted texts of the columns over to the source, which keeps their order. */
static int take_categories(ls_source *s) {
  csv_state *csv = s->state;
  int status = LS_OK;
  for (size_t i = 0; i < s->column_count && status == LS_OK; i++) {
    ls_column *column = &s->columns[i];
    categories *set = &csv->sets[i];
    if (!column->text) continue;
    status = categories_sort(set);
    if (status == LS_OK) status = ls_source_set_categories(s, column, set);
  }
  return status;
}

static int check_text_columns(const ls_source *s, const ls_source_options *options) {
  for (size_t i = 0; i < options->text_column_count; i++) {
    if (!ls_source_find(s, options->text_columns[i])) return LS_INVALID;
  }
  return LS_OK;
}

static int scan(ls_source *s, const ls_source_options *options) {
  csv_state *csv = s->state;
  bool end = false;
  int status = csv_rows_next(csv->rows, &end);
  if (status == LS_OK && end) status = ls_fail(LS_INVALID, "%s: has no rows", s->path);
  if (status == LS_OK) status = add_columns(s);
  if (status == LS_OK) status = check_text_columns(s, options);
  if (status != LS_OK) return status;
  csv->sets = ls_new(s->column_count, sizeof *csv->sets);
  csv->known = ls_new(s->column_count, sizeof *csv->known);
  if (!csv->sets || !csv->known) return LS_FAILED;
  if (csv->no_header) status = scan_row(s, options);
  while (status == LS_OK) {
    status = csv_rows_next(csv->rows, &end);
    if (status != LS_OK || end) break;
    status = scan_row(s, options);
  }
  return status == LS_OK ? take_categories(s) : status;
}

/* ---- The format ------------------------------------------------------------------------------ */

static int rewind_rows(ls_source *s) {
  csv_state *csv = s->state;
  bool end;
  int status = csv_rows_rewind(csv->rows);
  return status != LS_OK || csv->no_header ? status : csv_rows_next(csv->rows, &end);
}

static int open_csv(ls_source *s, const ls_source_options *options) {
  csv_state *csv = ls_new(1, sizeof *csv);
  if (!csv) return LS_FAILED;
  s->state = csv;
  csv->no_header = options->no_header;
  if (options->missing && !(csv->missing = ls_copy_text(options->missing))) return LS_FAILED;
  int status = csv_rows_open(&csv->rows, s->path, options->separator);
  if (status == LS_OK) status = scan(s, options);
  return status == LS_OK ? rewind_rows(s) : status;
}

static int read_field(const ls_source *s, size_t i, double *value) {
  const csv_state *csv = s->state;
  const char *field = csv_rows_field(csv->rows, i);
  *value = NAN;
  if (is_missing(csv, field)) return LS_OK;
  if (!s->columns[i].text) {
    return read_number(field, value) ? LS_OK : fail_field(s, i, "'", field, "a number");
  }
  size_t category = categories_find(&csv->sets[i], field);
  *value = (double)category;
  return category != SIZE_MAX ? LS_OK
                              : fail_field(s, i, "'", field, "a text that was there before");
}

static int read_csv(ls_source *s, size_t limit, double *rows, size_t *places, size_t *got) {
  csv_state *csv = s->state;
  int status = LS_OK;
  for (*got = 0; *got < limit && status == LS_OK; (*got)++) {
    bool end = false;
    status = csv_rows_next(csv->rows, &end);
    if (status != LS_OK || end) return status;
    status = check_width(s); /* the file may have changed */
    for (size_t i = 0; i < s->column_count && status == LS_OK; i++) {
      status = read_field(s, i, &rows[*got * s->width + i]);
    }
    places[*got] = csv_rows_line(csv->rows);
  }
  return status;
}

static void place_csv(const ls_source *s, size_t place, char *out, size_t size) {
  snprintf(out, size, "%s:%zu", s->path, place);
}

static void close_csv(ls_source *s) {
  csv_state *csv = s->state;
  for (size_t i = 0; csv->sets && i < s->column_count; i++) categories_free(&csv->sets[i]);
  csv_rows_close(&csv->rows);
  free((char *)csv->missing);
  free(csv->sets);
  free(csv->known);
  free(csv);
}

const ls_source_format ls_csv_format = {
    .name = "a CSV file",
    .open = open_csv,
    .rewind = rewind_rows,
    .read = read_csv,
    .place = place_csv,
    .close = close_csv,
};
#else
const ls_source_format ls_csv_format = {.name = "a CSV file", .library = "libcsv-dev"};
#endif
