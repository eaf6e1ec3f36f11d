/* One trial: epoch after epoch, until the last one, early stopping, divergence, or a stop. */
#include "lockstep/trial.h"

#include "early_stopping.h"
#include "lockstep/clock.h"
#include "lockstep/error.h"
#include "lockstep/memory.h"
#include "trainer.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

/* What the epochs of a trial leave for the next. */
typedef struct course {
  early_stopping stopping;
  double curves[LS_MAX_CURVES]; /* of the last epoch */
  /* On rank 0, those of the best one: */
  double best_curves[LS_MAX_CURVES];
  ls_real *best_weights; /* NULL: none yet */
} course;

static int keep_best(trainer *t, course *c) {
  size_t count = t->plan->model->param_count;
  if (t->group->rank != 0) return LS_OK;
  memcpy(c->best_curves, c->curves, sizeof c->curves);
  if (!c->best_weights) c->best_weights = ls_new(count, sizeof *c->best_weights);
  if (!c->best_weights) return LS_FAILED;
  memcpy(c->best_weights, ls_reducer_weights(t->reducer), count * sizeof *c->best_weights);
  return LS_OK;
}

/* Whether training ends with the weights of the best epoch. */
static bool restores(const trainer *t, const course *c) {
  return t->plan->recipe.train.early_stopping.restore_best_weights && c->stopping.best_epoch > 0;
}

static int restore_best_weights(trainer *t, const course *c) {
  if (!restores(t, c)) return LS_OK;
  if (c->best_weights) {
    memcpy(ls_reducer_weights(t->reducer), c->best_weights,
           t->plan->model->param_count * sizeof *c->best_weights);
  }
  return ls_reducer_publish(t->reducer);
}

/* Collective: rank 0 hands over the weights that are to be saved. */
static int save(trainer *t, const course *c, size_t epochs_run) {
  const ls_watch *watch = t->watch;
  const ls_snapshot best = {"best", c->best_weights, c->stopping.best_epoch, c->best_curves};
  ls_snapshot last = {"last", ls_reducer_weights(t->reducer), epochs_run, c->curves};
  int status = LS_OK;
  if (restores(t, c)) {
    last.epoch = best.epoch;
    last.curves = best.curves;
  }
  if (t->group->rank == 0 && watch->save) {
    if (best.weights) status = watch->save(watch->context, &best);
    if (status == LS_OK) status = watch->save(watch->context, &last);
  }
  return ls_group_agree(t->group, status);
}

/* Trains and validates one epoch (from 0), tells rank 0's watcher. *over is set where no more is to
 * come, with the reason in result->state. */
static int run_epoch(trainer *t, course *c, size_t epoch, ls_trial_result *result, bool *over) {
  const ls_plan *plan = t->plan;
  double *curves = c->curves, start = ls_clock_seconds();
  uint32_t word = 0;
  int status = trainer_epoch(t, epoch, &word, curves);
  if (status == LS_OK && (word & WORD_STOP)) return ls_fail(LS_STOPPED, "stopped on request");
  bool diverged = word & WORD_NOT_FINITE;
  for (size_t k = 0; diverged && k < 2 * plan->model->measure_count; k++) curves[k] = NAN;
  if (status == LS_OK && !diverged)
    status = trainer_evaluate(t, &t->validation, curves + plan->model->measure_count);
  if (status != LS_OK) return status;
  diverged |= !isfinite(curves[0]);
  double scheduled = trainer_scheduled_rate(t, epoch, 0);
  curves[2 * plan->model->measure_count] = plateau_rate(&t->plateau, scheduled);
  curves[2 * plan->model->measure_count + 1] = ls_clock_seconds() - start;

  result->epochs_run = epoch + 1;
  bool improved = false;
  bool stop = early_stopping_watch(&c->stopping, epoch + 1, curves[plan->monitor], &improved);
  if (improved) status = keep_best(t, c);
  plateau_watch(&t->plateau, curves[plan->plateau], scheduled);
  if (status == LS_OK && t->group->rank == 0) {
    status = t->watch->epoch(t->watch->context, epoch, curves);
  }
  *over = diverged || stop;
  if (diverged) result->state = LS_TRIAL_DIVERGED;
  if (stop && !diverged) result->state = LS_TRIAL_STOPPED_EARLY;
  return ls_group_agree(t->group, status);
}

int ls_trial_run(const ls_plan *plan, size_t shards, const ls_group *group, ls_pool *const *pools,
                 const ls_watch *watch, ls_trial_result *result) {
  *result = (ls_trial_result){.state = LS_TRIAL_DONE};
  for (size_t k = 0; k < LS_MAX_FINALS; k++) result->finals[k] = NAN;
  course c = {.stopping = {&plan->recipe.train.early_stopping, plan->monitor_higher, 0, 0, 0}};
  trainer t;
  int status = trainer_create(&t, plan, shards, group, pools, watch);
  if (status != LS_OK) return status;
  bool over = false;
  for (size_t epoch = 0; epoch < plan->epochs && status == LS_OK && !over; epoch++) {
    status = run_epoch(&t, &c, epoch, result, &over);
  }
  if (status == LS_OK) status = restore_best_weights(&t, &c);
  if (status == LS_OK && t.test.feed && result->state != LS_TRIAL_DIVERGED) {
    status = trainer_evaluate(&t, &t.test, result->finals);
  }
  if (status == LS_OK) status = save(&t, &c, result->epochs_run);
  if (status == LS_OK) {
    result->best_epoch = c.stopping.best_epoch;
    result->weights_hash =
        XXH3_64bits(ls_reducer_weights(t.reducer), plan->model->param_count * sizeof(ls_real));
  }
  if (status == LS_OK && group->rank == 0 && watch->profile) {
    profile_print(&t.profile, plan->model, watch->profile);
  }
  free(c.best_weights);
  trainer_destroy(&t);
  return status;
}
