/* Comparing the job with that of the file, and counting its trials by their states. */
#include "store/results/outlook.h"

#include "base/memory.h"
#include "h5/h5.h"
#include "lockstep/error.h"
#include "store/results/structure.h"

#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

/* What the file records of its own trials. */
typedef struct past {
  int64_t *states, *epochs_run; /* [trial] */
} past;

static int read_past(past *p, hid_t file, size_t trials) {
  const ls_h5_range states = {0, LS_TRIAL_STATES - 1}, epochs = {0, INT_MAX};
  p->states = ls_new(trials, sizeof *p->states);
  p->epochs_run = ls_new(trials, sizeof *p->epochs_run);
  int status = p->states && p->epochs_run ? LS_OK : LS_FAILED;
  if (status == LS_OK) status = ls_h5_read_integers(file, "status", states, trials, p->states);
  if (status != LS_OK) return status;
  return ls_h5_read_integers(file, "epochs_run", epochs, trials, p->epochs_run);
}

/* Counts the trial, which is number `origin` in the file. */
static void count_trial(ls_results_outlook *out, const past *p, size_t trial, const ls_extension *e,
                        size_t epochs) {
  const size_t origin = e->origin[trial];
  const ls_trial_status state = (ls_trial_status)p->states[origin];
  const bool pruned = state == LS_TRIAL_PRUNED && !e->same;
  out->pruned += pruned;
  if (ls_trial_is_final(state) && !pruned && !(e->longer && state == LS_TRIAL_DONE)) {
    out->done++;
    out->left[trial] = 0;
    return;
  }
  double run = (double)p->epochs_run[origin];
  out->begun += run > 0 && !pruned;
  if (run < (double)epochs) out->left[trial] = 1 - run / (double)epochs;
}

static int count_trials(ls_results_outlook *out, hid_t file, const ls_job *job,
                        const ls_extension *e, size_t epochs) {
  past p = {0};
  size_t trials = ls_job_trials(job);
  out->left = ls_new(trials, sizeof *out->left);
  int status = out->left ? read_past(&p, file, e->past_trials) : LS_FAILED;
  for (size_t t = 0; t < trials && status == LS_OK; t++) {
    out->left[t] = 1;
    if (e->origin[t] != LS_NO_TRIAL) count_trial(out, &p, t, e, epochs);
  }
  free(p.states);
  free(p.epochs_run);
  return status;
}

static int look(ls_results_outlook *out, const char *path, const ls_job *job, size_t epochs) {
  hid_t file = -1;
  ls_extension e = {0};
  int status = ls_h5_open(&file, path);
  if (status == LS_OK) status = structure_compare_job(&e, file, path, job);
  if (status == LS_OK) {
    out->past_trials = e.past_trials;
    status = count_trials(out, file, job, &e, epochs);
  }
  ls_extension_free(&e);
  ls_h5_close(&file);
  return status;
}

int ls_results_foresee(ls_results_outlook *out, const char *path, const ls_job *job,
                       size_t epochs) {
  *out = (ls_results_outlook){.exists = access(path, F_OK) == 0};
  int status = out->exists ? look(out, path, job, epochs) : LS_OK;
  if (status != LS_INVALID) return status;
  out->refusal = ls_copy_text(ls_error_message());
  ls_error_clear();
  return out->refusal ? LS_OK : LS_FAILED;
}

void ls_results_outlook_free(ls_results_outlook *outlook) {
  free(outlook->refusal);
  free(outlook->left);
  *outlook = (ls_results_outlook){0};
}
