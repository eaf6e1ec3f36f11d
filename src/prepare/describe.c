/* What a source contains. */
#include "prepare/describe.h"

#include "base/escape.h"
#include "base/memory.h"
#include "base/visible.h"
#include "lockstep/error.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Columns of the table, and how many categories of a column are listed with their counts. */
enum { NAME, TYPE, SHAPE, MINIMUM, MAXIMUM, MEAN, MISSING, NOTE, CELLS, LISTED = 20 };

/* A value that occurs in a column, and how often. */
typedef struct occurrence {
  double value;
  size_t count;
} occurrence;

/* What is found out about a column. */
typedef struct summary {
  double minimum, maximum, sum;
  size_t values, missing;    /* elements */
  double *first;             /* [width] of the first sample */
  bool *varies;              /* [width]: another sample has another value */
  size_t *counts;            /* [category_count] of texts */
  occurrence listed[LISTED]; /* of integers, sorted */
  size_t listed_count;       /* LISTED + 1: too many */
} summary;

/* ---- Counting -------------------------------------------------------------------------------- */

static int create(summary *s, const ls_column *column) {
  s->minimum = INFINITY;
  s->maximum = -INFINITY;
  s->first = ls_new(column->width, sizeof *s->first);
  s->varies = ls_new(column->width, sizeof *s->varies);
  s->counts = ls_new(column->category_count, sizeof *s->counts);
  return s->first && s->varies && s->counts ? LS_OK : LS_FAILED;
}

/* Counts an integer among the different ones, while they are few. */
static void list_value(summary *s, double value) {
  size_t i = 0;
  if (s->listed_count > LISTED) return;
  while (i < s->listed_count && s->listed[i].value < value) i++;
  if (i < s->listed_count && s->listed[i].value == value) {
    s->listed[i].count++;
    return;
  }
  if (s->listed_count++ == LISTED) return;
  memmove(s->listed + i + 1, s->listed + i, (s->listed_count - 1 - i) * sizeof *s->listed);
  s->listed[i] = (occurrence){value, 1};
}

static void add_value(summary *s, const ls_column *column, size_t element, double value,
                      bool first) {
  if (first) s->first[element] = value;
  bool same = s->first[element] == value || (isnan(s->first[element]) && isnan(value));
  s->varies[element] |= !same;
  if (isnan(value)) {
    s->missing++;
    return;
  }
  s->values++;
  s->sum += value;
  s->minimum = fmin(s->minimum, value);
  s->maximum = fmax(s->maximum, value);
  if (column->text) s->counts[(size_t)value]++;
  if (column->is_integer && column->width == 1) list_value(s, value);
}

static void add_row(summary *summaries, const ls_source *source, const double *row, bool first) {
  for (size_t i = 0; i < source->column_count; i++) {
    const ls_column *column = &source->columns[i];
    for (size_t k = 0; k < column->width; k++) {
      add_value(&summaries[i], column, k, row[column->offset + k], first);
    }
  }
}

static int read_all(summary *summaries, ls_source *source) {
  size_t block = ls_source_block(source), got = 1, done = 0;
  double *rows = ls_new(block, source->width * sizeof *rows);
  size_t *places = ls_new(block, sizeof *places);
  int status = rows && places ? LS_OK : LS_FAILED;
  for (size_t i = 0; i < source->column_count && status == LS_OK; i++) {
    status = create(&summaries[i], &source->columns[i]);
  }
  while (status == LS_OK && got > 0) {
    status = ls_source_read(source, block, rows, places, &got);
    for (size_t i = 0; i < got && status == LS_OK; i++) {
      add_row(summaries, source, rows + i * source->width, done++ == 0);
    }
  }
  free(rows);
  free(places);
  return status;
}

/* ---- Printing -------------------------------------------------------------------------------- */

static void print_counts(const summary *s, const ls_column *column, ls_text *text) {
  size_t count = column->text ? column->category_count : s->listed_count;
  bool few = column->text || count <= LISTED;
  for (size_t i = 0; few && i < count && i < LISTED; i++) {
    ls_text_add(text, "%s", i > 0 ? ", " : "");
    if (column->text) ls_text_add_visible(text, "%s: %zu", column->categories[i], s->counts[i]);
    if (!column->text) ls_text_add(text, "%.15g: %zu", s->listed[i].value, s->listed[i].count);
  }
  if (column->text && count > LISTED) ls_text_add(text, ", ... (%zu texts)", count);
}

static char *print_note(const summary *s, const ls_column *column) {
  size_t constant = 0;
  for (size_t i = 0; i < column->width; i++) constant += !s->varies[i];
  ls_text text = {0};
  if (column->width == 1 && constant == 1) {
    ls_text_add(&text, "constant");
  } else if (constant > 0) {
    ls_text_add(&text, "%zu of %zu elements constant", constant, column->width);
  }
  if (text.length > 0 && (column->text || column->is_integer) && column->width == 1) {
    ls_text_add(&text, "; ");
  }
  if (column->width == 1) print_counts(s, column, &text);
  return ls_text_take(&text);
}

static char *print_shape(const ls_shape *shape) {
  ls_text text = {0};
  for (int i = 0; i < shape->rank; i++) {
    ls_text_add(&text, "%s%lld", i > 0 ? " x " : "", (long long)shape->extent[i]);
  }
  return ls_text_take(&text);
}

static char *print_name(const ls_column *column) {
  ls_text text = {0};
  ls_text_add_visible(&text, "%s", column->name);
  return ls_text_take(&text);
}

/* The cells of a column's line. */
static int fill_cells(ls_memory *memory, char **cells, const summary *s, const ls_column *column) {
  bool numbers = !column->text && s->values > 0;
  const char *type = column->text         ? "text"
                     : column->bytes      ? "byte"
                     : column->is_integer ? "integer"
                                          : "number";
  cells[NAME] = ls_memory_keep(memory, print_name(column));
  cells[TYPE] = ls_memory_text(memory, "%s", type);
  cells[SHAPE] = ls_memory_keep(memory, print_shape(&column->shape));
  const double figures[] = {s->minimum, s->maximum, s->sum / (double)s->values};
  for (int i = 0; i < 3; i++) {
    cells[MINIMUM + i] =
        numbers ? ls_memory_text(memory, "%.6g", figures[i]) : ls_memory_text(memory, "%s", "");
  }
  cells[MISSING] = ls_memory_text(memory, "%zu", s->missing);
  cells[NOTE] = ls_memory_keep(memory, print_note(s, column));
  return ls_memory_status(memory);
}

static void print_cells(ls_text *text, char *const *cells, size_t lines) {
  size_t widths[CELLS] = {0};
  for (size_t i = 0; i < lines * CELLS; i++) {
    size_t width = ls_visible_width(cells[i]);
    if (width > widths[i % CELLS]) widths[i % CELLS] = width;
  }
  for (size_t line = 0; line < lines; line++) {
    for (size_t i = 0; i < CELLS; i++) {
      const char *cell = cells[line * CELLS + i];
      ls_text_add_visible(text, "%-*s", i < NOTE ? (int)widths[i] + 2 : 0, cell);
    }
    while (text->length > 0 && text->data[text->length - 1] == ' ') text->length--;
    ls_text_add(text, "\n");
  }
}

static int print(ls_text *text, const ls_source *source, const summary *summaries) {
  static const char *const titles[CELLS] = {"column",  "type", "shape",   "minimum",
                                            "maximum", "mean", "missing", "values"};
  ls_memory memory = {0};
  char **cells = ls_memory_new(&memory, source->column_count + 1, CELLS * sizeof *cells);
  int status = ls_memory_status(&memory);
  for (size_t i = 0; i < CELLS && status == LS_OK; i++) cells[i] = (char *)titles[i];
  for (size_t i = 0; i < source->column_count && status == LS_OK; i++) {
    status = fill_cells(&memory, cells + (i + 1) * CELLS, &summaries[i], &source->columns[i]);
  }
  if (status == LS_OK) {
    ls_text_add_visible(text, "%s: %s of %zu samples\n", source->path, source->format->name,
                        source->count);
    print_cells(text, cells, source->column_count + 1);
  }
  ls_memory_free(&memory);
  return status;
}

static int describe_table(ls_text *text, const char *path, const ls_source_options *options) {
  ls_source *source = NULL;
  summary *summaries = NULL;
  int status = ls_source_open(&source, path, options);
  if (status == LS_OK) {
    summaries = ls_new(source->column_count, sizeof *summaries);
    status = summaries ? read_all(summaries, source) : LS_FAILED;
  }
  if (status == LS_OK) status = print(text, source, summaries);
  for (size_t i = 0; summaries && i < source->column_count; i++) {
    free(summaries[i].first);
    free(summaries[i].varies);
    free(summaries[i].counts);
  }
  free(summaries);
  ls_source_close(&source);
  return status;
}

/* Describes each array of a file by itself. */
static int describe_arrays(ls_text *text, const char *path, const ls_source_options *options,
                           char *const *names, size_t count) {
  int status = LS_OK;
  for (size_t i = 0; i < count && status == LS_OK; i++) {
    ls_source_options one = *options;
    const char *name = names[i];
    one.names = &name;
    one.name_count = 1;
    status = describe_table(text, path, &one);
  }
  return status;
}

int ls_describe(char **out, const char *path, const ls_source_options *options) {
  *out = NULL;
  char **names = NULL;
  size_t count = 0;
  ls_text text = {0};
  int status = ls_source_list(path, &names, &count);
  if (status == LS_OK) {
    status = count > 0 ? describe_arrays(&text, path, options, names, count)
                       : describe_table(&text, path, options);
  }
  if (status == LS_OK) status = (*out = ls_text_take(&text)) ? LS_OK : LS_FAILED;
  for (size_t i = 0; i < count; i++) free(names[i]);
  free(names);
  ls_text_free(&text);
  return status;
}
