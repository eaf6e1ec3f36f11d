/* Recording a run in the file that it continues. */
#include "store/results/continuation.h"

#include "lockstep/error.h"
#include "store/results/hold.h"
#include "store/results/rewrite.h"

#include <unistd.h>

static bool is_finished(signed char state) {
  return state == LS_TRIAL_DONE || state == LS_TRIAL_STOPPED_EARLY || state == LS_TRIAL_DIVERGED;
}

/* Whether the run has something to train. */
static bool has_work(const continuation *c, const ls_results_plan *plan) {
  for (size_t t = 0; t < ls_job_trials(plan->job); t++) {
    bool in_slice = plan->slices == 0 || t % plan->slices == plan->slice;
    if (in_slice && !is_finished(c->states[t])) return true;
  }
  return false;
}

typedef struct recording {
  const ls_results_plan *plan;
  const provenance *run;
} recording;

static int record(hid_t file, void *context) {
  const recording *r = context;
  int status = r->plan->uses_blas ? provenance_warn(r->run, r->plan->path, file) : LS_OK;
  return status == LS_OK ? provenance_add(file, r->run) : status;
}

int continuation_record(const continuation *c, const ls_results_plan *plan) {
  if (!has_work(c, plan)) return LS_OK;
  int held = -1, status = hold_file(&held, c->path, c->exclusive);
  recording r = {plan, c->run};
  if (status == LS_OK) status = rewrite_results(c->path, c->path, c->owner, record, &r);
  if (held >= 0) close(held);
  return status;
}
