/* Snapshots of a trial: taken, copied, resumed from. */
#include "trial/trial_state.h"

#include "base/clock.h"
#include "base/memory.h"
#include "lockstep/error.h"

#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

int trial_state_create(trial_state *s, const trainer *t) {
  const ls_plan *plan = t->plan;
  *s = (trial_state){
      .stopping = {.args = &plan->recipe.train.early_stopping, .higher = plan->monitor_higher}};
  s->start = s->epoch_start = ls_clock_seconds();
  s->rows = ls_new(plan->epochs * plan->curve_count, sizeof *s->rows);
  return s->rows ? LS_OK : LS_FAILED;
}

void trial_state_destroy(trial_state *s) {
  for (size_t k = 0; k < LS_MAX_SLOTS; k++) free(s->best.slots[k]);
  free(s->best.weights);
  free(s->rows);
}

static uint64_t hash_weights(const trainer *t) {
  return XXH3_64bits(ls_reducer_weights(t->reducer), t->plan->model->param_count * sizeof(ls_real));
}

ls_snapshot trial_state_snapshot(const trial_state *s, const trainer *t) {
  const double now = ls_clock_seconds();
  ls_snapshot snapshot = {.scalars = {.weights_hash = t->group->rank == 0 ? hash_weights(t) : 0,
                                      .epoch = s->epoch,
                                      .step = s->step,
                                      .updates = t->updater.step,
                                      .seconds = now - s->start,
                                      .epoch_seconds = s->step > 0 ? now - s->epoch_start : 0,
                                      .stopping = s->stopping.state,
                                      .plateau = t->plateau.state,
                                      .ended = s->ended},
                          .weights = ls_reducer_weights(t->reducer),
                          .whole = true};
  memcpy(snapshot.slots, t->updater.slots, sizeof snapshot.slots);
  return snapshot;
}

int trial_state_resume(trial_state *s, trainer *t, const ls_snapshot_scalars *from) {
  const double now = ls_clock_seconds();
  s->epoch = from->epoch;
  s->step = from->step;
  s->start = now - from->seconds;
  s->epoch_start = now - from->epoch_seconds;
  s->stopping.state = from->stopping;
  t->plateau.state = from->plateau;
  s->ended = from->ended;
  updater_resume(&t->updater, from->updates);
  return ls_reducer_allgather(t->reducer);
}

/* ---- The best epoch ----------------------------------------------------------------------------
 */

int trial_state_reserve_best(trial_state *s, const trainer *t) {
  const ls_block_cyclic partition = ls_reducer_share(t->reducer);
  const size_t count = ls_block_cyclic_count(&partition);
  if (!s->best.weights) s->best.weights = ls_new(count, sizeof(ls_real));
  bool made = s->best.weights;
  for (size_t k = 0; k < LS_MAX_SLOTS && t->updater.slots[k]; k++) {
    if (!s->best.slots[k]) s->best.slots[k] = ls_new(count, sizeof(ls_real));
    made = made && s->best.slots[k];
  }
  return made ? LS_OK : LS_FAILED;
}

int trial_state_keep_best(trial_state *s, const trainer *t) {
  if (trial_state_reserve_best(s, t) != LS_OK) return LS_FAILED;
  const ls_block_cyclic partition = ls_reducer_share(t->reducer);
  const size_t count = ls_block_cyclic_count(&partition);
  const ls_snapshot now = trial_state_snapshot(s, t);
  s->best.scalars = now.scalars;
  ls_block_cyclic_pack(&partition, now.weights, s->best.weights);
  for (size_t k = 0; k < LS_MAX_SLOTS && now.slots[k]; k++) {
    memcpy(s->best.slots[k], now.slots[k], count * sizeof *now.slots[k]);
  }
  return LS_OK;
}

int trial_state_restore_best(const trial_state *s, trainer *t) {
  const ls_block_cyclic partition = ls_reducer_share(t->reducer);
  ls_block_cyclic_unpack(&partition, s->best.weights, ls_reducer_weights(t->reducer));
  return ls_reducer_allgather(t->reducer);
}
