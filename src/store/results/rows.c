/* Copying datasets row by row. A trial's number is its row in the order in which elements are
 * stored, so that the dimensions of the two files need not be the same. */
#include "store/results/rows.h"

#include "base/activity.h"
#include "base/memory.h"
#include "h5/h5.h"
#include "job/extension.h"
#include "lockstep/error.h"

#include <stdlib.h>
#include <string.h>

/* Elements of a dataset for each trial. */
typedef struct layout {
  hid_t type;      /* in memory: 8 bytes */
  size_t to, from; /* in the two files */
} layout;

/* ---- Which datasets are over trials ---------------------------------------------------------- */

static bool is_variable(const ls_job *job, const char *name) {
  const ls_axis *variables;
  size_t count = ls_job_variables(job, &variables);
  for (size_t v = 0; v < count; v++) {
    if (strcmp(variables[v].name, name) == 0) return true;
  }
  return false;
}

/* Whether the dataset is over [sweep...] or [sweep..., epoch], and no dimension or coordinate. */
static bool is_of_trials(const results_rows *r, const char *name, const ls_h5_shape *shape) {
  const ls_axis *axes;
  size_t count = ls_job_axes(r->job, &axes), rank = (size_t)shape->rank;
  if (rank != count && rank != count + 1) return false;
  for (size_t i = 0; i < count; i++) {
    if (shape->extent[i] != axes[i].count) return false;
  }
  if (ls_h5_has_attribute(r->to, name, "CLASS") || is_variable(r->job, name)) return false;
  return shape->class_id == H5T_INTEGER || shape->class_id == H5T_FLOAT;
}

/* Applied to each dataset of `to` that is over trials. */
typedef int (*dataset_action)(const results_rows *r, const char *name, const ls_h5_shape *shape);

static int for_each(const results_rows *r, dataset_action action) {
  char **names = NULL;
  size_t count = 0;
  int status = ls_h5_list(r->to, ".", &names, &count);
  for (size_t i = 0; status == LS_OK && i < count; i++) {
    ls_h5_shape shape;
    if (ls_h5_has_group(r->to, names[i])) continue;
    status = ls_h5_describe(r->to, names[i], &shape);
    if (status == LS_OK && is_of_trials(r, names[i], &shape)) status = action(r, names[i], &shape);
  }
  for (size_t i = 0; i < count; i++) free(names[i]);
  free(names);
  return status;
}

/* ---- Copying --------------------------------------------------------------------------------- */

/* Compares the dataset of `from` with that of `to`. */
static int find_layout(layout *out, const results_rows *r, const char *name,
                       const ls_h5_shape *shape) {
  ls_h5_shape from;
  int status = ls_h5_describe(r->from, name, &from);
  if (status != LS_OK) return status;
  size_t trials = ls_job_trials(r->job), found = ls_h5_shape_size(&from);
  out->type = shape->class_id == H5T_FLOAT ? H5T_NATIVE_DOUBLE
              : shape->is_signed           ? H5T_NATIVE_INT64
                                           : H5T_NATIVE_UINT64;
  out->to = ls_h5_shape_size(shape) / trials;
  out->from = found / r->from_trials;
  bool whole = found % r->from_trials == 0 && out->from > 0 && out->from <= out->to;
  if (whole && from.class_id == shape->class_id && (out->to > 1 || out->from == 1)) return LS_OK;
  return ls_fail(LS_INVALID, "%s: /%s: has not the shape that it has in %s", r->from_path, name,
                 r->to_path);
}

/* Whether the dataset is of what training resumes with. */
static bool is_of_progress(const char *name, bool curve) {
  static const char *const names[] = {"epochs_run", "seed", "shards", "train_samples",
                                      "trial_seconds"};
  bool found = curve;
  for (size_t i = 0; i < sizeof names / sizeof *names && !found; i++) {
    found = strcmp(names[i], name) == 0;
  }
  return found;
}

static void copy_values(const results_rows *r, const layout *l, bool progress, uint64_t *to,
                        const uint64_t *from) {
  for (size_t t = 0; t < ls_job_trials(r->job); t++) {
    if (r->origin[t] == LS_NO_TRIAL) continue;
    if (!progress && r->unfinished && r->unfinished[t]) continue;
    memcpy(to + t * l->to, from + r->origin[t] * l->from, l->from * sizeof *to);
  }
}

static int copy_dataset(const results_rows *r, const char *name, const ls_h5_shape *shape) {
  const ls_axis *axes;
  bool curve = (size_t)shape->rank > ls_job_axes(r->job, &axes);
  layout l;
  int status = find_layout(&l, r, name, shape);
  if (status != LS_OK) return status;
  uint64_t *to = ls_new(ls_job_trials(r->job) * l.to, sizeof *to);
  uint64_t *from = ls_new(r->from_trials * l.from, sizeof *from);
  status = to && from ? ls_h5_read(r->to, name, l.type, to) : LS_FAILED;
  if (status == LS_OK) status = ls_h5_read(r->from, name, l.type, from);
  if (status == LS_OK) {
    copy_values(r, &l, is_of_progress(name, curve), to, from);
    status = ls_h5_write(r->to, name, l.type, to);
  }
  free(to);
  free(from);
  ls_activity_progress();
  return status;
}

int results_rows_copy(const results_rows *rows) {
  return for_each(rows, copy_dataset);
}

static int drop_unknown(const results_rows *r, const char *name, const ls_h5_shape *shape) {
  (void)shape;
  return ls_h5_has(r->from, name) ? LS_OK : ls_h5_remove(r->to, name);
}

int results_rows_drop_unknown(const results_rows *rows) {
  return for_each(rows, drop_unknown);
}
