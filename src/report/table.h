/* Tables as cells of text: built from a list of columns, written in any form. Pure. */
#ifndef LS_REPORT_TABLE_H
#define LS_REPORT_TABLE_H

#include "base/memory.h"
#include "base/text.h"
#include "report/format.h"

#include <stdbool.h>

/* A column: its heading, and what it shows of row `row` of the data that a table is made of, either
 * a text or a number. Texts are borrowed until the table is made. */
typedef struct report_column {
  const char *title, *suffix; /* of the heading: "loss" and "_mean"; `suffix` may be NULL */
  void (*text)(ls_text *cell, const void *data, const struct report_column *column, size_t row);
  double (*number)(const void *data, const struct report_column *column, size_t row);
  report_format format;
  int decimals;
  size_t index, field; /* for the functions: of what the number is, and which */
} report_column;

/* Columns while they are listed. Start from {0}; the items are released with the memory. */
typedef struct report_columns {
  ls_memory memory;
  report_column *items;
  size_t count, capacity;
} report_columns;

void report_columns_add(report_columns *columns, report_column column);

/* Row 0 holds the headings, if `headed`. `best` is the row to be marked, 0 for none. */
typedef struct report_table {
  bool headed;
  size_t rows, columns;
  size_t best;
  ls_text text;           /* the cells row by row, each NUL-terminated */
  size_t *starts;         /* [row, column], where a cell begins in it */
  size_t count, capacity; /* of cells */
} report_table;

/* An empty table of a number of columns, to be filled by the functions below. */
int report_table_create(report_table **out, size_t columns, bool headed);
void report_table_free(report_table **table);

/* Begins the next cell, row by row, and returns the text to append it to. */
ls_text *report_table_add(report_table *table);

/* Adds the row of headings, or that of a row of the data. */
void report_table_add_headings(report_table *table, const report_columns *columns);
void report_table_add_row(report_table *table, const report_columns *columns, const void *data,
                          size_t row);

/* Ends a table that was made with `status`: afterwards it can be read. On failure it is freed. */
int report_table_finish(report_table **table, int status);

const char *report_cell(const report_table *table, size_t row, size_t column);

/* Whether a column's cells, below the heading, are single numbers, to be aligned at the right. */
bool report_numeric_column(const report_table *table, size_t column);

/* Appends the table in aligned columns; columns at the right that would go beyond `width` are left
 * out. Returns how many were. */
size_t report_table_print(ls_text *out, const report_table *table, size_t width);

/* Appends the table as comma-separated values (RFC 4180, lines ended by a newline alone). */
void report_table_csv(ls_text *out, const report_table *table);

/* Appends the table in Markdown. */
void report_table_markdown(ls_text *out, const report_table *table);

#endif
