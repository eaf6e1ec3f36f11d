/* kl_divergence: sum over the elements of t log(t / y), for vectors of probabilities. Targets and
 * outputs are clipped to [1e-7, 1], as in Keras. */
#include "base/elementary.h"
#include "nn/losses/probability.h"

static const ls_arg args[] = {{NULL}};

/* A NaN stays one. */
static double clip(double p) {
  return p < LS_PROBABILITY_EPSILON ? LS_PROBABILITY_EPSILON : p > 1 ? 1 : p;
}

static double evaluate(const void *a, const ls_outputs *o, ls_real scale, ls_real *dy) {
  (void)a;
  double total = 0;
  for (size_t i = 0; i < o->n * o->width; i++) {
    double given = (double)o->y[i], p = clip(given), target = clip((double)o->values[i]);
    total += target * ls_logarithm(target / p);
    if (dy) dy[i] = p != given ? 0 : scale * (ls_real)(-target / p);
  }
  return total;
}

const ls_loss_type ls_loss_kl_divergence = {
    .component = {"kl_divergence",
                  "for vectors of probabilities: sum of t log(t / y) over the elements of the "
                  "output",
                  0, args},
    .target = LS_VALUES,
    .outputs = LS_DISTRIBUTION_OUTPUTS,
    .takes_vectors = true,
    .evaluate = evaluate,
};
