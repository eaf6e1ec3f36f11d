/* One trial: step after step, epoch after epoch, until the last one, early stopping, divergence, or
 * a stop; from its beginning or from a checkpoint. */
#include "trial/trial.h"

#include "base/activity.h"
#include "base/clock.h"
#include "lockstep/error.h"
#include "trial/saving.h"
#include "trial/trainer.h"
#include "trial/trial_state.h"

#include <math.h>
#include <string.h>

/* ---- An epoch ----------------------------------------------------------------------------------
 */

static int save_now(trainer *t, trial_state *c, saving *s) {
  const ls_snapshot now = trial_state_snapshot(c, t);
  return saving_write(s, t, c, &now);
}

/* The steps that the epoch in hand still has. *word tells why they ended before their time. */
static int run_steps(trainer *t, trial_state *c, saving *s, uint32_t *word) {
  int status = trainer_begin_epoch(t, c->epoch);
  if (c->step == 0) {
    trainer_clear_sums(t);
    c->epoch_start = ls_clock_seconds();
  }
  *word = 0;
  while (status == LS_OK && c->step < t->plan->steps &&
         !(*word & (STATUS_NOT_FINITE | STATUS_STOP))) {
    bool due = t->group->rank == 0 && saving_due_after_step(s, t);
    *word = due ? STATUS_SAVE : 0;
    status = trainer_step(t, c->epoch, c->step, word);
    if (status != LS_OK || (*word & STATUS_NOT_FINITE)) break;
    c->step++;
    if (*word & (STATUS_SAVE | STATUS_STOP)) status = save_now(t, c, s);
  }
  return status;
}

/* Fills in the row of the epoch whose steps are done. */
static int measure(trainer *t, const trial_state *c, bool diverged, double *curves) {
  const ls_plan *plan = t->plan;
  size_t measures = plan->model->measure_count;
  int status = trainer_end_epoch(t, curves);
  if (status == LS_OK && !diverged) {
    status = trainer_evaluate(t, &t->validation, curves + measures);
  }
  for (size_t k = 0; diverged && k < 2 * measures; k++) curves[k] = NAN;
  curves[2 * measures] = plateau_rate(&t->plateau, trainer_scheduled_rate(t, c->epoch, 0));
  curves[2 * measures + 1] = ls_clock_seconds() - c->epoch_start;
  return status;
}

/* What follows from the epoch's row, whether to go on. The epoch is done with that. */
static int conclude(trainer *t, trial_state *c, const double *curves) {
  const ls_plan *plan = t->plan;
  double scheduled = trainer_scheduled_rate(t, c->epoch, 0);
  bool improved = false;
  c->epoch++;
  c->step = 0;
  if (early_stopping_watch(&c->stopping, c->epoch, curves[plan->monitor], &improved)) {
    c->ended = LS_TRIAL_STOPPED_EARLY;
  }
  if (!isfinite(curves[0])) c->ended = LS_TRIAL_DIVERGED;
  plateau_watch(&t->plateau, curves[plan->plateau], scheduled);
  return improved ? trial_state_keep_best(c, t) : LS_OK;
}

static int run_epoch(trainer *t, trial_state *c, saving *s) {
  double *curves = c->rows + c->epoch * t->plan->curve_count;
  uint32_t word = 0;
  int status = run_steps(t, c, s, &word);
  if (status == LS_OK && (word & STATUS_STOP)) return ls_fail(LS_STOPPED, "stopped on request");
  ls_activity_phase(LS_PHASE_MEASURING, c->epoch, 0);
  if (status == LS_OK) status = measure(t, c, word & STATUS_NOT_FINITE, curves);
  if (status != LS_OK) return status;
  bool due = saving_due_after_epoch(s, c);
  ls_activity_phase(LS_PHASE_RECORDING, c->epoch, 0);
  status = conclude(t, c, curves);
  if (status == LS_OK && t->group->rank == 0) {
    status = t->watch->epoch(t->watch->context, c->epoch - 1, curves);
  }
  status = ls_group_agree(t->group, status);
  bool left = status == LS_STOPPED && !c->ended && c->epoch < t->plan->epochs;
  if (status != LS_OK && status != LS_STOPPED) return status;
  int saved = left || due ? save_now(t, c, s) : LS_OK;
  return left && saved == LS_OK ? LS_STOPPED : saved;
}

/* ---- A trial -----------------------------------------------------------------------------------
 */

/* From the beginning, or from a checkpoint if there is one. */
static int start(trainer *t, trial_state *c, saving *s, ls_trial_result *result) {
  bool found = false;
  int status = saving_resume(s, t, c, &found);
  if (status != LS_OK) return status;
  if (found) result->earlier_seconds = ls_clock_seconds() - c->start;
  if (t->group->rank == 0) {
    status = t->watch->start(t->watch->context, c->epoch, c->step, c->rows);
  }
  return ls_group_agree(t->group, status);
}

/* Whether training ends with the weights of the best epoch. */
static bool restores(const trainer *t, const trial_state *c) {
  return t->plan->recipe.train.early_stopping.restore_best_weights &&
         c->stopping.state.best_epoch > 0;
}

/* The end: the weights to keep, the test samples, the files. */
static int finish(trainer *t, trial_state *c, saving *s, ls_trial_result *result) {
  ls_snapshot last = trial_state_snapshot(c, t);
  int status = LS_OK;
  if (restores(t, c)) {
    last = c->best;
    result->best_restored = true;
    status = trial_state_restore_best(c, t);
  }
  result->weights_hash = last.scalars.weights_hash;
  ls_activity_phase(LS_PHASE_MEASURING, c->epoch - 1, 0);
  if (status == LS_OK && t->test.feed && c->ended != LS_TRIAL_DIVERGED) {
    status = trainer_evaluate(t, &t->test, result->finals);
  }
  return status == LS_OK ? saving_write(s, t, c, &last) : status;
}

int ls_trial_run(const ls_plan *plan, size_t shards, const ls_group *group, ls_pool *const *pools,
                 const ls_watch *watch, ls_trial_result *result) {
  *result = (ls_trial_result){.state = LS_TRIAL_DONE};
  for (size_t k = 0; k < LS_MAX_FINALS; k++) result->finals[k] = NAN;
  trainer t;
  trial_state c = {0};
  saving s = {0};
  int status = trainer_create(&t, plan, shards, group, pools, watch);
  if (status != LS_OK) return status;
  status = ls_group_agree(group, trial_state_create(&c, &t));
  if (status == LS_OK) status = saving_create(&s, watch->files, &t);
  if (status == LS_OK) status = start(&t, &c, &s, result);
  while (status == LS_OK && c.epoch < plan->epochs && !c.ended) status = run_epoch(&t, &c, &s);
  result->epochs_run = c.epoch;
  result->best_epoch = c.stopping.state.best_epoch;
  if (status == LS_OK && c.ended) result->state = c.ended;
  if (status == LS_OK) status = finish(&t, &c, &s, result);
  if (status == LS_OK && group->rank == 0 && watch->profile) {
    profile_print(&t.profile, plan->model, watch->profile);
  }
  saving_destroy(&s);
  trial_state_destroy(&c);
  trainer_destroy(&t);
  return status;
}
