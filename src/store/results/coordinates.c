/* Writing the coordinates. */
#include "store/results/coordinates.h"

#include "base/memory.h"
#include "base/text.h"
#include "lockstep/error.h"

#include <math.h>
#include <stdlib.h>

typedef struct table {
  hid_t file;
  size_t points, variables;
  size_t *values; /* [point, variable] */
} table;

int results_describe_variable(hid_t file, const ls_axis *variable) {
  int status = LS_OK;
  if (variable->numbers) {
    status = ls_h5_set_text(file, variable->name, "spacing", variable->log ? "log" : "linear");
  }
  if (status != LS_OK || variable->simpler == 0) return status;
  return ls_h5_set_text(file, variable->name, "simpler",
                        variable->simpler > 0 ? "higher" : "lower");
}

static size_t value_at(const table *t, size_t point, size_t variable) {
  return t->values[point * t->variables + variable];
}

static int make_numbers(const table *t, const ls_axis *axis, size_t v) {
  hsize_t extent = t->points;
  bool complete = true; /* an integer can't be NaN */
  double *numbers = ls_new(t->points, sizeof *numbers);
  if (!numbers) return LS_FAILED;
  for (size_t p = 0; p < t->points; p++) {
    size_t value = value_at(t, p, v);
    numbers[p] = value == LS_NO_VALUE ? NAN : axis->numbers[value];
    complete = complete && value != LS_NO_VALUE;
  }
  hid_t type = axis->integer && complete ? H5T_NATIVE_INT64 : H5T_NATIVE_DOUBLE;
  int status = ls_h5_create_dataset(t->file, axis->name, type, 1, &extent, NULL);
  if (status == LS_OK) status = ls_h5_write(t->file, axis->name, H5T_NATIVE_DOUBLE, numbers);
  free(numbers);
  return status;
}

static int make_texts(const table *t, const ls_axis *axis, size_t v) {
  const char **texts = ls_new(t->points, sizeof *texts);
  if (!texts) return LS_FAILED;
  for (size_t p = 0; p < t->points; p++) {
    size_t value = value_at(t, p, v);
    texts[p] = value == LS_NO_VALUE ? "" : axis->labels[value];
  }
  int status = ls_h5_create_texts(t->file, axis->name, t->points, texts);
  free(texts);
  return status;
}

static int make_coordinate(const table *t, const ls_axis *axis, size_t v) {
  int status = axis->numbers ? make_numbers(t, axis, v) : make_texts(t, axis, v);
  if (status == LS_OK) status = ls_h5_attach_scale(t->file, axis->name, LS_AXIS_POINT, 0);
  return status == LS_OK ? results_describe_variable(t->file, axis) : status;
}

static int list_coordinates(const table *t, const ls_axis *variables) {
  ls_text names = {0};
  for (size_t v = 0; v < t->variables; v++) {
    ls_text_add(&names, "%s%s", v > 0 ? " " : "", variables[v].name);
  }
  char *text = ls_text_take(&names);
  int status = text ? ls_h5_set_text(t->file, ".", "coordinates", text) : LS_FAILED;
  free(text);
  return status;
}

int results_make_coordinates(hid_t file, const ls_job *job) {
  if (!ls_job_has_points(job)) return LS_OK;
  const ls_axis *variables;
  table t = {.file = file, .points = ls_job_points(job)};
  t.variables = ls_job_variables(job, &variables);
  t.values = ls_new(t.points * t.variables, sizeof *t.values);
  int status = t.values ? LS_OK : LS_FAILED;
  for (size_t p = 0; p < t.points && status == LS_OK; p++) {
    ls_job_values(job, p, t.values + p * t.variables);
  }
  for (size_t v = 0; v < t.variables && status == LS_OK; v++) {
    status = make_coordinate(&t, &variables[v], v);
  }
  if (status == LS_OK) status = list_coordinates(&t, variables);
  free(t.values);
  return status;
}
