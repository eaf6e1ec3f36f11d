/* The group /search. Each of its datasets is one record in a table. */
#include "store/results/search.h"

#include "base/memory.h"
#include "lockstep/error.h"
#include "store/results/reported.h"

#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

/* A dataset over [points..., rung]. */
typedef struct field {
  const char *name, *long_name;
  size_t offset; /* of the array in the record */
  enum { REAL, INTEGER, FLAG } kind;
} field;

static const field fields[] = {
    {"search/value",
     "mean of the compared metric over the trials of the point after the epochs of "
     "the rung",
     offsetof(ls_search_record, values), REAL},
    {"search/threshold", "value that a point needed to be promoted",
     offsetof(ls_search_record, thresholds), REAL},
    {"search/rank", "place of the point among those compared, from 1; 0: not decided",
     offsetof(ls_search_record, ranks), INTEGER},
    {"search/compared", "number of points that were compared", offsetof(ls_search_record, compared),
     INTEGER},
    {"search/promoted", "number of these that are promoted at most",
     offsetof(ls_search_record, promoted), INTEGER},
    {"search/decision", "what was decided about the point at the rung",
     offsetof(ls_search_record, decision), FLAG},
};
enum { FIELDS = sizeof fields / sizeof *fields };

static const void *array_of(const ls_search_record *record, const field *f) {
  return *(void *const *)((const char *)record + f->offset);
}

static hid_t type_of(const field *f) {
  return f->kind == REAL      ? H5T_NATIVE_DOUBLE
         : f->kind == INTEGER ? H5T_NATIVE_INT
                              : H5T_NATIVE_SCHAR;
}

static int make_over_points(hid_t file, const char *name, hid_t type, size_t rungs,
                            const ls_job *job) {
  const ls_axis *axes;
  static const double none = NAN;
  static const int64_t zero = 0;
  hsize_t extent[LS_H5_MAX_RANK] = {0};
  size_t rank = ls_reported_axes(job, &axes), all = rank + (rungs > 0);
  for (size_t i = 0; i < rank; i++) extent[i] = axes[i].count;
  if (rungs > 0) extent[rank] = rungs;
  const void *fill = type == H5T_NATIVE_DOUBLE ? (const void *)&none : &zero;
  int status = ls_h5_create_dataset(file, name, type, (int)all, extent, fill);
  for (size_t i = 0; i < all && status == LS_OK; i++) {
    const char *scale = i < rank ? axes[i].name : "search/rung";
    status = ls_h5_attach_scale(file, name, scale, (unsigned)i);
  }
  return status;
}

static int make_rungs(hid_t file, const ls_search_record *record) {
  hsize_t extent = record->rungs;
  int64_t *epochs = ls_new(record->rungs, sizeof *epochs);
  if (!epochs) return LS_FAILED;
  for (size_t k = 0; k < record->rungs; k++) epochs[k] = (int64_t)record->epochs[k];
  int status = ls_h5_create_dataset(file, "search/rung", H5T_NATIVE_INT64, 1, &extent, NULL);
  if (status == LS_OK) status = ls_h5_write(file, "search/rung", H5T_NATIVE_INT64, epochs);
  if (status == LS_OK) status = ls_h5_set_scale(file, "search/rung");
  if (status == LS_OK) {
    status = ls_h5_set_text(file, "search/rung", "long_name", "epochs of the rung");
  }
  free(epochs);
  return status;
}

static int make_brackets(hid_t file, const ls_search_record *record, const ls_job *job) {
  int status = make_over_points(file, "search/bracket", H5T_NATIVE_INT, 0, job);
  if (status == LS_OK) {
    status = ls_h5_write(file, "search/bracket", H5T_NATIVE_INT, record->brackets);
  }
  return status == LS_OK ? ls_h5_set_text(file, "search/bracket", "long_name",
                                          "the rung at which the point begins, from 0")
                         : status;
}

/* The flags of `decision`, as the CF conventions have them. */
static int describe_decisions(hid_t file) {
  static const signed char values[] = {LS_UNDECIDED, LS_PROMOTED, LS_PRUNED, LS_COMPLETED};
  int status = ls_h5_set_values(file, "search/decision", "flag_values", H5T_NATIVE_SCHAR,
                                sizeof values, values);
  if (status != LS_OK) return status;
  return ls_h5_set_text(file, "search/decision", "flag_meanings",
                        "undecided promoted pruned completed");
}

int results_make_search(hid_t file, const ls_search_record *record, const ls_job *job) {
  hid_t group = -1;
  if (!record || record->rungs == 0) return LS_OK;
  int status = ls_h5_create_group(&group, file, "search");
  int closed = ls_h5_close(&group);
  if (status == LS_OK) status = closed;
  if (status == LS_OK) status = make_rungs(file, record);
  if (status == LS_OK) status = make_brackets(file, record, job);
  for (size_t i = 0; i < FIELDS && status == LS_OK; i++) {
    const field *f = &fields[i];
    status = make_over_points(file, f->name, type_of(f), record->rungs, job);
    if (status == LS_OK) status = ls_h5_set_text(file, f->name, "long_name", f->long_name);
  }
  return status == LS_OK ? describe_decisions(file) : status;
}

int results_write_search(hid_t file, const ls_search_record *record) {
  int status = LS_OK;
  for (size_t i = 0; i < FIELDS && status == LS_OK; i++) {
    status = ls_h5_write(file, fields[i].name, type_of(&fields[i]), array_of(record, &fields[i]));
  }
  return status;
}
