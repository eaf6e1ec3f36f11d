/* The table's cells, and their printing in columns. */
#include "report/table.h"

#include "base/memory.h"
#include "lockstep/error.h"
#include "report/compare.h"
#include "report/format.h"

#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A column, apart from its values. `index` is the variable, status, curve or final value it is
 * about. */
typedef struct column {
  enum {
    VARIABLE,
    MONITOR,
    REFERENCE,
    INTERVAL,
    BEST,
    COUNT,
    STATUS,
    MEAN,
    TEST,
    EPOCHS,
    SECONDS
  } kind;
  size_t index;
  int decimals;
} column;

typedef struct column_list {
  column *items;
  size_t count;
} column_list;

/* The same for one of the results' finals. They lie behind those of the curves. */
static int test_decimals(const ls_report_results *r, const ls_report_summary *s, size_t final) {
  return ls_report_curve_decimals(s, r->curve_count + final);
}

static void add_column(column_list *list, int kind, size_t index, int decimals) {
  list->items[list->count++] = (column){.kind = kind, .index = index, .decimals = decimals};
}

/* The most important columns come first. Of the curves, the other validation curves have one, and
 * the training curve that belongs to the monitored one. */
static int choose_columns(column_list *list, const ls_report_results *r,
                          const ls_report_summary *s) {
  *list = (column_list){0};
  list->items =
      ls_new(r->variable_count + r->curve_count + r->final_count + LS_REPORT_STATUS_COUNT + 7,
             sizeof *list->items);
  if (!list->items) return LS_FAILED;
  for (size_t v = 0; v < r->variable_count; v++) add_column(list, VARIABLE, v, 0);
  int decimals = ls_report_curve_decimals(s, s->monitor);
  add_column(list, MONITOR, s->monitor, decimals);
  if (r->repeats > 1) add_column(list, COUNT, 0, 0);
  if (r->repeats > 1) add_column(list, INTERVAL, s->monitor, decimals);
  if (r->repeats > 1 && s->better) add_column(list, BEST, s->monitor, decimals);
  if (r->reference_count > 1) add_column(list, REFERENCE, 0, decimals);
  for (size_t c = 0; c < r->final_count; c++) add_column(list, TEST, c, test_decimals(r, s, c));
  for (size_t k = 0; k < LS_REPORT_STATUS_COUNT; k++) {
    bool without_result = k != LS_REPORT_DONE && k != LS_REPORT_STOPPED_EARLY;
    if (without_result && s->counts[k]) add_column(list, STATUS, k, 0);
  }
  const char *training = strncmp(r->monitor, "val_", 4) == 0 ? r->monitor + 4 : "";
  for (int validation = 1; validation >= 0; validation--) {
    for (size_t c = 0; c < r->curve_count; c++) {
      const char *name = r->curves[c].name;
      bool wanted = validation ? c != s->monitor && strncmp(name, "val_", 4) == 0
                               : strcmp(name, training) == 0;
      if (wanted) add_column(list, MEAN, c, ls_report_curve_decimals(s, c));
    }
  }
  add_column(list, EPOCHS, 0, 1);
  add_column(list, SECONDS, 0, 1);
  return LS_OK;
}

static const char *heading(const column *c, const ls_report_results *r) {
  switch (c->kind) {
  case VARIABLE:
    return r->variables[c->index].name;
  case MONITOR:
  case MEAN:
    return r->curves[c->index].name;
  case TEST:
    return r->finals[c->index].name;
  case REFERENCE:
    return "reference";
  case INTERVAL:
    return "95 % ±";
  case BEST:
    return "best";
  case COUNT:
    return "n";
  case STATUS:
    return ls_report_status_words[c->index];
  case EPOCHS:
    return "epochs";
  case SECONDS:
    return "seconds";
  }
  return "";
}

/* The cell of a column in the row of a point, a string to be freed. */
static char *cell(const column *c, const ls_report_results *r, const ls_report_summary *s,
                  size_t point) {
  const ls_report_point *at = &s->points[point];
  char number[LS_REPORT_NUMBER] = "";
  ls_text text = {0};
  switch (c->kind) {
  case VARIABLE:
    return ls_copy_text(r->variables[c->index].labels[ls_report_index(r, point, c->index)]);
  case MONITOR:
    ls_report_add_mean(&text, &at->finals[c->index], c->decimals);
    return ls_text_take(&text);
  case MEAN:
    ls_report_fixed(number, at->finals[c->index].mean, c->decimals);
    break;
  case TEST:
    ls_report_fixed(number, at->tests[c->index].mean, c->decimals);
    break;
  case REFERENCE:
    ls_report_fixed(number, ls_report_reference(r, point), c->decimals);
    break;
  case INTERVAL:
    ls_report_rounded(number, ls_report_half_width(&at->finals[c->index]), c->decimals, false);
    break;
  case BEST:
    ls_report_fixed(number, ls_report_best(s, &at->finals[c->index]), c->decimals);
    break;
  case COUNT:
    snprintf(number, sizeof number, "%zu", at->finals[s->monitor].n);
    break;
  case STATUS:
    snprintf(number, sizeof number, "%zu", at->counts[c->index]);
    break;
  case EPOCHS:
    ls_report_fixed(number, at->epochs.mean, c->decimals);
    break;
  case SECONDS:
    ls_report_fixed(number, at->seconds.mean, c->decimals);
    break;
  }
  return ls_copy_text(number);
}

static int fill_points(ls_report_table *table, const ls_report_results *r,
                       const ls_report_summary *s, size_t most) {
  column_list columns;
  if (choose_columns(&columns, r, s) != LS_OK) return LS_FAILED;
  bool all = s->point_count <= most;
  table->headed = true;
  size_t points = all ? s->point_count : most;
  table->columns = columns.count;
  table->cells = ls_new(points + 1, columns.count * sizeof *table->cells);
  bool failed = !table->cells;
  if (!failed) table->rows = points + 1;
  for (size_t i = 0; i < points && !failed; i++) {
    size_t point = all ? i : s->ranking[i];
    if (point == s->best) table->best = i + 1;
    for (size_t c = 0; c < columns.count && !failed; c++) {
      char **at = &table->cells[(i + 1) * columns.count + c];
      failed = !(*at = cell(&columns.items[c], r, s, point));
    }
  }
  for (size_t c = 0; c < columns.count && !failed; c++) {
    failed = !(table->cells[c] = ls_copy_text(heading(&columns.items[c], r)));
  }
  free(columns.items);
  return failed ? LS_FAILED : LS_OK;
}

/* Appends a name and, printf-formatted, its value to a table of two columns. */
__attribute__((format(printf, 3, 4))) static void add_line(ls_report_table *table, const char *name,
                                                           const char *format, ...) {
  va_list args;
  va_start(args, format);
  char value[128];
  vsnprintf(value, sizeof value, format, args);
  va_end(args);
  table->cells[2 * table->rows] = ls_copy_text(name);
  table->cells[2 * table->rows + 1] = ls_copy_text(value);
  table->rows++;
}

static int fill_single(ls_report_table *table, const ls_report_results *r,
                       const ls_report_summary *s) {
  enum { OTHER_LINES = 7 };
  const ls_report_trial *trial = &r->trials[0];
  table->columns = 2;
  table->cells = ls_new(r->variable_count + r->curve_count + r->final_count + OTHER_LINES,
                        2 * sizeof *table->cells);
  if (!table->cells) return LS_FAILED;
  for (size_t v = 0; v < r->variable_count; v++) {
    add_line(table, r->variables[v].name, "%s", r->variables[v].labels[0]);
  }
  add_line(table, "status", "%s", ls_report_status_words[trial->status]);
  add_line(table, "epochs", "%zu of %zu", trial->epochs_run, r->epochs);
  if (trial->best_epoch) add_line(table, "best epoch", "%zu", trial->best_epoch);
  for (size_t c = 0; c < r->curve_count && trial->epochs_run; c++) {
    add_line(table, r->curves[c].name, "%.5g", r->curves[c].values[trial->epochs_run - 1]);
  }
  if (trial->best_epoch) {
    char name[128];
    snprintf(name, sizeof name, "%s at best epoch", r->monitor);
    add_line(table, name, "%.5g", r->curves[s->monitor].values[trial->best_epoch - 1]);
  }
  for (size_t c = 0; c < r->final_count; c++) {
    if (!isnan(r->finals[c].values[0])) {
      add_line(table, r->finals[c].name, "%.5g", r->finals[c].values[0]);
    }
  }
  add_line(table, "seed", "%" PRIu64, trial->seed);
  add_line(table, "weights hash", "%016" PRIx64, trial->weights_hash);
  if (!isnan(trial->seconds)) add_line(table, "seconds", "%.1f", trial->seconds);
  for (size_t i = 0; i < 2 * table->rows; i++) {
    if (!table->cells[i]) return LS_FAILED;
  }
  return LS_OK;
}

int ls_report_table_create(ls_report_table **out, const ls_report_results *results,
                           const ls_report_summary *summary, size_t most) {
  *out = NULL;
  ls_report_table *table = ls_new(1, sizeof *table);
  if (!table) return LS_FAILED;
  bool single = results->points * results->repeats == 1;
  int status =
      single ? fill_single(table, results, summary) : fill_points(table, results, summary, most);
  if (status == LS_OK) *out = table;
  if (status != LS_OK) ls_report_table_free(&table);
  return status;
}

const char *ls_report_which(const ls_report_summary *summary) {
  return summary->better ? "best" : "first";
}

void ls_report_table_free(ls_report_table **table) {
  if (!*table) return;
  for (size_t i = 0; i < (*table)->rows * (*table)->columns; i++) free((*table)->cells[i]);
  free((*table)->cells);
  free(*table);
  *table = NULL;
}

static size_t column_width(const ls_report_table *table, size_t c) {
  size_t widest = 0;
  for (size_t r = 0; r < table->rows; r++) {
    size_t width = ls_text_width(table->cells[r * table->columns + c]);
    if (width > widest) widest = width;
  }
  return widest;
}

bool ls_report_numeric_column(const ls_report_table *table, size_t c) {
  if (!table->headed) return false;
  for (size_t r = 1; r < table->rows; r++) {
    const char *text = table->cells[r * table->columns + c];
    if (!strchr("+-0123456789", text[0]) || strstr(text, "±")) return false;
  }
  return true;
}

size_t ls_report_table_print(ls_text *out, const ls_report_table *table, size_t width) {
  size_t used = 0, fitting = 0;
  while (fitting < table->columns) {
    used += 2 + column_width(table, fitting);
    if (used > width && fitting > 0) break;
    fitting++;
  }
  for (size_t r = 0; r < table->rows; r++) {
    ls_text_add(out, "%s", table->best && r == table->best ? "*" : " ");
    for (size_t c = 0; c < fitting; c++) {
      const char *text = table->cells[r * table->columns + c];
      /* Padded here, since printf counts bytes where a terminal counts characters. */
      int padding = (int)(column_width(table, c) - ls_text_width(text));
      int before = ls_report_numeric_column(table, c) ? padding : 0;
      int after = c + 1 < fitting ? padding - before : 0;
      ls_text_add(out, "%*s%s%*s", before + (c > 0 ? 2 : 1), "", text, after, "");
    }
    ls_text_add(out, "\n");
  }
  return table->columns - fitting;
}
