/* Tables as cells of text: filled row by row, written in any form. Pure. */
#ifndef LS_REPORT_TABLE_H
#define LS_REPORT_TABLE_H

#include "base/memory.h"
#include "base/text.h"
#include "report/format.h"

#include <stdbool.h>

/* Start from {.headed = true}, or for rows of a name and a value without headings from {0}. The
 * titles of the first row that is added become the headings, which are row 0 of the table. */
typedef struct report_table {
  bool headed;
  bool failed; /* there was no memory for it: it is empty, and makes a text that it is added to fail
                */
  size_t rows, columns;
  size_t best;        /* the row to be marked, from 1; 0: none */
  const char **cells; /* [row, column], from the end of filling on, as the next two */
  size_t *widths;     /* [column], characters of the widest cell */
  bool *numeric;  /* [column], cells below the heading are numbers, to be aligned at the right */
  ls_text titles; /* until then: the headings, each ended by NUL */
  ls_text text;   /* until then: the cells, with NULs between them */
  size_t count;   /* of these */
} report_table;

/* Begins the next cell. Returns the text to append it to. */
ls_text *report_table_add(report_table *table, const char *title);

/* Adds a text, or a number. */
void report_table_add_text(report_table *table, const char *title, const char *text);
void report_table_add_number(report_table *table, const char *title, double value,
                             report_format format, int decimals);

/* Adds an integer. */
void report_table_add_count(report_table *table, const char *title, size_t count);

/* Adds a number in full precision under a title that begins with `name`, as all of its kind. */
void report_table_add_exact(report_table *table, const char *name, const char *title, double value);

/* Adds a row of a name and a value. Returns the text to append the value to. */
ls_text *report_table_add_pair(report_table *table, const char *name);

/* Ends the row. */
void report_table_end_row(report_table *table);

/* Ends the table: afterwards it can be read. The cells are in the memory. */
void report_table_finish(report_table *table, ls_memory *memory);

const char *report_cell(const report_table *table, size_t row, size_t column);

/* Appends the table in aligned columns; columns at the right that would go beyond `width` are left
 * out. Returns how many were. */
size_t report_table_print(ls_text *out, const report_table *table, size_t width);

/* Appends the table as comma-separated values (RFC 4180, lines ended by a newline alone). */
void report_table_csv(ls_text *out, const report_table *table);

/* Appends the table in Markdown. */
void report_table_markdown(ls_text *out, const report_table *table);

#endif
