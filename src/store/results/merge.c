/* Slices of a job: their files, and merging these into one. Nothing here is collective. */
#include "base/memory.h"
#include "base/paths.h"
#include "base/text.h"
#include "job/extension.h"
#include "lockstep/error.h"
#include "store/results/lock.h"
#include "store/results/results.h"
#include "store/results/rewrite.h"
#include "store/results/rows.h"
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
  size_t trials;
  signed char *states, *others; /* [trial], of the merged file and of a slice */
  size_t *origin;               /* [trial], its own number if it is taken from the slice */
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
    bool taken = progress_of(m->others[t]) > progress_of(m->states[t]);
    m->origin[t] = taken ? t : LS_NO_TRIAL;
    if (taken) m->states[t] = m->others[t];
    any |= taken;
  }
  const results_rows rows = {.to = m->file,
                             .from = from,
                             .to_path = m->path,
                             .from_path = path,
                             .job = m->job,
                             .origin = m->origin,
                             .from_trials = m->trials};
  if (any) status = results_rows_copy(&rows);
  ls_h5_close(&from);
  return status;
}

/* ---- Merging --------------------------------------------------------------------------------- */

static int add_history(hid_t file, const char *command, size_t slices) {
  int status = provenance_add_history(file, "%zu slices merged by %s", slices, command);
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
  m.states = ls_new(m.trials, sizeof *m.states);
  m.others = ls_new(m.trials, sizeof *m.others);
  m.origin = ls_new(m.trials, sizeof *m.origin);
  slice_list list = {0};
  char *owner = NULL, *target = NULL;
  bool taken_over = false;
  int status = m.states && m.others && m.origin ? list_slices(&list, path) : LS_FAILED;
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
  free(m.origin);
  return status;
}
