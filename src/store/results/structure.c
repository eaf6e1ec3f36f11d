/* The structure of a results file. Every name in it is one record in a table. */
#include "store/results/structure.h"

#include "base/memory.h"
#include "base/paths.h"
#include "base/text.h"
#include "lockstep/error.h"
#include "store/results/coordinates.h"
#include "store/results/models.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

_Static_assert(LS_MAX_AXES + 1 <= LS_H5_MAX_RANK, "a job has axes for which there is no room");

void structure_axes_of(structure_axes *axes, const ls_job *job) {
  axes->count = ls_job_axes(job, &axes->axes);
}

/* ---- Axes ------------------------------------------------------------------------------------ */

static int make_numbers(hid_t file, const ls_axis *axis) {
  hsize_t extent = axis->count;
  if (!axis->integer) {
    int status = ls_h5_create_dataset(file, axis->name, H5T_NATIVE_DOUBLE, 1, &extent, NULL);
    return status == LS_OK ? ls_h5_write(file, axis->name, H5T_NATIVE_DOUBLE, axis->numbers)
                           : status;
  }
  int64_t *whole = ls_new(axis->count, sizeof *whole);
  if (!whole) return LS_FAILED;
  for (size_t i = 0; i < axis->count; i++) whole[i] = (int64_t)axis->numbers[i];
  int status = ls_h5_create_dataset(file, axis->name, H5T_NATIVE_INT64, 1, &extent, NULL);
  if (status == LS_OK) status = ls_h5_write(file, axis->name, H5T_NATIVE_INT64, whole);
  free(whole);
  return status;
}

static int make_axis(hid_t file, const ls_axis *axis) {
  int status = axis->numbers ? make_numbers(file, axis)
                             : ls_h5_create_texts(file, axis->name, axis->count, axis->labels);
  if (status == LS_OK) status = ls_h5_set_scale(file, axis->name);
  return status == LS_OK ? results_describe_variable(file, axis) : status;
}

static int make_epochs(hid_t file, size_t epochs) {
  hsize_t extent = epochs;
  int *numbers = ls_new(epochs, sizeof *numbers);
  if (!numbers) return LS_FAILED;
  for (size_t i = 0; i < epochs; i++) numbers[i] = (int)i + 1;
  int status = ls_h5_create_dataset(file, "epoch", H5T_NATIVE_INT, 1, &extent, NULL);
  if (status == LS_OK) status = ls_h5_write(file, "epoch", H5T_NATIVE_INT, numbers);
  if (status == LS_OK) status = ls_h5_set_scale(file, "epoch");
  if (status == LS_OK) {
    status = ls_h5_set_text(file, "epoch", "long_name", "passes over the training samples");
  }
  free(numbers);
  return status;
}

static int make_axes(hid_t file, const ls_results_plan *plan, const structure_axes *axes) {
  const char *names[LS_H5_MAX_RANK];
  int status = LS_OK;
  for (size_t i = 0; i < axes->count && status == LS_OK; i++) {
    names[i] = axes->axes[i].name;
    status = make_axis(file, &axes->axes[i]);
  }
  names[axes->count] = "epoch";
  if (status == LS_OK) status = results_make_coordinates(file, plan->job);
  if (status == LS_OK) status = make_epochs(file, plan->epochs);
  return status == LS_OK ? ls_h5_set_texts(file, ".", "axes", axes->count + 1, names) : status;
}

/* ---- Fields ---------------------------------------------------------------------------------- */

/* One field of the file: over [sweep...], and over epochs too for curves. */
typedef struct field {
  const char *name, *long_name, *units;
  hid_t type;
  const void *fill;
  bool curve;
} field;

static int make_field(hid_t file, const field *f, const structure_axes *axes, size_t epochs) {
  hsize_t extent[LS_H5_MAX_RANK] = {0};
  size_t rank = axes->count + (f->curve ? 1 : 0);
  for (size_t i = 0; i < axes->count; i++) extent[i] = axes->axes[i].count;
  if (f->curve) extent[axes->count] = epochs;
  int status = ls_h5_create_dataset(file, f->name, f->type, (int)rank, extent, f->fill);
  for (size_t i = 0; i < rank && status == LS_OK; i++) {
    const char *scale = i < axes->count ? axes->axes[i].name : "epoch";
    status = ls_h5_attach_scale(file, f->name, scale, (unsigned)i);
  }
  if (status == LS_OK) status = ls_h5_set_text(file, f->name, "long_name", f->long_name);
  if (status == LS_OK && f->units) status = ls_h5_set_text(file, f->name, "units", f->units);
  return status;
}

static int make_curve(hid_t file, const ls_results_curve *curve, bool over_epochs,
                      const structure_axes *axes, size_t epochs) {
  static const double nothing = NAN;
  const field f = {curve->name,       curve->long_name, curve->units,
                   H5T_NATIVE_DOUBLE, &nothing,         over_epochs};
  int status = make_field(file, &f, axes, epochs);
  if (status != LS_OK || curve->better == 0) return status;
  signed char higher = curve->better > 0;
  return ls_h5_set_values(file, curve->name, "higher_is_better", H5T_NATIVE_SCHAR, 1, &higher);
}

/* final_NAME or best_NAME over [sweep...], of a curve of which one direction is better. */
static int make_outcome(hid_t file, const ls_results_curve *curve, const char *prefix,
                        const char *what, const structure_axes *axes) {
  if (curve->better == 0) return LS_OK;
  char name[80], long_name[160];
  snprintf(name, sizeof name, "%s%s", prefix, curve->name);
  snprintf(long_name, sizeof long_name, what, curve->long_name);
  const ls_results_curve outcome = {name, long_name, curve->units, curve->better};
  return make_curve(file, &outcome, false, axes, 0);
}

static int make_outcomes(hid_t file, const ls_results_plan *plan, const structure_axes *axes) {
  int status = LS_OK;
  for (size_t i = 0; i < plan->curve_count && status == LS_OK; i++) {
    const ls_results_curve *curve = &plan->curves[i];
    status = make_outcome(file, curve, "final_", "%s, with the final weights", axes);
    if (status == LS_OK)
      status = make_outcome(file, curve, "best_", "best of all epochs: %s", axes);
  }
  for (size_t i = 0; i < plan->final_count && status == LS_OK; i++) {
    status = make_outcome(file, &plan->finals[i], "final_", "%s", axes);
  }
  return status;
}

static int make_fields(hid_t file, const ls_results_plan *plan, const structure_axes *axes) {
  static const double nothing = NAN;
  static const signed char pending = LS_TRIAL_PENDING, no = 0;
  static const int zero = 0;
  static const uint64_t zero64 = 0;
  const field of_trials[] = {
      {"status", "how the trial stands", NULL, H5T_NATIVE_SCHAR, &pending, false},
      {"epochs_run", "epochs trained so far", "1", H5T_NATIVE_INT, &zero, false},
      {"best_epoch", "epoch with the best monitored value, 0 for none", "1", H5T_NATIVE_INT, &zero,
       false},
      {"best_restored", "1 where the final weights are those of the best epoch", "1",
       H5T_NATIVE_SCHAR, &no, false},
      {"seed", "seed of the trial", NULL, H5T_NATIVE_UINT64, &zero64, false},
      {"weights_hash", "XXH3-64 of the final weights", NULL, H5T_NATIVE_UINT64, &zero64, false},
      {"shards", "parts that each minibatch is cut into", "1", H5T_NATIVE_INT, &zero, false},
      {"train_samples", "samples trained with in an epoch", "1", H5T_NATIVE_INT64, &zero64, false},
      {"trial_seconds", "duration of the trial", "s", H5T_NATIVE_DOUBLE, &nothing, false},
  };
  int status = LS_OK;
  for (size_t i = 0; i < plan->curve_count && status == LS_OK; i++) {
    status = make_curve(file, &plan->curves[i], true, axes, plan->epochs);
  }
  for (size_t i = 0; i < plan->final_count && status == LS_OK; i++) {
    status = make_curve(file, &plan->finals[i], false, axes, plan->epochs);
  }
  for (size_t i = 0; i < sizeof of_trials / sizeof *of_trials && status == LS_OK; i++) {
    status = make_field(file, &of_trials[i], axes, plan->epochs);
  }
  return status == LS_OK ? make_outcomes(file, plan, axes) : status;
}

bool ls_trial_is_final(ls_trial_status state) {
  return state == LS_TRIAL_DONE || state == LS_TRIAL_STOPPED_EARLY || state == LS_TRIAL_DIVERGED ||
         state == LS_TRIAL_PRUNED;
}

const char *ls_trial_state_name(ls_trial_status state) {
  static const char *const names[] = {"pending",  "running", "done",  "stopped_early",
                                      "diverged", "failed",  "pruned"};
  return names[state];
}

/* The flags of `status`, as the CF conventions have them (section 3.5). Only a search prunes. */
static int describe_states(hid_t file, bool search) {
  signed char values[LS_TRIAL_STATES];
  char meanings[128] = "";
  int states = search ? LS_TRIAL_STATES : LS_TRIAL_PRUNED;
  for (int state = 0; state < states; state++) {
    values[state] = (signed char)state;
    if (state > 0) strcat(meanings, " ");
    strcat(meanings, ls_trial_state_name((ls_trial_status)state));
  }
  int status =
      ls_h5_set_values(file, "status", "flag_values", H5T_NATIVE_SCHAR, (size_t)states, values);
  return status == LS_OK ? ls_h5_set_text(file, "status", "flag_meanings", meanings) : status;
}

/* ---- Attributes ------------------------------------------------------------------------------ */

typedef struct text_record {
  const char *name, *text;
} text_record;

static int set_texts(hid_t group, const text_record *records, size_t count) {
  int status = LS_OK;
  for (size_t i = 0; i < count && status == LS_OK; i++) {
    if (records[i].text) status = ls_h5_set_text(group, ".", records[i].name, records[i].text);
  }
  return status;
}

static int describe_file(hid_t file, const ls_results_plan *plan) {
  const text_record records[] = {
      {"title", plan->title},
      {"job", ls_job_text(plan->job)},
      {"source", "lockstep " LS_VERSION},
      {"monitor", plan->headline},
      {"selection", plan->selection},
  };
  return set_texts(file, records, sizeof records / sizeof *records);
}

/* ---- The whole ------------------------------------------------------------------------------- */

int structure_make(hid_t file, const ls_results_plan *plan, const structure_axes *axes) {
  int status = make_axes(file, plan, axes);
  if (status == LS_OK) status = make_fields(file, plan, axes);
  if (status == LS_OK) status = describe_states(file, plan->search);
  if (status == LS_OK) status = results_make_search(file, plan->search, plan->job);
  if (status == LS_OK) status = describe_file(file, plan);
  if (status == LS_OK) status = results_make_reported(file, plan->reported, plan->job);
  return status == LS_OK ? results_make_models(file, plan) : status;
}

/* On one rank alone: parallel HDF5 writes no variable-length texts, and what one rank does can't
 * fail on another. */
int structure_write(const ls_results_plan *plan, const structure_axes *axes,
                    const provenance *run) {
  hid_t file = -1;
  ls_text name = {0};
  ls_text_add(&name, "%s.new", plan->path); /* ours: the lock is held */
  char *path = ls_text_take(&name);
  if (!path) return LS_FAILED;
  int status = ls_h5_create(&file, path);
  if (status == LS_OK) status = structure_make(file, plan, axes);
  if (status == LS_OK) status = provenance_create(file, run);
  int closed = ls_h5_close(&file);
  if (status == LS_OK) status = closed;
  if (status == LS_OK) status = ls_replace_file(path, plan->path);
  if (status != LS_OK) unlink(path);
  free(path);
  return status;
}

int structure_create(hid_t *file, const ls_results_plan *plan, const structure_axes *axes,
                     const provenance *run, const ls_group *world) {
  *file = -1;
  int status = world->rank == 0 ? structure_write(plan, axes, run) : LS_OK;
  status = ls_group_agree(world, status);
  if (status != LS_OK) return status;
  return ls_group_agree(world, ls_h5_open_shared(file, plan->path, world->comm));
}

/* ---- A file that is there -------------------------------------------------------------------- */

int structure_read_job(char **text, hid_t file, const char *path) {
  if (ls_h5_has_attribute(file, ".", "job")) return ls_h5_get_text(file, ".", "job", text);
  return ls_fail(LS_INVALID,
                 "%s: is no results file of this program (expected none, or one of the same job)",
                 path);
}

static int fail_other_job(const char *path, const char *differences, const char *expected) {
  return ls_fail(LS_INVALID,
                 "%s: holds the results of another job: %s (expected %s, or another file by -o, or "
                 "another name)",
                 path, differences, expected);
}

int structure_compare_job(ls_extension *extension, hid_t file, const char *path,
                          const ls_job *job) {
  char *text = NULL, *differences = NULL;
  int status = structure_read_job(&text, file, path);
  if (status == LS_OK) {
    status = ls_extension_find(extension, &differences, job, text, LS_EXTENDS_ALL);
  }
  if (status == LS_OK && differences) {
    status = fail_other_job(path, differences, "the same job, one that extends it");
  }
  free(differences);
  free(text);
  return status;
}

int structure_check_job(hid_t file, const char *path, const ls_job *job) {
  char *text = NULL, *differences = NULL;
  int status = structure_read_job(&text, file, path);
  if (status == LS_OK) status = ls_job_differences(&differences, job, text);
  if (status == LS_OK && differences) status = fail_other_job(path, differences, "the same job");
  free(differences);
  free(text);
  return status;
}

int structure_check_digests(hid_t file, const char *path, const ls_digests *present, bool *known) {
  ls_digests past = {0};
  char *differences = NULL;
  int status = ls_digests_read(&past, file, ".");
  *known = past.count > 0;
  if (status == LS_OK) status = ls_digests_differences(&differences, &past, present);
  if (status == LS_OK && differences) {
    status = ls_fail(LS_INVALID,
                     "%s: its data have changed: %s (expected the data with which the job started, "
                     "or another file by -o)",
                     path, differences);
  }
  free(differences);
  ls_digests_free(&past);
  return status;
}
