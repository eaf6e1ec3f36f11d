/* One step of the moving average of weights. */
#include "optim/average.h"

#include <string.h>

void average_weights(const ls_optimizer_args *args, int64_t step, size_t n, ls_real *average,
                     ls_real *weights) {
  const ls_real kept = step > 1 ? (ls_real)args->ema_momentum : 0, taken = 1 - kept;
  for (size_t i = 0; i < n; i++) average[i] = kept * average[i] + taken * weights[i];
  const int64_t every = args->ema_overwrite_frequency;
  if (every > 0 && step % every == 0) memcpy(weights, average, n * sizeof *weights);
}
