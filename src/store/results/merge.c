/* Slices of a job: their files, and merging these into one. Nothing here is collective. */
#include "base/memory.h"
#include "base/paths.h"
#include "base/text.h"
#include "lockstep/error.h"
#include "store/results/lock.h"
#include "store/results/results.h"
#include "store/results/rewrite.h"
#include "store/results/structure.h"
#include "store/results/trial_fields.h"

#include <dirent.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- Paths of slices ------------------------------------------------------------------------- */

char *ls_results_slice(const char *path, size_t index, size_t count) {
  char *folder = NULL;
  if (ls_models_folder(&folder, path) != LS_OK) return NULL;
  ls_text text = {0};
  ls_text_add(&text, "%s/slice_%zu_of_%zu.h5", folder, index + 1, count);
  free(folder);
  return ls_text_take(&text);
}

static int is_slice(const struct dirent *entry) {
  return fnmatch("slice_*_of_*.h5", entry->d_name, 0) == 0;
}

typedef struct slice_list {
  char **paths;
  size_t count;
} slice_list;

static void free_list(slice_list *list) {
  for (size_t i = 0; i < list->count; i++) free(list->paths[i]);
  free(list->paths);
  *list = (slice_list){0};
}

static int list_slices(slice_list *list, const char *path) {
  *list = (slice_list){0};
  char *folder = NULL;
  if (ls_models_folder(&folder, path) != LS_OK) return LS_FAILED;
  struct dirent **entries = NULL;
  int found = scandir(folder, &entries, is_slice, alphasort);
  int status = LS_OK;
  if (found <= 0) {
    status =
        ls_fail(LS_INVALID, "%s: has no slices (expected slice_1_of_N.h5 and so on there)", folder);
  } else if (!(list->paths = ls_new((size_t)found, sizeof *list->paths))) {
    status = LS_FAILED;
  }
  for (int i = 0; i < found; i++) {
    ls_text text = {0};
    ls_text_add(&text, "%s/%s", folder, entries[i]->d_name);
    if (status == LS_OK && !(list->paths[list->count] = ls_text_take(&text))) status = LS_FAILED;
    if (status == LS_OK) list->count++;
    ls_text_free(&text);
    free(entries[i]);
  }
  free(entries);
  free(folder);
  return status;
}

/* ---- From one file to another ---------------------------------------------------------------- */

/* The merged file while it is being written. */
typedef struct merged {
  hid_t file;
  const char *path; /* for messages: the name that it is to have */
  const ls_job *job;
  const ls_axis *axes;
  size_t axis_count, trials;
  signed char *states, *others; /* [trial], of the merged file and of a slice */
  bool *taken;                  /* [trial] */
} merged;

/* Orders states by progress. */
static int progress_of(signed char state) {
  static const int order[] = {
      [LS_TRIAL_PENDING] = 0, [LS_TRIAL_RUNNING] = 1,       [LS_TRIAL_FAILED] = 2,
      [LS_TRIAL_DONE] = 3,    [LS_TRIAL_STOPPED_EARLY] = 3, [LS_TRIAL_DIVERGED] = 3,
      [LS_TRIAL_PRUNED] = 3,
  };
  return order[state];
}

/* Whether the dataset has the dimensions [sweep...] or [sweep..., epoch]. */
static bool is_of_trials(const merged *m, const ls_h5_shape *shape) {
  size_t rank = (size_t)shape->rank;
  if (rank != m->axis_count && rank != m->axis_count + 1) return false;
  for (size_t i = 0; i < m->axis_count; i++) {
    if (shape->extent[i] != m->axes[i].count) return false;
  }
  return shape->class_id == H5T_INTEGER || shape->class_id == H5T_FLOAT;
}

static bool same_shape(const ls_h5_shape *a, const ls_h5_shape *b) {
  bool same = a->rank == b->rank && a->class_id == b->class_id;
  for (int i = 0; same && i < a->rank; i++) same = a->extent[i] == b->extent[i];
  return same;
}

/* Copies the values of the taken trials in a dataset. A value has 8 bytes at most. */
static int copy_trials(const merged *m, hid_t from, const char *name, const ls_h5_shape *shape) {
  hid_t type = shape->class_id == H5T_FLOAT ? H5T_NATIVE_DOUBLE
               : shape->is_signed           ? H5T_NATIVE_INT64
                                            : H5T_NATIVE_UINT64;
  size_t each = shape->rank > (int)m->axis_count ? (size_t)shape->extent[m->axis_count] : 1;
  uint64_t *ours = ls_new(m->trials * each, sizeof *ours);
  uint64_t *theirs = ls_new(m->trials * each, sizeof *theirs);
  int status = ours && theirs ? ls_h5_read(m->file, name, type, ours) : LS_FAILED;
  if (status == LS_OK) status = ls_h5_read(from, name, type, theirs);
  for (size_t t = 0; status == LS_OK && t < m->trials; t++) {
    if (m->taken[t]) memcpy(ours + t * each, theirs + t * each, each * sizeof *ours);
  }
  if (status == LS_OK) status = ls_h5_write(m->file, name, type, ours);
  free(ours);
  free(theirs);
  return status;
}

static int copy_datasets(const merged *m, hid_t from, const char *path) {
  char **names = NULL;
  size_t count = 0;
  int status = ls_h5_list(m->file, ".", &names, &count);
  for (size_t i = 0; status == LS_OK && i < count; i++) {
    ls_h5_shape ours, theirs;
    if (ls_h5_has_group(m->file, names[i])) continue;
    status = ls_h5_describe(m->file, names[i], &ours);
    if (status != LS_OK || !is_of_trials(m, &ours)) continue;
    status = ls_h5_describe(from, names[i], &theirs);
    if (status == LS_OK && !same_shape(&ours, &theirs)) {
      status = ls_fail(LS_INVALID, "%s: /%s: has not the shape that it has in %s", path, names[i],
                       m->path);
    }
    if (status == LS_OK) status = copy_trials(m, from, names[i], &ours);
  }
  for (size_t i = 0; i < count; i++) free(names[i]);
  free(names);
  return status;
}

static int read_states(hid_t file, const char *path, const ls_job *job, signed char *states) {
  int status = structure_check_job(file, path, job);
  if (status != LS_OK) return status;
  return trial_fields_read_states(file, job, states);
}

/* Checks that the slice was trained with the data of the merged file. */
static int check_inputs(const merged *m, hid_t from, const char *path) {
  ls_digests digests = {0};
  bool known;
  int status = ls_digests_read(&digests, m->file, ".");
  if (status == LS_OK) status = structure_check_digests(from, path, &digests, &known);
  ls_digests_free(&digests);
  return status;
}

/* Takes from a slice the trials that have made more progress there. */
static int add_slice(merged *m, const char *path) {
  hid_t from = -1;
  bool any = false;
  int status = ls_h5_open(&from, path);
  if (status == LS_OK) status = read_states(from, path, m->job, m->others);
  if (status == LS_OK) status = check_inputs(m, from, path);
  for (size_t t = 0; status == LS_OK && t < m->trials; t++) {
    m->taken[t] = progress_of(m->others[t]) > progress_of(m->states[t]);
    if (m->taken[t]) m->states[t] = m->others[t];
    any |= m->taken[t];
  }
  if (any) status = copy_datasets(m, from, path);
  ls_h5_close(&from);
  return status;
}

/* ---- Merging --------------------------------------------------------------------------------- */

static int add_history(hid_t file, const char *command, size_t slices) {
  ls_text text = {0};
  ls_text_add(&text, "%zu slices merged by %s", slices, command);
  char *line = ls_text_take(&text);
  int status = line ? provenance_add_history(file, line) : LS_FAILED;
  free(line);
  return status == LS_OK ? provenance_note_end(file) : status;
}

/* The slices, and the file of which the merged one begins as a copy. */
typedef struct merging {
  merged *into;
  const slice_list *slices;
  const char *origin, *command;
} merging;

static int merge_slices(hid_t file, void *context) {
  const merging *from = context;
  merged *m = from->into;
  m->file = file;
  int status = read_states(file, from->origin, m->job, m->states);
  for (size_t i = 0; i < from->slices->count && status == LS_OK; i++) {
    status = add_slice(m, from->slices->paths[i]);
  }
  return status == LS_OK ? add_history(file, from->command, from->slices->count) : status;
}

/* While holding the lock, so no other run writes to the file. */
static int merge_locked(merged *m, const slice_list *slices, const char *command,
                        const char *owner) {
  const char *origin = access(m->path, F_OK) == 0 ? m->path : slices->paths[0];
  merging from = {m, slices, origin, command};
  return rewrite_results(m->path, origin, owner, merge_slices, &from);
}

int ls_results_merge(const char *path, const ls_job *job, const char *command,
                     size_t counts[LS_TRIAL_STATES], size_t *slices) {
  merged m = {.file = -1, .path = path, .job = job, .trials = ls_job_trials(job)};
  m.axis_count = ls_job_axes(job, &m.axes);
  m.states = ls_new(m.trials, sizeof *m.states);
  m.others = ls_new(m.trials, sizeof *m.others);
  m.taken = ls_new(m.trials, sizeof *m.taken);
  slice_list list = {0};
  char *owner = NULL, *target = NULL;
  bool taken_over = false;
  int status = m.states && m.others && m.taken ? list_slices(&list, path) : LS_FAILED;
  if (status == LS_OK) status = ls_follow_links(&target, path);
  if (status == LS_OK) status = lock_acquire(&owner, &taken_over, target);
  m.path = target;
  if (status == LS_OK) status = merge_locked(&m, &list, command, owner);
  if (target) lock_release(target, &owner);
  free(target);
  for (size_t t = 0; status == LS_OK && t < m.trials; t++) counts[m.states[t]]++;
  *slices = list.count;
  free_list(&list);
  free(m.states);
  free(m.others);
  free(m.taken);
  return status;
}
