/* Lowering the learning rate when a curve no longer improves, as keras.callbacks.ReduceLROnPlateau.
 * Keras does so only for a constant rate; here the schedule's rate is multiplied by all reductions
 * so far. Pure. */
#ifndef LS_TRIAL_PLATEAU_H
#define LS_TRIAL_PLATEAU_H

#include "store/checkpoint/snapshot.h"
#include "trial/recipe.h"

typedef struct plateau {
  const ls_plateau_args *args; /* `monitor` NULL: the rate is the schedule's */
  bool higher;                 /* a higher value is better */
  ls_plateau_state state;
} plateau;

/* Returns the learning rate where the schedule's is `scheduled`; not reduced below min_lr. */
double plateau_rate(const plateau *p, double scheduled);

/* Takes the curve's value of the next epoch, and the schedule's rate in that epoch. */
void plateau_watch(plateau *p, double value, double scheduled);

#endif
