/* Writing what was reported elsewhere. */
#include "store/results/reported.h"

#include "lockstep/error.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* A dataset over the variables of the sweep. */
typedef struct table {
  hid_t file;
  const ls_axis *axes;
  size_t axis_count;
  char name[32];
} table;

size_t ls_reported_axes(const ls_job *job, const ls_axis **axes) {
  size_t count = ls_job_axes(job, axes), variables = 0;
  while (variables < count && strcmp((*axes)[variables].name, "replicate") != 0 &&
         strcmp((*axes)[variables].name, "fold") != 0) {
    variables++;
  }
  return variables;
}

static int make_table(const table *t, hid_t type, const void *values) {
  hsize_t extent[LS_H5_MAX_RANK] = {0};
  for (size_t i = 0; i < t->axis_count; i++) extent[i] = t->axes[i].count;
  int status = ls_h5_create_dataset(t->file, t->name, type, (int)t->axis_count, extent, NULL);
  for (size_t i = 0; i < t->axis_count && status == LS_OK; i++) {
    status = ls_h5_attach_scale(t->file, t->name, t->axes[i].name, (unsigned)i);
  }
  return status == LS_OK ? ls_h5_write(t->file, t->name, type, values) : status;
}

static int set_text(const table *t, const char *attribute, const char *text, int status) {
  if (status != LS_OK || !text) return status;
  return ls_h5_set_text(t->file, t->name, attribute, text);
}

static int make_value(const table *t, const ls_reported_value *value) {
  int status = make_table(t, H5T_NATIVE_DOUBLE, value->values);
  status = set_text(t, "long_name", "reported value", status);
  status = set_text(t, "metric", value->metric, status);
  status = set_text(t, "of", value->of, status);
  status = set_text(t, "bound", value->bound, status);
  status = set_text(t, "label", value->label, status);
  return set_text(t, "comment", value->comment, status);
}

static int make_ordering(const table *t, const ls_reported_ordering *ordering) {
  int status = make_table(t, H5T_NATIVE_INT, ordering->places);
  status = set_text(t, "long_name", ordering->claim, status);
  status = set_text(t, "metric", ordering->metric, status);
  status = set_text(t, "of", ordering->of, status);
  status = set_text(t, "relation", ordering->relation, status);
  if (status == LS_OK) {
    status = ls_h5_set_texts(t->file, t->name, "variables", ordering->variable_count,
                             ordering->variables);
  }
  status = set_text(t, "label", ordering->label, status);
  return set_text(t, "comment", ordering->comment, status);
}

static int make_group(hid_t file, const char *name, size_t members) {
  hid_t group = -1;
  if (members == 0) return LS_OK;
  int status = ls_h5_create_group(&group, file, name);
  int closed = ls_h5_close(&group);
  return status == LS_OK ? closed : status;
}

int results_make_reported(hid_t file, const ls_reported *reported, const ls_job *job) {
  if (!reported) return LS_OK;
  table t = {.file = file};
  t.axis_count = ls_reported_axes(job, &t.axes);
  int status = make_group(file, "references", reported->value_count);
  for (size_t i = 0; i < reported->value_count && status == LS_OK; i++) {
    snprintf(t.name, sizeof t.name, "references/%04zu", i + 1);
    status = make_value(&t, &reported->values[i]);
  }
  if (status == LS_OK) status = make_group(file, "orderings", reported->ordering_count);
  for (size_t i = 0; i < reported->ordering_count && status == LS_OK; i++) {
    snprintf(t.name, sizeof t.name, "orderings/%04zu", i + 1);
    status = make_ordering(&t, &reported->orderings[i]);
  }
  return status;
}

int results_replace_reported(hid_t file, const ls_reported *reported, const ls_job *job) {
  static const char *const members[] = {"references", "orderings", "reference"};
  static const char *const attributes[] = {"reference", "reference_metric", "reference_label"};
  int status = LS_OK;
  for (size_t i = 0; i < sizeof members / sizeof *members && status == LS_OK; i++) {
    status = ls_h5_remove(file, members[i]);
  }
  for (size_t i = 0; i < sizeof attributes / sizeof *attributes && status == LS_OK; i++) {
    status = ls_h5_remove_attribute(file, ".", attributes[i]);
  }
  return status == LS_OK ? results_make_reported(file, reported, job) : status;
}
