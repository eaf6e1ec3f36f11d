/* Moments of a trial: taken, copied, returned to. */
#include "trial/trial_state.h"

#include "base/clock.h"
#include "base/memory.h"
#include "lockstep/error.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

int course_create(course *c, const trainer *t) {
  const ls_plan *plan = t->plan;
  *c = (course){.stopping = {&plan->recipe.train.early_stopping, plan->monitor_higher, 0, 0, 0}};
  c->start = c->epoch_start = ls_clock_seconds();
  c->rows = ls_new(plan->epochs * plan->curve_count, sizeof *c->rows);
  return c->rows ? LS_OK : LS_FAILED;
}

void course_destroy(course *c) {
  for (size_t k = 0; k < LS_MAX_SLOTS; k++) free(c->best.slots[k]);
  free(c->best.weights);
  free(c->rows);
}

ls_moment course_now(const course *c, const trainer *t) {
  const plateau *p = &t->plateau;
  const double now = ls_clock_seconds();
  const size_t bytes = t->plan->model->param_count * sizeof(ls_real);
  ls_real *weights = ls_reducer_weights(t->reducer);
  ls_moment m = {.numbers = {[LS_MOMENT_EPOCH] = (double)c->epoch,
                             [LS_MOMENT_STEP] = (double)c->step,
                             [LS_MOMENT_UPDATES] = (double)t->updater.step,
                             [LS_MOMENT_SECONDS] = now - c->start,
                             [LS_MOMENT_EPOCH_SECONDS] = c->step > 0 ? now - c->epoch_start : 0,
                             [LS_MOMENT_STOPPING_BEST] = c->stopping.best,
                             [LS_MOMENT_STOPPING_BEST_EPOCH] = (double)c->stopping.best_epoch,
                             [LS_MOMENT_STOPPING_WAITED] = (double)c->stopping.waited,
                             [LS_MOMENT_PLATEAU_STARTED] = p->started,
                             [LS_MOMENT_PLATEAU_BEST] = p->best,
                             [LS_MOMENT_PLATEAU_WAITED] = (double)p->waited,
                             [LS_MOMENT_PLATEAU_COOLDOWN] = (double)p->cooldown,
                             [LS_MOMENT_PLATEAU_SCALE] = p->scale,
                             [LS_MOMENT_ENDED] = c->ended},
                 .weights_hash = t->group->rank == 0 ? XXH3_64bits(weights, bytes) : 0,
                 .weights = weights,
                 .whole = true};
  memcpy(m.slots, t->updater.slots, sizeof m.slots);
  return m;
}

int course_make_room(course *c, const trainer *t) {
  const ls_share share = ls_reducer_share(t->reducer);
  const size_t count = ls_share_count(&share);
  if (!c->best.weights) c->best.weights = ls_new(count, sizeof(ls_real));
  bool made = c->best.weights;
  for (size_t k = 0; k < LS_MAX_SLOTS && t->updater.slots[k]; k++) {
    if (!c->best.slots[k]) c->best.slots[k] = ls_new(count, sizeof(ls_real));
    made = made && c->best.slots[k];
  }
  return made ? LS_OK : LS_FAILED;
}

int course_keep_best(course *c, const trainer *t) {
  if (course_make_room(c, t) != LS_OK) return LS_FAILED;
  const ls_share share = ls_reducer_share(t->reducer);
  const ls_moment now = course_now(c, t);
  memcpy(c->best.numbers, now.numbers, sizeof now.numbers);
  c->best.weights_hash = now.weights_hash;
  ls_share_pack(&share, now.weights, c->best.weights);
  for (size_t k = 0; k < LS_MAX_SLOTS && now.slots[k]; k++) {
    memcpy(c->best.slots[k], now.slots[k], ls_share_count(&share) * sizeof *now.slots[k]);
  }
  return LS_OK;
}

int course_restore_best(const course *c, trainer *t) {
  const ls_share share = ls_reducer_share(t->reducer);
  ls_share_unpack(&share, c->best.weights, ls_reducer_weights(t->reducer));
  return ls_reducer_spread(t->reducer);
}

int course_take(course *c, trainer *t, const ls_moment *now) {
  const double *n = now->numbers, clock = ls_clock_seconds();
  c->epoch = (size_t)n[LS_MOMENT_EPOCH];
  c->step = (size_t)n[LS_MOMENT_STEP];
  c->ended = (ls_trial_state)n[LS_MOMENT_ENDED];
  c->start = clock - n[LS_MOMENT_SECONDS];
  c->epoch_start = clock - n[LS_MOMENT_EPOCH_SECONDS];
  c->stopping.best = n[LS_MOMENT_STOPPING_BEST];
  c->stopping.best_epoch = (size_t)n[LS_MOMENT_STOPPING_BEST_EPOCH];
  c->stopping.waited = (int64_t)n[LS_MOMENT_STOPPING_WAITED];
  t->plateau.started = n[LS_MOMENT_PLATEAU_STARTED] != 0;
  t->plateau.best = n[LS_MOMENT_PLATEAU_BEST];
  t->plateau.waited = (int64_t)n[LS_MOMENT_PLATEAU_WAITED];
  t->plateau.cooldown = (int64_t)n[LS_MOMENT_PLATEAU_COOLDOWN];
  t->plateau.scale = n[LS_MOMENT_PLATEAU_SCALE];
  updater_resume(&t->updater, (int64_t)n[LS_MOMENT_UPDATES]);
  return ls_reducer_spread(t->reducer);
}
