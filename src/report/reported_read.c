/* Groups of references and orderings -> plain data. Files of earlier versions have one reference,
 * as an attribute if it is one for all points, else as a dataset. */
#include "report/reported_read.h"

#include "lockstep/error.h"
#include "report/attributes.h"

#include <limits.h>
#include <math.h>
#include <string.h>

typedef struct reader {
  report_results *out;
  ls_memory *memory;
  hid_t file;
} reader;

/* Checks that a dataset is over the variables of the sweep. */
static int check_points(const reader *r, const char *name) {
  ls_h5_shape shape;
  int status = ls_h5_describe(r->file, name, &shape);
  if (status != LS_OK) return status;
  bool points = r->out->values;
  bool fits = shape.rank == (points ? 1 : (int)r->out->variable_count);
  for (int v = 0; v < shape.rank && fits; v++) {
    fits = shape.extent[v] == (points ? r->out->points : r->out->variables[v].count);
  }
  return fits ? LS_OK
              : ls_fail(LS_INVALID, "%s: /%s: is not laid out over the variables", r->out->path,
                        name);
}

static int read_points(const reader *r, const char *name, double *values) {
  int status = check_points(r, name);
  return status == LS_OK ? ls_h5_read(r->file, name, H5T_NATIVE_DOUBLE, values) : status;
}

static int read_reference(const reader *r, report_reference *out, const char *name) {
  char *of = NULL, *bound = NULL;
  const report_text texts[] = {{"metric", &out->metric, r->out->monitor},
                               {"label", &out->label, ""},
                               {"comment", &out->comment, ""},
                               {"of", &of, ""},
                               {"bound", &bound, ""},
                               {NULL}};
  out->values = ls_memory_new(r->memory, r->out->points, sizeof *out->values);
  int status = out->values ? read_points(r, name, out->values) : LS_FAILED;
  if (status == LS_OK) status = report_read_list(r->memory, r->file, name, texts);
  if (status != LS_OK) return status;
  out->best = strcmp(of, "best") == 0;
  out->bound = strcmp(bound, "lower") == 0 ? 1 : strcmp(bound, "upper") == 0 ? -1 : 0;
  return LS_OK;
}

static int read_varied(const reader *r, bool *varied, const char *name) {
  char **names = NULL;
  size_t count = 0;
  int status = report_read_texts(r->memory, &names, &count, r->file, name, "variables");
  for (size_t i = 0; status == LS_OK && i < count; i++) {
    const report_axis *axis = report_find_variable(r->out, names[i]);
    if (axis) varied[axis - r->out->variables] = true;
  }
  return status;
}

/* Reads the places of points, which are not more than the values that the varied variables have. */
static int read_places(const reader *r, report_ordering *o, const char *name) {
  int64_t most = r->out->values ? (int64_t)r->out->points : 1;
  for (size_t v = 0; v < r->out->variable_count && !r->out->values; v++) {
    most *= o->varied[v] ? (int64_t)r->out->variables[v].count : 1;
  }
  if (most > INT_MAX) most = INT_MAX;
  int64_t *values = ls_memory_new(r->memory, r->out->points, sizeof *values);
  int status = values ? check_points(r, name) : LS_FAILED;
  if (status == LS_OK) {
    status = ls_h5_read_integers(r->file, name, (ls_h5_range){0, most}, r->out->points, values);
  }
  for (size_t p = 0; p < r->out->points && status == LS_OK; p++) o->places[p] = (int)values[p];
  return status;
}

static int read_ordering(const reader *r, report_ordering *out, const char *name) {
  char *of = NULL, *relation = NULL;
  const report_text texts[] = {{"metric", &out->metric, r->out->monitor},
                               {"label", &out->label, ""},
                               {"comment", &out->comment, ""},
                               {"long_name", &out->claim, ""},
                               {"of", &of, ""},
                               {"relation", &relation, ""},
                               {NULL}};
  out->places = ls_memory_new(r->memory, r->out->points, sizeof *out->places);
  out->varied = ls_memory_new(r->memory, r->out->variable_count, sizeof *out->varied);
  if (!out->places || !out->varied) return LS_FAILED;
  int status = report_read_list(r->memory, r->file, name, texts);
  if (status == LS_OK) status = read_varied(r, out->varied, name);
  if (status == LS_OK) status = read_places(r, out, name);
  out->best = status == LS_OK && strcmp(of, "best") == 0;
  out->same = status == LS_OK && strcmp(relation, "same") == 0;
  return status;
}

/* The paths of a group's members, sorted; none where the file has no such group. */
static int list_members(const reader *r, const char *group, char ***paths, size_t *count) {
  *count = 0;
  if (!ls_h5_has_group(r->file, group)) return LS_OK;
  int status = ls_h5_list(r->file, group, paths, count);
  status = report_keep_texts(r->memory, *paths, *count, status);
  for (size_t i = 0; status == LS_OK && i < *count; i++) {
    (*paths)[i] = ls_memory_text(r->memory, "%s/%s", group, (*paths)[i]);
  }
  return status == LS_OK ? ls_memory_status(r->memory) : status;
}

/* The reference of a file of an earlier version. */
static int read_old(const reader *r) {
  bool one = ls_h5_has_attribute(r->file, ".", "reference");
  if (!one && !ls_h5_has(r->file, "reference")) return LS_OK;
  report_reference *out = ls_memory_new(r->memory, 1, sizeof *out);
  double *values = ls_memory_new(r->memory, r->out->points, sizeof *values);
  if (!out || !values) return LS_FAILED;
  *out = (report_reference){.comment = ls_memory_text(r->memory, "%s", ""), .values = values};
  const report_text texts[] = {{"reference_metric", &out->metric, r->out->monitor},
                               {"reference_label", &out->label, ""},
                               {NULL}};
  int status = one ? ls_h5_get_number(r->file, ".", "reference", values)
                   : read_points(r, "reference", values);
  for (size_t p = 1; p < r->out->points && one; p++) values[p] = values[0];
  if (status == LS_OK) status = report_read_list(r->memory, r->file, ".", texts);
  r->out->references = out;
  r->out->reference_count = 1;
  return status;
}

int reported_read(report_results *out, ls_memory *memory, hid_t file) {
  const reader r = {out, memory, file};
  char **references = NULL, **orderings = NULL;
  int status = list_members(&r, "references", &references, &out->reference_count);
  if (status == LS_OK) status = list_members(&r, "orderings", &orderings, &out->ordering_count);
  out->references = ls_memory_new(memory, out->reference_count, sizeof *out->references);
  out->orderings = ls_memory_new(memory, out->ordering_count, sizeof *out->orderings);
  if (status == LS_OK) status = ls_memory_status(memory);
  for (size_t i = 0; i < out->reference_count && status == LS_OK; i++) {
    status = read_reference(&r, &out->references[i], references[i]);
  }
  for (size_t i = 0; i < out->ordering_count && status == LS_OK; i++) {
    status = read_ordering(&r, &out->orderings[i], orderings[i]);
  }
  return status == LS_OK && out->reference_count == 0 ? read_old(&r) : status;
}
