/* Watching one curve for improvement, as keras.callbacks.EarlyStopping does. Pure. */
#ifndef LS_TRIAL_EARLY_STOPPING_H
#define LS_TRIAL_EARLY_STOPPING_H

#include "trial/recipe.h"

typedef struct early_stopping {
  const ls_early_stopping_args *args; /* `monitor` NULL: only the best epoch is kept, never stops */
  bool higher;                        /* more is better */
  double best;                        /* so far, where best_epoch > 0 */
  size_t best_epoch;                  /* from 1 */
  int64_t waited;                     /* epochs since an improvement by min_delta */
} early_stopping;

/* Takes the curve's value of the next epoch (numbered from 1). *improved tells whether it is now
 * the best one; returns whether to stop. */
bool early_stopping_watch(early_stopping *e, size_t epoch, double value, bool *improved);

#endif
