/* Exponential moving averages of weights, as Keras's optimizers have them. Local. */
#ifndef LS_OPTIM_AVERAGE_H
#define LS_OPTIM_AVERAGE_H

#include "lockstep/optimizer.h"

/* Adds n weights, after their update in step `step` (from 1), to their average: average = momentum
 * average + (1 - momentum) weight; the first step sets it to the weights. Every
 * ema_overwrite_frequency steps the weights are replaced by the average. */
void average_weights(const ls_optimizer_args *args, int64_t step, size_t n, ls_real *average,
                     ls_real *weights);

#endif
