/* A copy of the old file gets the structure of the new job, and the rows of the old one. */
#include "store/results/extend.h"

#include "base/memory.h"
#include "h5/h5.h"
#include "lockstep/error.h"
#include "store/results/provenance.h"
#include "store/results/renumber.h"
#include "store/results/rewrite.h"
#include "store/results/rows.h"
#include "store/results/structure.h"

#include <stdlib.h>

typedef struct extending {
  const char *path;
  const ls_results_plan *plan;
  const ls_extension *extension;
  hid_t from, to;
} extending;

/* ---- Rows ------------------------------------------------------------------------------------ */

/* Whether a trial that has ended in the old file may be trained further: it has come to its last
 * epoch, or was left out by the decisions of a smaller search. */
static bool is_unfinished(const extending *e, int64_t state) {
  return state == LS_TRIAL_PRUNED || (e->extension->longer && state == LS_TRIAL_DONE);
}

/* Which trials that have ended in the old file may be trained further. */
static int find_unfinished(const extending *e, bool *unfinished) {
  const ls_h5_range range = {0, LS_TRIAL_STATES - 1};
  size_t past = e->extension->past_trials, trials = ls_job_trials(e->plan->job);
  int64_t *states = ls_new(past, sizeof *states);
  int status = states ? ls_h5_read_integers(e->from, "status", range, past, states) : LS_FAILED;
  for (size_t t = 0; t < trials && status == LS_OK; t++) {
    size_t origin = e->extension->origin[t];
    unfinished[t] = origin != LS_NO_TRIAL && is_unfinished(e, states[origin]);
  }
  free(states);
  return status;
}

static int copy_rows(const extending *e) {
  bool *unfinished = ls_new(ls_job_trials(e->plan->job), sizeof *unfinished);
  const results_rows rows = {.to = e->to,
                             .from = e->from,
                             .to_path = e->path,
                             .from_path = e->path,
                             .job = e->plan->job,
                             .origin = e->extension->origin,
                             .from_trials = e->extension->past_trials,
                             .unfinished = unfinished};
  int status = unfinished ? find_unfinished(e, unfinished) : LS_FAILED;
  if (status == LS_OK) status = results_rows_drop_unknown(&rows);
  if (status == LS_OK) status = results_rows_copy(&rows);
  free(unfinished);
  return status;
}

/* ---- The structure --------------------------------------------------------------------------- */

/* Removes all that belongs to the old job: every dataset of the root, and the groups that are made
 * for a job. What is known of runs stays. */
static int remove_old(hid_t file) {
  static const char *const groups[] = {"models", "references", "orderings", "search"};
  char **names = NULL;
  size_t count = 0;
  int status = ls_h5_list(file, ".", &names, &count);
  for (size_t i = 0; i < count; i++) {
    bool dataset = status == LS_OK && !ls_h5_has_group(file, names[i]);
    if (dataset) status = ls_h5_remove(file, names[i]);
    free(names[i]);
  }
  free(names);
  for (size_t i = 0; i < sizeof groups / sizeof *groups && status == LS_OK; i++) {
    status = ls_h5_remove(file, groups[i]);
  }
  return status == LS_OK ? ls_h5_remove_attribute(file, ".", "coordinates") : status;
}

static int add_history(const extending *e) {
  return provenance_add_history(
      e->to, "extended from %zu to %zu trials, of up to %zu epochs, by %s",
      e->extension->past_trials, ls_job_trials(e->plan->job), e->plan->epochs, e->plan->command);
}

/* Changes a copy of the old file, which is open as `from`. */
static int change(hid_t file, void *context) {
  extending *e = context;
  structure_axes axes;
  structure_axes_of(&axes, e->plan->job);
  e->to = file;
  int status = remove_old(file);
  if (status == LS_OK) status = structure_make(file, e->plan, &axes);
  if (status == LS_OK) status = copy_rows(e);
  if (status == LS_OK) status = add_history(e);
  if (status != LS_OK) return status;
  return renumber_record(file, e->extension, ls_job_trials(e->plan->job));
}

int results_extend(const char *path, const char *owner, const ls_results_plan *plan,
                   const ls_extension *extension) {
  extending e = {path, plan, extension, -1, -1};
  int status = ls_h5_open(&e.from, path);
  if (status == LS_OK) status = rewrite_results(path, path, owner, change, &e);
  ls_h5_close(&e.from);
  return status;
}
