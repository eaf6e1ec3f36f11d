/* One trial: epoch after epoch until the last one, early stopping, divergence or a stop; from its
 * beginning or from a checkpoint.
 *
 * Where a metric becomes a row in the results file: ls_model_add_metrics (nn/model/outputs.c) adds
 * the metric of each sample to the measure_sums of its shard or chunk; trial/epoch.c and
 * trial/evaluation.c compute the means; fill_row below puts them in the epoch's row, which `record`
 * passes to callbacks->epoch. That is on_epoch in run/groups.c, which calls ls_results_epoch in
 * store/results/results.c to overwrite the row in the file. */
#include "trial/trial.h"

#include "base/activity.h"
#include "base/clock.h"
#include "lockstep/error.h"
#include "trial/epoch.h"
#include "trial/saving.h"
#include "trial/step.h"
#include "trial/trainer.h"
#include "trial/trial_state.h"

#include <math.h>

/* ---- An epoch -------------------------------------------------------------------------------- */

static int begin_epoch(trainer *t, trial_state *state) {
  if (state->step > 0) return trainer_continue_epoch(t, state->epoch);
  int status = trainer_begin_epoch(t, state->epoch);
  if (status == LS_OK) status = trial_state_leave_out_pauses(state, t);
  state->epoch_start = ls_clock_seconds();
  return status;
}

static int save_now(trainer *t, trial_state *state, saving *s) {
  int status = trial_state_leave_out_pauses(state, t);
  if (status != LS_OK) return status;
  const ls_snapshot now = trial_state_snapshot(state, t);
  return saving_write(s, t, state, &now);
}

/* Trains the remaining steps of the current epoch. *flags tells why they ended before the last. */
static int run_steps(trainer *t, trial_state *state, saving *s, uint32_t *flags) {
  int status = begin_epoch(t, state);
  *flags = 0;
  while (status == LS_OK && state->step < t->plan->steps && !(*flags & STATUS_STOP)) {
    bool due = t->group->rank == 0 && saving_due_after_step(s, t);
    *flags = due ? STATUS_SAVE : 0;
    status = trainer_step(t, state->epoch, state->step, flags);
    if (status != LS_OK || (*flags & STATUS_NOT_FINITE)) break;
    state->step++;
    if (*flags & (STATUS_SAVE | STATUS_STOP)) status = save_now(t, state, s);
  }
  return status;
}

/* Fills the row of the epoch whose steps are completed: a value for each curve of the plan. */
static int fill_row(trainer *t, trial_state *state, bool diverged, double *row) {
  const size_t measures = t->plan->model->measure_count;
  int status = trainer_end_epoch(t, row);
  if (status == LS_OK && !diverged) {
    const ls_real *weights = ls_reducer_weights(t->reducer);
    status = evaluation_run(&t->validation, t->workspace, weights, row + measures);
  }
  if (status == LS_OK) status = trial_state_leave_out_pauses(state, t);
  for (size_t k = 0; diverged && k < 2 * measures; k++) row[k] = NAN;
  row[2 * measures] = trainer_rate(t, state->epoch, 0);
  row[2 * measures + 1] = ls_clock_seconds() - state->epoch_start;
  return status;
}

/* Completes the epoch: decides by its row whether it is the best one and whether the trial ends. */
static int conclude(trainer *t, trial_state *state, const double *row) {
  const ls_plan *plan = t->plan;
  const double scheduled = trainer_scheduled_rate(t, state->epoch, 0);
  bool improved = false;
  state->epoch++;
  state->step = 0;
  if (early_stopping_watch(&state->stopping, state->epoch, row[plan->monitor], &improved)) {
    state->ended = LS_TRIAL_STOPPED_EARLY;
  }
  if (!isfinite(row[0])) state->ended = LS_TRIAL_DIVERGED;
  plateau_watch(&t->plateau, row[plan->plateau], scheduled);
  return improved ? trial_state_keep_best(state, t) : LS_OK;
}

/* Completes the epoch and has its row recorded, then saves where that is due. LS_STOPPED where the
 * callback stops the trial here. */
static int record(trainer *t, trial_state *state, saving *s, const double *row) {
  const bool due = saving_due_after_epoch(s, state);
  ls_activity_phase(LS_PHASE_RECORDING, state->epoch, 0);
  int status = conclude(t, state, row);
  if (status == LS_OK && t->group->rank == 0) {
    status = t->callbacks->epoch(t->callbacks->context, state->epoch - 1, row);
  }
  status = ls_group_agree(t->group, status);
  if (status != LS_OK && status != LS_STOPPED) return status;
  const bool stops = status == LS_STOPPED && !state->ended && state->epoch < t->plan->epochs;
  status = stops || due ? save_now(t, state, s) : LS_OK;
  return stops && status == LS_OK ? LS_STOPPED : status;
}

static int run_epoch(trainer *t, trial_state *state, saving *s) {
  double *row = state->rows + state->epoch * t->plan->curve_count;
  uint32_t flags = 0;
  int status = run_steps(t, state, s, &flags);
  if (status == LS_OK && (flags & STATUS_STOP)) return ls_fail(LS_STOPPED, "stopped on request");
  ls_activity_phase(LS_PHASE_EVALUATING, state->epoch, 0);
  if (status == LS_OK) status = fill_row(t, state, flags & STATUS_NOT_FINITE, row);
  return status == LS_OK ? record(t, state, s, row) : status;
}

/* ---- A trial --------------------------------------------------------------------------------- */

/* Starts from the beginning, or from a checkpoint if there is one. */
static int start(trainer *t, trial_state *state, saving *s, ls_trial_result *result) {
  bool found = false;
  int status = saving_resume(s, t, state, &found);
  if (status != LS_OK) return status;
  if (found) result->earlier_seconds = ls_clock_seconds() - state->start;
  if (t->group->rank == 0) {
    status = t->callbacks->start(t->callbacks->context, state->epoch, state->step, state->rows);
  }
  return ls_group_agree(t->group, status);
}

/* Whether training ends with the weights of the best epoch. */
static bool restores_best(const trainer *t, const trial_state *state) {
  return t->plan->recipe.train.early_stopping.restore_best_weights &&
         state->stopping.state.best_epoch > 0;
}

/* Sets the weights to the final ones: those of the best epoch, or the last ones, of which Keras
 * too takes the moving average only here. */
static int choose_weights(trainer *t, trial_state *state, ls_snapshot *final, bool *best) {
  *best = restores_best(t, state);
  int status = *best ? trial_state_restore_best(state, t) : updater_set_averaged(&t->updater, true);
  *final = *best ? state->best : trial_state_snapshot(state, t);
  return status;
}

/* The value of the compared curve with the final weights. */
static double final_value(const trainer *t, const trial_state *state,
                          const ls_trial_result *result) {
  const ls_plan *plan = t->plan;
  const size_t last = result->best_restored ? result->best_epoch : state->epoch;
  if (last == 0 || state->ended == LS_TRIAL_DIVERGED) return NAN;
  return state->rows[(last - 1) * plan->curve_count + plan->headline];
}

/* Collective: whether the models of the trial, which has ended, are kept. */
static int ask_to_keep(const trainer *t, double value, bool *keeps) {
  *keeps = t->group->rank == 0 && t->callbacks->keep(t->callbacks->context, value);
  return ls_group_broadcast(t->group, keeps, sizeof *keeps, 0);
}

/* Chooses the final weights, measures them on the test samples, and saves them. */
static int finish(trainer *t, trial_state *state, saving *s, ls_trial_result *result) {
  ls_snapshot final;
  int status = choose_weights(t, state, &final, &result->best_restored);
  result->weights_hash = final.scalars.weights_hash;
  ls_activity_phase(LS_PHASE_EVALUATING, state->epoch - 1, 0);
  if (status == LS_OK && t->test.feed && state->ended != LS_TRIAL_DIVERGED) {
    const ls_real *weights = ls_reducer_weights(t->reducer);
    status = evaluation_run(&t->test, t->workspace, weights, result->finals);
  }
  bool keeps = false;
  result->headline = final_value(t, state, result);
  if (status == LS_OK && s->files) status = ask_to_keep(t, result->headline, &keeps);
  if (status == LS_OK && keeps) status = saving_tune_thresholds(s, t, state, result->best_restored);
  return status == LS_OK && keeps ? saving_write(s, t, state, &final) : status;
}

static bool has_epochs(const trainer *t, const trial_state *state) {
  return state->epoch < t->plan->epochs && !state->ended;
}

/* Trains from start to finish. */
static int run(trainer *t, trial_state *state, saving *s, ls_trial_result *result) {
  int status = start(t, state, s, result);
  if (status == LS_OK && has_epochs(t, state)) status = updater_set_averaged(&t->updater, false);
  while (status == LS_OK && has_epochs(t, state)) {
    status = run_epoch(t, state, s);
  }
  result->epochs_run = state->epoch;
  result->best_epoch = state->stopping.state.best_epoch;
  if (status == LS_OK && state->ended) result->state = state->ended;
  return status == LS_OK ? finish(t, state, s, result) : status;
}

int ls_trial_run(const ls_plan *plan, size_t shards, const ls_group *group, ls_pool *const *pools,
                 const ls_callbacks *callbacks, ls_trial_result *result) {
  *result = (ls_trial_result){.state = LS_TRIAL_DONE, .headline = NAN};
  for (size_t k = 0; k < LS_MAX_FINALS; k++) result->finals[k] = NAN;
  trainer t;
  trial_state state = {0};
  saving s = {0};
  int status = trainer_create(&t, plan, shards, group, pools, callbacks);
  if (status != LS_OK) return status;
  status = ls_group_agree(group, trial_state_create(&state, &t));
  if (status == LS_OK) status = saving_create(&s, callbacks->files, &t);
  if (status == LS_OK) status = run(&t, &state, &s, result);
  if (status == LS_OK && group->rank == 0 && callbacks->profile) {
    profile_print(&t.profile, plan->model, callbacks->profile);
  }
  saving_destroy(&s);
  trial_state_destroy(&state);
  trainer_destroy(&t);
  return status;
}
