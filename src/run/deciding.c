/* Decisions during and between rounds. */
#include "run/deciding.h"

#include "lockstep/error.h"
#include "run/search_rule.h"
#include "run/search_sharing.h"

#include <stdint.h>

static bool prints(const run_state *run) {
  return run->world->rank == 0 && run->options->progress == LS_PROGRESS_LINES;
}

/* On rank 0: records that the trial, of which no group is left, is trained no further. */
static int leave_out(run_state *run, size_t trial) {
  int status = ls_results_prune(run->results, trial);
  progress_leave_out(&run->progress, trial, search_rest(&run->search, trial));
  return status == LS_OK ? keeping_leave_out(&run->keeping, trial) : status;
}

/* ---- During a round -------------------------------------------------------------------------- */

/* On rank 0, where the states of trials that others train are not known. */
static int record_during_round(run_state *run) {
  search_state *s = &run->search;
  int status = ls_results_record_search(run->results, &s->record);
  for (size_t t = 0; t < s->trials && status == LS_OK; t++) {
    if (!search_is_left_out(s, t)) continue;
    status = leave_out(run, t);
    if (status == LS_OK) status = search_withdraw(s, t);
  }
  return status;
}

int deciding_look(run_state *run, size_t own) {
  search_news news = {0};
  int status = search_refresh(&run->search, own);
  if (status == LS_OK) status = search_decide(&run->search, prints(run), &news);
  run->unrecorded |= news.decisions + news.rungs > 0;
  if (status != LS_OK || own != SIZE_MAX || run->world->rank != 0 || !run->unrecorded)
    return status;
  run->unrecorded = false;
  return record_during_round(run);
}

/* ---- Between rounds -------------------------------------------------------------------------- */

static bool is_left_out(const run_state *run, size_t trial) {
  const ls_trial_status state = ls_results_state(run->results, trial);
  if (search_limit(&run->search, trial) > 0) return false;
  return !ls_trial_is_final(state) && state != LS_TRIAL_FAILED;
}

/* On rank 0: records what is new, and leaves out what an earlier run had no time to. */
static int record_between_rounds(run_state *run) {
  int status = LS_OK;
  if (run->unrecorded) status = ls_results_record_search(run->results, &run->search.record);
  run->unrecorded = false;
  for (size_t t = 0; t < run->search.trials && status == LS_OK; t++) {
    if (is_left_out(run, t)) status = leave_out(run, t);
  }
  return status;
}

int deciding_share(run_state *run) {
  const bool records = run->world->rank == 0;
  search_news news = {0};
  int status = ls_results_share(run->results);
  if (status == LS_OK) status = search_share(&run->search, run->world);
  if (status == LS_OK) status = search_decide(&run->search, prints(run), &news);
  run->unrecorded |= news.decisions + news.rungs > 0;
  status = ls_group_agree(run->world, status);
  if (status != LS_OK) return status;
  status = ls_group_agree(run->world, records ? record_between_rounds(run) : LS_OK);
  if (status == LS_OK) status = ls_results_share(run->results);
  if (status != LS_OK) return status;
  return ls_group_agree(run->world,
                        records ? search_release_all(&run->search, run->results) : LS_OK);
}
