/* poisson: mean over the elements of y - t log(y + 1e-7), for counts t with the expected value y.
 */
#include "base/elementary.h"
#include "nn/losses/elementwise.h"
#include "nn/losses/probability.h"

static const ls_arg args[] = {{NULL}};

static void poisson(const void *a, size_t count, const ls_real *y, const ls_real *t, ls_real scale,
                    ls_real *losses, ls_real *dy) {
  (void)a;
  for (size_t i = 0; i < count; i++) {
    double rate = (double)y[i] + LS_PROBABILITY_EPSILON, target = (double)t[i];
    losses[i] = (ls_real)((double)y[i] - target * ls_logarithm(rate));
    if (dy) dy[i] = scale * (ls_real)(1 - target / rate);
  }
}

static double evaluate(const void *a, const ls_outputs *o, ls_real scale, ls_real *dy) {
  return ls_elementwise(a, o, scale, dy, poisson);
}

const ls_loss_type ls_loss_poisson = {
    .component = {"poisson",
                  "for counts, whose expected value is the output: mean of y - t log(y) over the "
                  "elements of the output",
                  0, args},
    .target = LS_VALUES,
    .outputs = LS_POSITIVE_OUTPUTS,
    .evaluate = evaluate,
};
