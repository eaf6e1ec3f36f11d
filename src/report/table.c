/* A table's cells: collecting them, and writing them as text, CSV and Markdown. */
#include "report/table.h"

#include "lockstep/error.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- Making ------------------------------------------------------------------------------------
 */

void report_columns_add(report_columns *columns, report_column column) {
  if (columns->count == columns->capacity) {
    size_t capacity = columns->capacity ? 2 * columns->capacity : 32;
    report_column *items = ls_memory_new(&columns->memory, capacity, sizeof *items);
    if (!items) return;
    if (columns->count) memcpy(items, columns->items, columns->count * sizeof *items);
    columns->items = items;
    columns->capacity = capacity;
  }
  columns->items[columns->count++] = column;
}

int report_table_create(report_table **out, size_t columns, bool headed) {
  *out = ls_new(1, sizeof **out);
  if (!*out) return LS_FAILED;
  (*out)->columns = columns;
  (*out)->headed = headed;
  return LS_OK;
}

void report_table_free(report_table **table) {
  if (!*table) return;
  ls_text_free(&(*table)->text);
  free((*table)->starts);
  free(*table);
  *table = NULL;
}

ls_text *report_table_add(report_table *t) {
  if (t->count == t->capacity) {
    size_t capacity = t->capacity ? 2 * t->capacity : 64;
    size_t *starts = realloc(t->starts, capacity * sizeof *starts);
    if (!starts) t->text.failed = true;
    if (!starts) return &t->text;
    t->starts = starts;
    t->capacity = capacity;
  }
  if (t->count > 0) ls_text_add_bytes(&t->text, "", 1); /* ends the cell before */
  t->starts[t->count++] = t->text.length;
  t->rows = t->count / t->columns;
  return &t->text;
}

void report_table_add_headings(report_table *table, const report_columns *columns) {
  for (size_t c = 0; c < columns->count; c++) {
    const report_column *column = &columns->items[c];
    ls_text_add(report_table_add(table), "%s%s", column->title,
                column->suffix ? column->suffix : "");
  }
}

void report_table_add_row(report_table *table, const report_columns *columns, const void *data,
                          size_t row) {
  for (size_t c = 0; c < columns->count; c++) {
    const report_column *column = &columns->items[c];
    ls_text *cell = report_table_add(table);
    if (column->text) column->text(cell, data, column, row);
    if (!column->number) continue;
    char number[REPORT_NUMBER];
    report_number(number, column->number(data, column, row), column->format, column->decimals);
    ls_text_add(cell, "%s", number);
  }
}

int report_table_finish(report_table **table, int status) {
  if (status == LS_OK) ls_text_add_bytes(&(*table)->text, "", 1);
  if (status == LS_OK && (*table)->text.failed) status = ls_fail(LS_FAILED, "out of memory");
  if (status != LS_OK) report_table_free(table);
  return status;
}

const char *report_cell(const report_table *table, size_t row, size_t column) {
  return table->text.data + table->starts[row * table->columns + column];
}

/* ---- Writing -----------------------------------------------------------------------------------
 */

static size_t column_width(const report_table *table, size_t c) {
  size_t widest = 0;
  for (size_t r = 0; r < table->rows; r++) {
    size_t width = ls_text_width(report_cell(table, r, c));
    if (width > widest) widest = width;
  }
  return widest;
}

bool report_numeric_column(const report_table *table, size_t c) {
  if (!table->headed) return false;
  for (size_t r = 1; r < table->rows; r++) {
    const char *text = report_cell(table, r, c);
    if (!strchr("+-0123456789", text[0]) || strstr(text, "±")) return false;
  }
  return true;
}

/* How many columns fit, the first in any case. */
static size_t fitting_columns(const report_table *table, size_t width) {
  size_t used = 0, fitting = 0;
  while (fitting < table->columns) {
    used += 2 + column_width(table, fitting);
    if (used > width && fitting > 0) break;
    fitting++;
  }
  return fitting;
}

size_t report_table_print(ls_text *out, const report_table *table, size_t width) {
  size_t fitting = fitting_columns(table, width);
  for (size_t r = 0; r < table->rows; r++) {
    ls_text_add(out, "%s", table->best && r == table->best ? "*" : " ");
    for (size_t c = 0; c < fitting; c++) {
      const char *text = report_cell(table, r, c);
      /* Padded here, since printf counts bytes where a terminal counts characters. */
      int padding = (int)(column_width(table, c) - ls_text_width(text));
      int before = report_numeric_column(table, c) ? padding : 0;
      int after = c + 1 < fitting ? padding - before : 0;
      ls_text_add(out, "%*s%s%*s", before + (c > 0 ? 2 : 1), "", text, after, "");
    }
    ls_text_add(out, "\n");
  }
  return table->columns - fitting;
}

/* A field, quoted where it must be. */
static void add_field(ls_text *out, const char *text) {
  if (!strpbrk(text, ",\"\r\n")) {
    ls_text_add(out, "%s", text);
    return;
  }
  ls_text_add(out, "\"");
  for (; *text; text++) {
    if (*text == '"') ls_text_add(out, "\"");
    ls_text_add_bytes(out, text, 1);
  }
  ls_text_add(out, "\"");
}

void report_table_csv(ls_text *out, const report_table *table) {
  for (size_t r = 0; r < table->rows; r++) {
    for (size_t c = 0; c < table->columns; c++) {
      if (c > 0) ls_text_add(out, ",");
      add_field(out, report_cell(table, r, c));
    }
    ls_text_add(out, "\n");
  }
}

/* A | would end the cell, and a < begin a tag. */
static void add_markdown_cell(ls_text *out, const char *text) {
  for (; *text; text++) {
    const char *escaped = *text == '|' ? "\\|" : *text == '<' ? "&lt;" : NULL;
    ls_text_add_bytes(out, escaped ? escaped : text, escaped ? strlen(escaped) : 1);
  }
}

void report_table_markdown(ls_text *out, const report_table *table) {
  for (size_t r = 0; r < table->rows; r++) {
    ls_text_add(out, "|");
    for (size_t c = 0; c < table->columns; c++) {
      ls_text_add(out, " ");
      add_markdown_cell(out, report_cell(table, r, c));
      ls_text_add(out, " |");
    }
    ls_text_add(out, "\n");
    for (size_t c = 0; r == 0 && c < table->columns; c++) ls_text_add(out, "|---");
    if (r == 0) ls_text_add(out, "|\n");
  }
}
