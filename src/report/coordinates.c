/* From a value for each point to the different values of a variable, and their numbers. */
#include "report/coordinates.h"

#include "lockstep/error.h"
#include "report/attributes.h"
#include "report/format.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct reader {
  report_results *out;
  ls_memory *memory;
  hid_t file;
} reader;

static const char none[] = "none"; /* stands for no value */

/* One variable while its values are sorted: the value of each point. */
typedef struct column {
  double *numbers; /* NULL: texts */
  char **texts;
} column;

static int compare_numbers(double x, double y) {
  if (isnan(x) || isnan(y)) return isnan(x) - isnan(y); /* behind all others */
  return (x > y) - (x < y);
}

static int compare_values(const column *c, size_t a, size_t b) {
  if (c->numbers) return compare_numbers(c->numbers[a], c->numbers[b]);
  bool no_a = !*c->texts[a], no_b = !*c->texts[b];
  return no_a || no_b ? no_a - no_b : strcmp(c->texts[a], c->texts[b]);
}

static int compare_points(const void *a, const void *b, void *context) {
  size_t p = *(const size_t *)a, q = *(const size_t *)b;
  int order = compare_values(context, p, q);
  return order != 0 ? order : (p > q) - (p < q);
}

/* Numbers the different values, in ascending order, none last; `first` gets a point that has each
 * of them. */
static int number_values(const reader *r, column *c, size_t variable, size_t **first,
                         size_t *count) {
  const report_results *out = r->out;
  size_t *sorted = ls_memory_new(r->memory, out->points, sizeof *sorted);
  *first = ls_memory_new(r->memory, out->points, sizeof **first);
  if (!sorted || !*first) return LS_FAILED;
  for (size_t p = 0; p < out->points; p++) sorted[p] = p;
  qsort_r(sorted, out->points, sizeof *sorted, compare_points, c);
  *count = 0;
  for (size_t i = 0; i < out->points; i++) {
    bool other = i == 0 || compare_values(c, sorted[i - 1], sorted[i]) != 0;
    if (other) (*first)[(*count)++] = sorted[i];
    out->values[sorted[i] * out->variable_count + variable] = *count - 1;
  }
  return LS_OK;
}

static bool is_missing(const column *c, size_t point) {
  return c->numbers ? isnan(c->numbers[point]) : !*c->texts[point];
}

static int fill_numbers(const reader *r, report_axis *axis, const column *c, const size_t *first) {
  axis->values = ls_memory_new(r->memory, axis->count, sizeof *axis->values);
  if (!axis->values) return LS_FAILED;
  for (size_t i = 0; i < axis->count; i++) axis->values[i] = c->numbers[first[i]];
  size_t known = axis->count - (axis->missing != SIZE_MAX);
  char **labels = report_labels(r->memory, axis->values, known);
  if (known == axis->count) {
    axis->numbers = axis->values;
    axis->labels = labels;
    return ls_memory_status(r->memory);
  }
  axis->labels = ls_memory_new(r->memory, axis->count, sizeof *axis->labels);
  if (!axis->labels) return LS_FAILED;
  for (size_t i = 0; i < known && labels; i++) axis->labels[i] = labels[i];
  axis->labels[known] = ls_memory_text(r->memory, "%s", none);
  return ls_memory_status(r->memory);
}

static int fill_texts(const reader *r, report_axis *axis, const column *c, const size_t *first) {
  axis->labels = ls_memory_new(r->memory, axis->count, sizeof *axis->labels);
  if (!axis->labels) return LS_FAILED;
  for (size_t i = 0; i < axis->count; i++) {
    axis->labels[i] =
        i == axis->missing ? ls_memory_text(r->memory, "%s", none) : c->texts[first[i]];
  }
  return ls_memory_status(r->memory);
}

int report_describe_axis(report_axis *axis, ls_memory *memory, hid_t file) {
  char *spacing = NULL, *simpler = NULL;
  const report_text texts[] = {{"spacing", &spacing, "linear"}, {"simpler", &simpler, ""}, {NULL}};
  axis->order = ls_memory_new(memory, axis->count, sizeof *axis->order);
  axis->places = ls_memory_new(memory, axis->count, sizeof *axis->places);
  int status =
      axis->order && axis->places ? report_read_list(memory, file, axis->name, texts) : LS_FAILED;
  if (status != LS_OK) return status;
  for (size_t i = 0; i < axis->count; i++) axis->order[i] = axis->places[i] = i;
  axis->log = strcmp(spacing, "log") == 0;
  axis->simpler = strcmp(simpler, "higher") == 0 ? 1 : strcmp(simpler, "lower") == 0 ? -1 : 0;
  return LS_OK;
}

static int describe(const reader *r, report_axis *axis, const column *c, const size_t *first) {
  axis->missing = is_missing(c, first[axis->count - 1]) ? axis->count - 1 : SIZE_MAX;
  int status = report_describe_axis(axis, r->memory, r->file);
  if (status != LS_OK) return status;
  return c->numbers ? fill_numbers(r, axis, c, first) : fill_texts(r, axis, c, first);
}

static int read_column(const reader *r, column *c, const char *name) {
  ls_h5_shape shape;
  int status = ls_h5_describe(r->file, name, &shape);
  if (status != LS_OK) return status;
  if (shape.rank != 1 || shape.extent[0] != r->out->points) {
    return ls_fail(LS_INVALID, "%s: /%s: is not laid out over the points", r->out->path, name);
  }
  if (shape.class_id == H5T_STRING) {
    size_t count = 0;
    status = ls_h5_read_texts(r->file, name, &c->texts, &count);
    return report_keep_texts(r->memory, c->texts, count, status);
  }
  c->numbers = ls_memory_new(r->memory, r->out->points, sizeof *c->numbers);
  return c->numbers ? ls_h5_read(r->file, name, H5T_NATIVE_DOUBLE, c->numbers) : LS_FAILED;
}

static int read_variable(const reader *r, size_t variable, const char *name) {
  report_axis *axis = &r->out->variables[variable];
  column c = {0};
  size_t *first = NULL;
  axis->name = ls_memory_text(r->memory, "%s", name);
  int status = axis->name ? read_column(r, &c, name) : LS_FAILED;
  if (status == LS_OK) status = number_values(r, &c, variable, &first, &axis->count);
  return status == LS_OK ? describe(r, axis, &c, first) : status;
}

static size_t count_words(const char *text) {
  size_t words = 0;
  for (; *text; text += strcspn(text, " ")) {
    text += strspn(text, " ");
    words += *text != '\0';
  }
  return words;
}

int report_read_coordinates(report_results *out, ls_memory *memory, hid_t file) {
  const reader r = {out, memory, file};
  char *names = NULL, *rest = NULL;
  int status = report_read_text(memory, &names, file, ".", "coordinates", "");
  if (status != LS_OK) return status;
  out->variable_count = count_words(names);
  out->variables = ls_memory_new(memory, out->variable_count, sizeof *out->variables);
  size_t cells = 0;
  if (__builtin_mul_overflow(out->points, out->variable_count, &cells)) {
    return ls_fail(LS_INVALID, "%s: /point: is too large", out->path);
  }
  out->values = ls_memory_new(memory, cells, sizeof *out->values);
  status = ls_memory_status(memory);
  size_t variable = 0;
  for (char *name = strtok_r(names, " ", &rest); name && status == LS_OK;
       name = strtok_r(NULL, " ", &rest)) {
    status = read_variable(&r, variable++, name);
  }
  return status;
}
