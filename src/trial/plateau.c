/* Lowering the learning rate when a curve no longer improves. Keras does so only for a rate that is
 * a plain number; here the schedule's is multiplied by all reductions so far. */
#include "trial/plateau.h"

#include <math.h>

double plateau_rate(const plateau *p, double scheduled) {
  if (!p->args->monitor || scheduled <= p->args->min_lr) return scheduled;
  return fmax(scheduled * p->scale, p->args->min_lr);
}

/* As in early stopping, what is not a number is no improvement. */
static bool improves(const plateau *p, double value) {
  if (!p->started) return !isnan(value);
  const double margin = p->args->min_delta;
  return p->higher ? value - margin > p->best : value + margin < p->best;
}

void plateau_watch(plateau *p, double value, double scheduled) {
  if (!p->args->monitor) return;
  if (p->cooldown > 0) {
    p->cooldown--;
    p->waited = 0;
  }
  if (improves(p, value)) {
    p->started = true;
    p->best = value;
    p->waited = 0;
  } else if (p->cooldown == 0) {
    p->waited++;
    if (p->waited < p->args->patience || plateau_rate(p, scheduled) <= p->args->min_lr) return;
    p->scale *= p->args->factor;
    p->cooldown = p->args->cooldown;
    p->waited = 0;
  }
}
