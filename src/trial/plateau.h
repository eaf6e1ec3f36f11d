/* Lowering the learning rate when a curve no longer improves, as keras.callbacks.ReduceLROnPlateau
 * does. Pure. */
#ifndef LS_TRIAL_PLATEAU_H
#define LS_TRIAL_PLATEAU_H

#include "trial/recipe.h"

typedef struct plateau {
  const ls_plateau_args *args; /* `monitor` NULL: the rate stays as the schedule says */
  bool higher;                 /* more is better */
  bool started;                /* there is a best value: */
  double best;
  int64_t waited;   /* epochs since an improvement by min_delta, or since a reduction */
  int64_t cooldown; /* epochs still to pass before waiting begins */
  double scale;     /* of the schedule's rate; 1 at first */
} plateau;

/* The rate to train with where the schedule says `scheduled`: not brought below min_lr. */
double plateau_rate(const plateau *p, double scheduled);

/* Takes the curve's value of the next epoch, and what the schedule said for it. */
void plateau_watch(plateau *p, double value, double scheduled);

#endif
