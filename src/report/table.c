/* A table's cells: collecting them, and writing them as text, CSV and Markdown. */
#include "report/table.h"

#include "base/escape.h"
#include "lockstep/error.h"

#include <string.h>

/* ---- Filling ---- */

/* Begins the next cell, under a title that begins with `name`. */
static ls_text *begin_cell(report_table *table, const char *name, const char *title) {
  if (table->headed && table->rows == 0) {
    ls_text_add_visible(&table->titles, "%s%s", name, title);
    ls_text_add_bytes(&table->titles, "", 1);
  }
  if (table->count++ > 0) ls_text_add_bytes(&table->text, "", 1); /* ends the cell before */
  return &table->text;
}

ls_text *report_table_add(report_table *table, const char *title) {
  return begin_cell(table, "", title);
}

void report_table_add_text(report_table *table, const char *title, const char *text) {
  ls_text_add_visible(begin_cell(table, "", title), "%s", text);
}

void report_table_add_number(report_table *table, const char *title, double value,
                             report_format format, int decimals) {
  report_table_add_text(table, title, report_number(value, format, decimals).text);
}

void report_table_add_count(report_table *table, const char *title, size_t count) {
  report_table_add_number(table, title, (double)count, REPORT_AS_EXACT, 0);
}

void report_table_add_exact(report_table *table, const char *name, const char *title,
                            double value) {
  report_digits number = report_number(value, REPORT_AS_EXACT, 0);
  ls_text_add(begin_cell(table, name, title), "%s", number.text);
}

ls_text *report_table_add_pair(report_table *table, const char *name) {
  report_table_add_text(table, "", name);
  ls_text *value = report_table_add(table, "");
  report_table_end_row(table);
  return value;
}

void report_table_end_row(report_table *table) {
  if (table->rows == 0) table->columns = table->count;
  table->rows++;
}

const char *report_cell(const report_table *table, size_t row, size_t column) {
  return table->cells[row * table->columns + column];
}

static size_t find_width(const report_table *table, size_t c) {
  size_t widest = 0;
  for (size_t r = 0; r < table->rows; r++) {
    size_t width = ls_text_width(report_cell(table, r, c));
    if (width > widest) widest = width;
  }
  return widest;
}

static bool is_numeric(const report_table *table, size_t c) {
  if (!table->headed) return false;
  for (size_t r = 1; r < table->rows; r++) {
    const char *text = report_cell(table, r, c);
    if (strcmp(text, "none") == 0) continue; /* a variable without a value */
    if (!strchr("+-0123456789", text[0]) || strstr(text, "±")) return false;
  }
  return true;
}

/* Puts the headings before the other cells. */
static void add_headings(report_table *table) {
  ls_text all = table->titles;
  ls_text_add_bytes(&all, table->text.data, table->text.length);
  all.failed = all.failed || table->text.failed;
  ls_text_free(&table->text);
  table->text = all;
  table->rows++;
  table->count += table->columns;
}

void report_table_finish(report_table *table, ls_memory *memory) {
  if (table->headed && table->rows > 0) add_headings(table);
  table->cells = ls_memory_new(memory, table->count, sizeof *table->cells);
  table->widths = ls_memory_new(memory, table->columns, sizeof *table->widths);
  table->numeric = ls_memory_new(memory, table->columns, sizeof *table->numeric);
  const char *cell = ls_memory_keep(memory, ls_text_take(&table->text));
  table->failed = ls_memory_status(memory) != LS_OK;
  if (table->failed) table->rows = table->columns = table->count = 0;
  for (size_t i = 0; i < table->count; i++) {
    table->cells[i] = cell;
    cell += strlen(cell) + 1;
  }
  for (size_t c = 0; c < table->columns; c++) {
    table->widths[c] = find_width(table, c);
    table->numeric[c] = is_numeric(table, c);
  }
}

/* ---- Writing ---- */

/* How many columns fit, the first in any case. */
static size_t fitting_columns(const report_table *table, size_t width) {
  size_t used = 0, fitting = 0;
  while (fitting < table->columns) {
    used += 2 + table->widths[fitting];
    if (used > width && fitting > 0) break;
    fitting++;
  }
  return fitting;
}

size_t report_table_print(ls_text *out, const report_table *table, size_t width) {
  size_t fitting = fitting_columns(table, width);
  out->failed |= table->failed;
  for (size_t r = 0; r < table->rows; r++) {
    ls_text_add(out, "%s", table->best && r == table->best ? "*" : " ");
    for (size_t c = 0; c < fitting; c++) {
      const char *text = report_cell(table, r, c);
      /* Padded here, since printf counts bytes where a terminal counts characters. */
      int padding = (int)(table->widths[c] - ls_text_width(text));
      int before = table->numeric[c] ? padding : 0;
      int after = c + 1 < fitting ? padding - before : 0;
      ls_text_add(out, "%*s%s%*s", before + (c > 0 ? 2 : 1), "", text, after, "");
    }
    ls_text_add(out, "\n");
  }
  return table->columns - fitting;
}

void report_table_csv(ls_text *out, const report_table *table) {
  out->failed |= table->failed;
  for (size_t r = 0; r < table->rows; r++) {
    for (size_t c = 0; c < table->columns; c++) {
      if (c > 0) ls_text_add(out, ",");
      ls_escape_csv(out, report_cell(table, r, c));
    }
    ls_text_add(out, "\n");
  }
}

void report_table_markdown(ls_text *out, const report_table *table) {
  out->failed |= table->failed;
  for (size_t r = 0; r < table->rows; r++) {
    ls_text_add(out, "|");
    for (size_t c = 0; c < table->columns; c++) {
      ls_text_add_markdown(out, " %s |", report_cell(table, r, c));
    }
    ls_text_add(out, "\n");
    for (size_t c = 0; r == 0 && c < table->columns; c++) ls_text_add(out, "|---");
    if (r == 0) ls_text_add(out, "|\n");
  }
}
