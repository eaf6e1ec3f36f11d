/* Recording a run in the file that it continues. */
#include "store/results/continuation.h"

#include "h5/h5.h"
#include "lockstep/error.h"
#include "store/results/hold.h"
#include "store/results/rewrite.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Whether the run has something to train. */
static bool has_work(const continuation *c, const ls_results_plan *plan) {
  for (size_t t = 0; t < ls_job_trials(plan->job); t++) {
    bool in_slice = plan->slices == 0 || t % plan->slices == plan->slice;
    if (in_slice && !ls_trial_is_final((ls_trial_status)c->states[t])) return true;
  }
  return false;
}

/* Whether the file records another text of the job, which differs in what reports show. */
static int compare_job(bool *differs, const char *path, const ls_job *job) {
  hid_t file = -1;
  char *text = NULL;
  int status = ls_h5_open(&file, path);
  if (status == LS_OK) status = ls_h5_get_text(file, ".", "job", &text);
  ls_h5_close(&file);
  *differs = status == LS_OK && strcmp(text, ls_job_text(job)) != 0;
  free(text);
  return status;
}

typedef struct recording {
  const ls_results_plan *plan;
  const provenance *run; /* NULL: it has nothing to train */
  bool other_job;
} recording;

/* Records the job as it is now. */
static int record_job(hid_t file, const ls_results_plan *plan) {
  int status = ls_h5_set_text(file, ".", "job", ls_job_text(plan->job));
  if (status == LS_OK) status = ls_h5_set_text(file, ".", "title", plan->title);
  return status == LS_OK ? results_replace_reported(file, plan->reported, plan->job) : status;
}

static int record(hid_t file, void *context) {
  const recording *r = context;
  int status = r->other_job ? record_job(file, r->plan) : LS_OK;
  if (status != LS_OK || !r->run) return status;
  if (r->plan->uses_blas) status = provenance_warn(r->run, r->plan->path, file);
  return status == LS_OK ? provenance_add(file, r->run) : status;
}

int continuation_record(const continuation *c, const ls_results_plan *plan) {
  recording r = {plan, has_work(c, plan) ? c->run : NULL, false};
  int held = -1, status = compare_job(&r.other_job, c->path, plan->job);
  if (status != LS_OK || (!r.run && !r.other_job)) return status;
  status = hold_file(&held, c->path, c->exclusive);
  if (status == LS_OK) status = rewrite_results(c->path, c->path, c->owner, record, &r);
  if (held >= 0) close(held);
  return status;
}
