/* The rules of early stopping. */
#include "trial/early_stopping.h"

#include <math.h>

static bool better(const early_stopping *e, double value, double than) {
  double margin = e->args->monitor ? e->args->min_delta : 0;
  return e->higher ? value - margin > than : value + margin < than;
}

bool early_stopping_watch(early_stopping *e, size_t epoch, double value, bool *improved) {
  const ls_early_stopping_args *args = e->args;
  ls_stopping_state *state = &e->state;
  *improved = false;
  if (args->monitor && (int64_t)epoch <= args->start_from_epoch) return false;
  state->waited++;
  bool first = state->best_epoch == 0;
  if (first ? !isnan(value) : better(e, value, state->best)) {
    *improved = true;
    state->best = value;
    state->best_epoch = epoch;
    bool beats = !args->monitor || isnan(args->baseline) || better(e, value, args->baseline);
    if (beats) state->waited = 0;
    return false;
  }
  return args->monitor && state->waited >= args->patience && epoch > 1;
}
