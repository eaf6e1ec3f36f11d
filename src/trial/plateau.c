/* The rules of the reduction on a plateau. */
#include "trial/plateau.h"

#include <math.h>

double plateau_rate(const plateau *p, double scheduled) {
  if (!p->args->monitor || scheduled <= p->args->min_lr) return scheduled;
  return fmax(scheduled * p->state.scale, p->args->min_lr);
}

/* As in early stopping, NaN is no improvement. */
static bool improves(const plateau *p, double value) {
  if (!p->state.started) return !isnan(value);
  const double margin = p->args->min_delta, best = p->state.best;
  return p->higher ? value - margin > best : value + margin < best;
}

void plateau_watch(plateau *p, double value, double scheduled) {
  ls_plateau_state *state = &p->state;
  if (!p->args->monitor) return;
  if (state->cooldown > 0) {
    state->cooldown--;
    state->waited = 0;
  }
  if (improves(p, value)) {
    state->started = true;
    state->best = value;
    state->waited = 0;
  } else if (state->cooldown == 0) {
    state->waited++;
    if (state->waited < p->args->patience || plateau_rate(p, scheduled) <= p->args->min_lr) return;
    state->scale *= p->args->factor;
    state->cooldown = p->args->cooldown;
    state->waited = 0;
  }
}
