/* Variables of a sweep: from a value for each entry of a dataset to the different values of the
 * variable, their labels and their order. The entries are the values along an axis or, where the
 * sweep is no grid, those of its points. */
#include "lockstep/error.h"
#include "report/format.h"
#include "report/reader.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The values as they are in the file. */
typedef struct column {
  double *numbers; /* NULL: texts */
  char **texts;
  size_t count;
} column;

/* ---- Sorting values ---- */

static bool is_missing(const column *c, size_t entry) {
  return c->numbers ? isnan(c->numbers[entry]) : !*c->texts[entry];
}

/* Ascending, what stands for no value behind all others. */
static int compare_values(const column *c, size_t a, size_t b) {
  bool no_a = is_missing(c, a), no_b = is_missing(c, b);
  if (no_a || no_b) return no_a - no_b;
  if (!c->numbers) return strcmp(c->texts[a], c->texts[b]);
  return (c->numbers[a] > c->numbers[b]) - (c->numbers[a] < c->numbers[b]);
}

static int compare_entries(const void *a, const void *b, void *context) {
  size_t p = *(const size_t *)a, q = *(const size_t *)b;
  int order = compare_values(context, p, q);
  return order != 0 ? order : (p > q) - (p < q);
}

static void sort_entries(column *c, size_t *entries) {
  qsort_r(entries, c->count, sizeof *entries, compare_entries, c);
}

/* Numbers the different values of points in ascending order, none last. Returns how many there are;
 * `first` [value] gets a point that has each of them. */
static size_t number_values(const report_results *out, column *c, size_t variable, size_t *sorted,
                            size_t *first) {
  size_t count = 0;
  for (size_t p = 0; p < c->count; p++) sorted[p] = p;
  sort_entries(c, sorted);
  for (size_t i = 0; i < c->count; i++) {
    bool other = i == 0 || compare_values(c, sorted[i - 1], sorted[i]) != 0;
    if (other) first[count++] = sorted[i];
    out->values[sorted[i] * out->variable_count + variable] = count - 1;
  }
  return count;
}

/* ---- Reading ---- */

/* The column of that name; without entries after a failure. */
static column read_column(report_reader *r, const char *name) {
  column c = {0};
  ls_h5_shape shape = report_read_shape(r, name);
  const report_layout layout = {0, shape.rank == 1 ? (size_t)shape.extent[0] : 0, "points"};
  if (r->status != LS_OK) return c;
  if (shape.class_id == H5T_STRING) {
    c.texts = report_read_strings(r, name, &c.count);
  } else {
    c.numbers = report_read_reals(r, name, layout);
    c.count = r->status == LS_OK ? layout.extent : 0;
  }
  return c;
}

/* Sets labels and values: entry first[i] of the column has value i. */
static void set_values(report_reader *r, report_axis *axis, const column *c, const size_t *first) {
  size_t known = axis->count - (axis->missing != SIZE_MAX);
  double *values = c->numbers ? report_new(r, axis->count, sizeof *values) : NULL;
  axis->labels = report_new(r, axis->count, sizeof *axis->labels);
  for (size_t i = 0; i < axis->count && r->status == LS_OK; i++) {
    if (values) values[i] = c->numbers[first[i]];
    axis->labels[i] = values ? NULL : c->texts[first[i]];
  }
  if (r->status != LS_OK) return;
  char **labels = values ? report_labels(r->memory, values, known) : NULL;
  for (size_t i = 0; i < known && labels; i++) axis->labels[i] = labels[i];
  if (known < axis->count) axis->labels[known] = ls_memory_text(r->memory, "none");
  axis->values = values;
  axis->numbers = known == axis->count ? values : NULL;
  r->status = ls_memory_status(r->memory);
}

/* Sets what the file records of an axis whose name and count are set, and its values in the order
 * in which they are drawn. */
static void describe(report_reader *r, report_axis *axis, column *c, const size_t *first) {
  const char *simpler = report_read_text(r, axis->name, "simpler", "");
  axis->simpler = strcmp(simpler, "higher") == 0 ? 1 : strcmp(simpler, "lower") == 0 ? -1 : 0;
  axis->log = strcmp(report_read_text(r, axis->name, "spacing", "linear"), "log") == 0;
  axis->order = report_new(r, axis->count, sizeof *axis->order);
  axis->places = report_new(r, axis->count, sizeof *axis->places);
  set_values(r, axis, c, first);
}

void report_read_variable(report_reader *r, const char *name) {
  column c = read_column(r, name);
  report_axis *axis = &r->results->variables[r->results->variable_count++];
  *axis = (report_axis){.name = name, .count = c.count, .missing = SIZE_MAX};
  size_t *first = report_new(r, c.count, sizeof *first);
  for (size_t i = 0; i < c.count && first; i++) first[i] = i;
  describe(r, axis, &c, first);
  if (r->status != LS_OK) return;
  for (size_t i = 0; i < c.count; i++) axis->order[i] = i;
  if (c.numbers) sort_entries(&c, axis->order);
  for (size_t i = 0; i < c.count; i++) axis->places[axis->order[i]] = i;
}

/* Reads one of the coordinates. */
static void read_coordinate(report_reader *r, size_t variable, const char *name) {
  report_results *out = r->results;
  report_axis *axis = &out->variables[variable];
  column c = read_column(r, name);
  size_t *sorted = report_new(r, out->points, sizeof *sorted);
  size_t *first = report_new(r, out->points, sizeof *first);
  if (r->status == LS_OK && c.count != out->points) {
    r->status = ls_fail(LS_INVALID, "%s: /%s: is not laid out over the points", r->path, name);
  }
  if (r->status != LS_OK) return;
  *axis = (report_axis){.name = name, .count = number_values(out, &c, variable, sorted, first)};
  axis->missing = is_missing(&c, first[axis->count - 1]) ? axis->count - 1 : SIZE_MAX;
  describe(r, axis, &c, first);
  for (size_t i = 0; i < axis->count && r->status == LS_OK; i++) {
    axis->order[i] = axis->places[i] = i;
  }
}

void report_read_coordinates(report_reader *r) {
  report_results *out = r->results;
  const char *listed = report_read_text(r, ".", "coordinates", "");
  char **names = report_new(r, strlen(listed) + 1, sizeof *names), *rest = NULL;
  char *text = ls_memory_text(r->memory, "%s", listed);
  for (char *name = names && text ? strtok_r(text, " ", &rest) : NULL; name;
       name = strtok_r(NULL, " ", &rest)) {
    names[out->variable_count++] = name;
  }
  out->variables = report_new(r, out->variable_count, sizeof *out->variables);
  out->values = report_new(r, out->points, out->variable_count * sizeof *out->values);
  for (size_t v = 0; v < out->variable_count && r->status == LS_OK; v++) {
    read_coordinate(r, v, names[v]);
  }
}
