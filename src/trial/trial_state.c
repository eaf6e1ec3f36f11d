/* Moments of a trial: taken, copied, returned to. */
#include "trial/trial_state.h"

#include "base/clock.h"
#include "base/memory.h"
#include "lockstep/error.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

int trial_state_create(trial_state *c, const trainer *t) {
  const ls_plan *plan = t->plan;
  *c = (trial_state){
      .stopping = {&plan->recipe.train.early_stopping, plan->monitor_higher, 0, 0, 0}};
  c->start = c->epoch_start = ls_clock_seconds();
  c->rows = ls_new(plan->epochs * plan->curve_count, sizeof *c->rows);
  return c->rows ? LS_OK : LS_FAILED;
}

void trial_state_destroy(trial_state *c) {
  for (size_t k = 0; k < LS_MAX_SLOTS; k++) free(c->best.slots[k]);
  free(c->best.weights);
  free(c->rows);
}

ls_snapshot trial_state_snapshot(const trial_state *c, const trainer *t) {
  const plateau *p = &t->plateau;
  const double now = ls_clock_seconds();
  const size_t bytes = t->plan->model->param_count * sizeof(ls_real);
  ls_real *weights = ls_reducer_weights(t->reducer);
  ls_snapshot m = {.numbers = {[LS_SNAPSHOT_EPOCH] = (double)c->epoch,
                               [LS_SNAPSHOT_STEP] = (double)c->step,
                               [LS_SNAPSHOT_UPDATES] = (double)t->updater.step,
                               [LS_SNAPSHOT_SECONDS] = now - c->start,
                               [LS_SNAPSHOT_EPOCH_SECONDS] = c->step > 0 ? now - c->epoch_start : 0,
                               [LS_SNAPSHOT_STOPPING_BEST] = c->stopping.best,
                               [LS_SNAPSHOT_STOPPING_BEST_EPOCH] = (double)c->stopping.best_epoch,
                               [LS_SNAPSHOT_STOPPING_WAITED] = (double)c->stopping.waited,
                               [LS_SNAPSHOT_PLATEAU_STARTED] = p->started,
                               [LS_SNAPSHOT_PLATEAU_BEST] = p->best,
                               [LS_SNAPSHOT_PLATEAU_WAITED] = (double)p->waited,
                               [LS_SNAPSHOT_PLATEAU_COOLDOWN] = (double)p->cooldown,
                               [LS_SNAPSHOT_PLATEAU_SCALE] = p->scale,
                               [LS_SNAPSHOT_ENDED] = c->ended},
                   .weights_hash = t->group->rank == 0 ? XXH3_64bits(weights, bytes) : 0,
                   .weights = weights,
                   .whole = true};
  memcpy(m.slots, t->updater.slots, sizeof m.slots);
  return m;
}

int trial_state_reserve_best(trial_state *c, const trainer *t) {
  const ls_block_cyclic share = ls_reducer_share(t->reducer);
  const size_t count = ls_block_cyclic_count(&share);
  if (!c->best.weights) c->best.weights = ls_new(count, sizeof(ls_real));
  bool made = c->best.weights;
  for (size_t k = 0; k < LS_MAX_SLOTS && t->updater.slots[k]; k++) {
    if (!c->best.slots[k]) c->best.slots[k] = ls_new(count, sizeof(ls_real));
    made = made && c->best.slots[k];
  }
  return made ? LS_OK : LS_FAILED;
}

int trial_state_keep_best(trial_state *c, const trainer *t) {
  if (trial_state_reserve_best(c, t) != LS_OK) return LS_FAILED;
  const ls_block_cyclic share = ls_reducer_share(t->reducer);
  const ls_snapshot now = trial_state_snapshot(c, t);
  memcpy(c->best.numbers, now.numbers, sizeof now.numbers);
  c->best.weights_hash = now.weights_hash;
  ls_block_cyclic_pack(&share, now.weights, c->best.weights);
  for (size_t k = 0; k < LS_MAX_SLOTS && now.slots[k]; k++) {
    memcpy(c->best.slots[k], now.slots[k], ls_block_cyclic_count(&share) * sizeof *now.slots[k]);
  }
  return LS_OK;
}

int trial_state_restore_best(const trial_state *c, trainer *t) {
  const ls_block_cyclic share = ls_reducer_share(t->reducer);
  ls_block_cyclic_unpack(&share, c->best.weights, ls_reducer_weights(t->reducer));
  return ls_reducer_allgather(t->reducer);
}

int trial_state_resume(trial_state *c, trainer *t, const ls_snapshot *now) {
  const double *n = now->numbers, clock = ls_clock_seconds();
  c->epoch = (size_t)n[LS_SNAPSHOT_EPOCH];
  c->step = (size_t)n[LS_SNAPSHOT_STEP];
  c->ended = (ls_trial_status)n[LS_SNAPSHOT_ENDED];
  c->start = clock - n[LS_SNAPSHOT_SECONDS];
  c->epoch_start = clock - n[LS_SNAPSHOT_EPOCH_SECONDS];
  c->stopping.best = n[LS_SNAPSHOT_STOPPING_BEST];
  c->stopping.best_epoch = (size_t)n[LS_SNAPSHOT_STOPPING_BEST_EPOCH];
  c->stopping.waited = (int64_t)n[LS_SNAPSHOT_STOPPING_WAITED];
  t->plateau.started = n[LS_SNAPSHOT_PLATEAU_STARTED] != 0;
  t->plateau.best = n[LS_SNAPSHOT_PLATEAU_BEST];
  t->plateau.waited = (int64_t)n[LS_SNAPSHOT_PLATEAU_WAITED];
  t->plateau.cooldown = (int64_t)n[LS_SNAPSHOT_PLATEAU_COOLDOWN];
  t->plateau.scale = n[LS_SNAPSHOT_PLATEAU_SCALE];
  updater_resume(&t->updater, (int64_t)n[LS_SNAPSHOT_UPDATES]);
  return ls_reducer_allgather(t->reducer);
}
