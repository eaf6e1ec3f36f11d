/* Snapshots of a trial: taken, copied, resumed from. */
#include "trial/trial_state.h"

#include "base/clock.h"
#include "base/memory.h"
#include "lockstep/error.h"

#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

int trial_state_create(trial_state *state, const trainer *t) {
  const ls_plan *plan = t->plan;
  *state = (trial_state){
      .stopping = {.args = &plan->recipe.train.early_stopping, .higher = plan->monitor_higher}};
  state->start = state->epoch_start = ls_clock_seconds();
  state->paused = ls_clock_paused();
  state->rows = ls_new(plan->epochs * plan->curve_count, sizeof *state->rows);
  return state->rows ? LS_OK : LS_FAILED;
}

void trial_state_destroy(trial_state *state) {
  for (size_t k = 0; k < LS_MAX_ARRAYS; k++) free(state->best.slots[k]);
  free(state->best.weights);
  free(state->rows);
}

static uint64_t hash_weights(const trainer *t) {
  return XXH3_64bits(ls_reducer_weights(t->reducer), t->plan->model->param_count * sizeof(ls_real));
}

ls_snapshot trial_state_snapshot(const trial_state *state, const trainer *t) {
  const double now = ls_clock_seconds();
  ls_snapshot snapshot = {
      .scalars = {.weights_hash = t->group->rank == 0 ? hash_weights(t) : 0,
                  .epoch = state->epoch,
                  .step = state->step,
                  .updates = t->updater.step,
                  .averaged = t->updater.averaged,
                  .seconds = now - state->start,
                  .epoch_seconds = state->step > 0 ? now - state->epoch_start : 0,
                  .stopping = state->stopping.state,
                  .plateau = t->plateau.state,
                  .ended = state->ended},
      .weights = ls_reducer_weights(t->reducer),
      .whole = true};
  memcpy(snapshot.slots, t->updater.slots, sizeof snapshot.slots);
  return snapshot;
}

int trial_state_leave_out_pauses(trial_state *state, const trainer *t) {
  const double paused = ls_clock_paused();
  double pause = paused - state->paused;
  int status = ls_group_max(t->group, &pause, 1);
  state->paused = paused;
  state->start += pause;
  state->epoch_start += pause;
  return status;
}

int trial_state_resume(trial_state *state, trainer *t, const ls_snapshot_scalars *from) {
  const double now = ls_clock_seconds();
  state->epoch = from->epoch;
  state->step = from->step;
  state->start = now - from->seconds;
  state->epoch_start = now - from->epoch_seconds;
  state->stopping.state = from->stopping;
  t->plateau.state = from->plateau;
  state->ended = from->ended;
  t->updater.averaged = from->averaged;
  updater_resume(&t->updater, from->updates);
  return ls_reducer_allgather(t->reducer);
}

/* ---- The best epoch -------------------------------------------------------------------------- */

int trial_state_reserve_best(trial_state *state, const trainer *t) {
  const ls_block_cyclic partition = ls_reducer_blocks(t->reducer);
  const size_t count = ls_block_cyclic_count(&partition);
  if (!state->best.weights) state->best.weights = ls_new(count, sizeof(ls_real));
  bool made = state->best.weights;
  for (size_t k = 0; k < LS_MAX_ARRAYS && t->updater.slots[k]; k++) {
    if (!state->best.slots[k]) state->best.slots[k] = ls_new(count, sizeof(ls_real));
    made = made && state->best.slots[k];
  }
  return made ? LS_OK : LS_FAILED;
}

int trial_state_keep_best(trial_state *state, const trainer *t) {
  if (trial_state_reserve_best(state, t) != LS_OK) return LS_FAILED;
  const ls_block_cyclic partition = ls_reducer_blocks(t->reducer);
  const size_t count = ls_block_cyclic_count(&partition);
  const ls_snapshot now = trial_state_snapshot(state, t);
  state->best.scalars = now.scalars;
  ls_block_cyclic_pack(&partition, now.weights, state->best.weights);
  for (size_t k = 0; k < LS_MAX_ARRAYS && now.slots[k]; k++) {
    memcpy(state->best.slots[k], now.slots[k], count * sizeof *now.slots[k]);
  }
  return LS_OK;
}

int trial_state_restore_best(const trial_state *state, trainer *t) {
  const ls_block_cyclic partition = ls_reducer_blocks(t->reducer);
  ls_block_cyclic_unpack(&partition, state->best.weights, ls_reducer_weights(t->reducer));
  return ls_reducer_allgather(t->reducer);
}
