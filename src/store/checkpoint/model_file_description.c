/* What a model file records of its dataset: attributes `encoding` and `input_scale` of /lockstep,
 * and a group /lockstep/outputs with a group for each output, by its number from 1: its attributes
 * `classes` and, of two classes and of labels, `threshold`, and a dataset `class_names` or
 * `value_names` where classes or values have names. */
#include "store/checkpoint/model_file_description.h"

#include "lockstep/error.h"
#include "store/checkpoint/model_file.h"
#include "store/checkpoint/names.h"

#include <stdio.h>

#define OUTPUTS_GROUP "outputs"

enum { NUMBER = 24 };

static const char *names_of(const ls_output_description *o) {
  return o->classes > 0 ? "class_names" : "value_names";
}

/* ---- Writing --------------------------------------------------------------------------------- */

static int write_output(hid_t outputs, size_t number, const ls_output_description *o) {
  char name[NUMBER];
  hid_t group = -1;
  const int64_t classes = (int64_t)o->classes;
  snprintf(name, sizeof name, "%zu", number);
  int status = ls_h5_create_group(&group, outputs, name);
  if (status == LS_OK) {
    status = ls_h5_set_values(group, ".", "classes", H5T_NATIVE_INT64, 1, &classes);
  }
  if (status == LS_OK && o->threshold_count > 0) {
    status = ls_h5_set_values(group, ".", "threshold", H5T_NATIVE_DOUBLE, o->threshold_count,
                              o->thresholds);
  }
  if (status == LS_OK && o->name_count > 0) {
    status = ls_h5_create_texts(group, names_of(o), o->name_count, o->names);
  }
  ls_h5_close(&group);
  return status;
}

int model_file_describe(hid_t own, const ls_data_description *d) {
  hid_t outputs = -1;
  int status = ls_h5_set_values(own, ".", "input_scale", H5T_NATIVE_DOUBLE, 1, &d->scale);
  if (status == LS_OK && d->encoding) status = ls_h5_set_text(own, ".", "encoding", d->encoding);
  if (status == LS_OK) status = ls_h5_create_group(&outputs, own, OUTPUTS_GROUP);
  for (size_t i = 0; i < d->output_count && status == LS_OK; i++) {
    status = write_output(outputs, i + 1, &d->outputs[i]);
  }
  ls_h5_close(&outputs);
  return status;
}

/* ---- Reading --------------------------------------------------------------------------------- */

static int read_names(ls_memory *memory, ls_output_description *out, hid_t group) {
  char **names = NULL;
  size_t count = 0;
  if (!ls_h5_has(group, names_of(out))) return LS_OK;
  int status = ls_h5_read_texts(group, names_of(out), &names, &count);
  if (status != LS_OK) return status;
  for (size_t i = 0; i < count; i++) ls_memory_keep(memory, names[i]);
  ls_memory_keep(memory, names);
  out->names = (const char **)names;
  out->name_count = out->classes > 0 && count > out->classes ? out->classes : count;
  return ls_memory_status(memory);
}

/* Files of earlier versions have none. */
static int read_thresholds(ls_memory *memory, ls_output_description *out, hid_t group,
                           const char *name) {
  double *thresholds = NULL;
  if (!ls_h5_has_attribute(group, ".", "threshold")) return LS_OK;
  int status = ls_h5_get_numbers(group, ".", "threshold", &thresholds, &out->threshold_count);
  if (status != LS_OK) return status;
  out->thresholds = ls_memory_keep(memory, thresholds);
  if (out->classes > 0 && out->threshold_count != 1) {
    return ls_fail(LS_INVALID, "/lockstep/%s: has %zu thresholds for its classes (expected one)",
                   name, out->threshold_count);
  }
  for (size_t i = 0; i < out->threshold_count; i++) {
    if (thresholds[i] >= 0 && thresholds[i] <= 1) continue;
    return ls_fail(LS_INVALID, "/lockstep/%s: has the threshold %g (expected 0 to 1)", name,
                   thresholds[i]);
  }
  return ls_memory_status(memory);
}

static int read_output(ls_memory *memory, ls_output_description *out, hid_t own, size_t number) {
  char name[NUMBER + sizeof OUTPUTS_GROUP];
  hid_t group = -1;
  double classes = 0;
  snprintf(name, sizeof name, OUTPUTS_GROUP "/%zu", number);
  int status = ls_h5_open_group(&group, own, name);
  if (status == LS_OK) status = ls_h5_get_number(group, ".", "classes", &classes);
  if (status == LS_OK && !(classes >= 0 && classes <= INT32_MAX)) {
    status = ls_fail(LS_INVALID, "/lockstep/%s: has %g classes", name, classes);
  }
  if (status == LS_OK) {
    out->classes = (size_t)classes;
    status = read_thresholds(memory, out, group, name);
  }
  if (status == LS_OK) {
    status = read_names(memory, out, group);
  }
  ls_h5_close(&group);
  return status;
}

static int read_all(ls_memory *memory, ls_data_description *out, hid_t own) {
  char *encoding = NULL;
  int status = ls_h5_get_number(own, ".", "input_scale", &out->scale);
  if (status == LS_OK && ls_h5_has_attribute(own, ".", "encoding")) {
    status = ls_h5_get_text(own, ".", "encoding", &encoding);
    if (status == LS_OK) out->encoding = ls_memory_keep(memory, encoding);
  }
  out->outputs = ls_memory_new(memory, out->output_count, sizeof *out->outputs);
  if (status == LS_OK) status = ls_memory_status(memory);
  for (size_t i = 0; i < out->output_count && status == LS_OK; i++) {
    status = read_output(memory, &out->outputs[i], own, i + 1);
  }
  return status;
}

int ls_model_file_description(ls_memory *memory, ls_data_description *out, bool *found,
                              const char *path, size_t outputs) {
  hid_t file = -1, own = -1;
  *out = (ls_data_description){.output_count = outputs};
  *found = false;
  int status = ls_h5_open(&file, path);
  if (status == LS_OK) status = ls_h5_open_group(&own, file, OWN_GROUP);
  if (status == LS_OK) *found = ls_h5_has_group(own, OUTPUTS_GROUP);
  if (status == LS_OK && *found) status = read_all(memory, out, own);
  ls_h5_close(&own);
  ls_h5_close(&file);
  return status;
}
