/* Early stopping, as keras.callbacks.EarlyStopping: when one curve has stopped improving. Pure. */
#ifndef LS_TRIAL_EARLY_STOPPING_H
#define LS_TRIAL_EARLY_STOPPING_H

#include "store/checkpoint/snapshot.h"
#include "trial/recipe.h"

typedef struct early_stopping {
  const ls_early_stopping_args *args; /* `monitor` NULL: only finds the best epoch, never stops */
  bool higher;                        /* a higher value is better */
  ls_stopping_state state;
} early_stopping;

/* Takes the curve's value of the next epoch (numbered from 1). Sets *improved to whether it is now
 * the best epoch; returns whether training stops. */
bool early_stopping_watch(early_stopping *e, size_t epoch, double value, bool *improved);

#endif
