/* Models are copied first, then the rows, all at once: without its row a model is not used. */
#include "store/results/adopt.h"

#include "base/memory.h"
#include "base/paths.h"
#include "base/print.h"
#include "base/text.h"
#include "h5/h5.h"
#include "job/extension.h"
#include "lockstep/error.h"
#include "store/results/copy.h"
#include "store/results/hold.h"
#include "store/results/owner.h"
#include "store/results/rewrite.h"
#include "store/results/rows.h"
#include "store/results/structure.h"
#include "store/results/trial_fields.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

typedef struct adoption {
  const ls_results_plan *plan;
  hid_t from;
  ls_extension extension; /* its origin is that of the trials that are copied */
  bool *unfinished;       /* [trial], whether it resumes from its checkpoint */
  size_t count;           /* trials that are copied */
} adoption;

/* ---- The other file -------------------------------------------------------------------------- */

static int compare_jobs(adoption *a) {
  const char *path = a->plan->adopt;
  char *text = NULL, *differences = NULL;
  int status = structure_read_job(&text, a->from, path);
  if (status == LS_OK) {
    status = ls_extension_find(&a->extension, &differences, a->plan->job, text, LS_EXTENDS_SOME);
  }
  if (status == LS_OK && differences) {
    status = ls_fail(LS_INVALID, "%s: its trials are not those of the job: %s", path, differences);
  } else if (status == LS_OK && a->extension.kept == 0) {
    status = ls_fail(LS_INVALID,
                     "%s: has no trial of the job (expected the same values of the "
                     "variables)",
                     path);
  }
  free(differences);
  free(text);
  return status;
}

/* Opens the file and compares its job and data with those of the plan. */
static int begin(adoption *a, const ls_results_plan *plan) {
  bool known = true;
  *a = (adoption){.plan = plan, .from = -1};
  int status = ls_h5_open(&a->from, plan->adopt);
  if (status == LS_OK) status = compare_jobs(a);
  if (status == LS_OK) {
    status = structure_check_digests(a->from, plan->adopt, plan->digests, &known);
  }
  if (status != LS_OK || known) return status;
  return ls_fail(LS_INVALID,
                 "%s: an earlier version wrote it, without digests of the data: "
                 "whether they are those of the job is not known",
                 plan->adopt);
}

static void end(adoption *a) {
  ls_extension_free(&a->extension);
  ls_h5_close(&a->from);
  free(a->unfinished);
}

int results_check_adopted(const ls_results_plan *plan) {
  adoption a;
  int status = begin(&a, plan);
  end(&a);
  return status;
}

/* ---- Which trials ---------------------------------------------------------------------------- */

static char *model_of(const char *results, size_t trial, const char *name) {
  char *folder = NULL;
  ls_text text = {0};
  if (ls_trial_folder(&folder, results, trial) != LS_OK) return NULL;
  ls_text_add(&text, "%s/%s", folder, name);
  free(folder);
  return ls_text_take(&text);
}

static bool has_checkpoint(const char *results, size_t trial) {
  char *path = model_of(results, trial, "last.h5");
  bool found = path && access(path, F_OK) == 0;
  free(path);
  return found;
}

/* Leaves out of the list of origins the trials that are not to be copied. */
static void choose(adoption *a, const int64_t *states, const int *shards) {
  for (size_t t = 0; t < ls_job_trials(a->plan->job); t++) {
    size_t *origin = &a->extension.origin[t];
    int64_t state = *origin == LS_NO_TRIAL ? LS_TRIAL_PENDING : states[*origin];
    bool finished = ls_trial_is_final((ls_trial_status)state) && state != LS_TRIAL_PRUNED;
    a->unfinished[t] = a->extension.longer && state == LS_TRIAL_DONE;
    bool usable = !a->unfinished[t] || has_checkpoint(a->plan->adopt, *origin);
    if (!finished || !usable || shards[t] > 0) *origin = LS_NO_TRIAL;
    a->count += *origin != LS_NO_TRIAL;
  }
}

static int choose_trials(adoption *a, const char *path) {
  hid_t file = -1;
  size_t trials = ls_job_trials(a->plan->job), past = a->extension.past_trials;
  const ls_h5_range range = {0, LS_TRIAL_STATES - 1};
  int64_t *states = ls_new(past, sizeof *states);
  int *shards = ls_new(trials, sizeof *shards);
  a->unfinished = ls_new(trials, sizeof *a->unfinished);
  int status = states && shards && a->unfinished ? LS_OK : LS_FAILED;
  if (status == LS_OK) status = ls_h5_read_integers(a->from, "status", range, past, states);
  if (status == LS_OK) status = ls_h5_open(&file, path);
  if (status == LS_OK) status = trial_fields_read_shards(file, a->plan->job, shards);
  ls_h5_close(&file);
  if (status == LS_OK) choose(a, states, shards);
  free(states);
  free(shards);
  return status;
}

/* ---- Copying --------------------------------------------------------------------------------- */

/* Copies a file of a trial if the other job has it. */
static int copy_model(const adoption *a, size_t trial, const char *name) {
  char *from = model_of(a->plan->adopt, a->extension.origin[trial], name);
  char *to = model_of(a->plan->whole, trial, name);
  int status = from && to ? LS_OK : LS_FAILED;
  if (status == LS_OK && access(from, F_OK) == 0) {
    status = ls_make_parents(to);
    if (status == LS_OK) status = copy_file(from, to, "a model file");
    if (status == LS_OK) status = ls_sync(to);
  }
  free(from);
  free(to);
  return status;
}

static int copy_models(const adoption *a) {
  static const char *const names[] = {"last.h5", "previous.h5", "best.h5"};
  int status = LS_OK;
  for (size_t t = 0; t < ls_job_trials(a->plan->job); t++) {
    if (a->extension.origin[t] == LS_NO_TRIAL) continue;
    for (int i = 0; i < 3 && status == LS_OK; i++) status = copy_model(a, t, names[i]);
  }
  return status;
}

/* Changes a copy of the results file. */
static int change(hid_t file, void *context) {
  const adoption *a = context;
  const results_rows rows = {.to = file,
                             .from = a->from,
                             .to_path = a->plan->path,
                             .from_path = a->plan->adopt,
                             .job = a->plan->job,
                             .origin = a->extension.origin,
                             .from_trials = a->extension.past_trials,
                             .unfinished = a->unfinished};
  int status = results_rows_copy(&rows);
  if (status != LS_OK) return status;
  return provenance_add_history(file, "%zu trials adopted from %s by %s", a->count, a->plan->adopt,
                                a->plan->command);
}

static int copy_trials(adoption *a, const existing_file *file, const char *id) {
  int held = -1, status = hold_file(&held, file->path, file->exclusive);
  if (status == LS_OK) status = owner_claim(id, a->plan);
  if (status == LS_OK) status = copy_models(a);
  if (status == LS_OK) status = rewrite_results(file->path, file->path, file->owner, change, a);
  if (held >= 0) close(held);
  return status;
}

int results_adopt(const existing_file *file, const ls_results_plan *plan, const char *id) {
  adoption a;
  int status = begin(&a, plan);
  if (status == LS_OK) status = choose_trials(&a, file->path);
  if (status == LS_OK && a.count > 0) status = copy_trials(&a, file, id);
  if (status == LS_OK) {
    ls_print(stderr, "lockstep: %s: %zu of %zu trials adopted from %s\n", plan->path, a.count,
             ls_job_trials(plan->job), plan->adopt);
  }
  end(&a);
  return status;
}
