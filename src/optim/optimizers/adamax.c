/* adamax: Kingma and Ba, "Adam: a method for stochastic optimization", 2015, section 7.1. At step t
 *
 *   m += (1 - beta_1) (g - m), u = max(beta_2 u, |g|)
 *   w -= rate / (1 - beta_1^t) m / (u + epsilon)
 *
 * as in Keras. */
#include "optim/families.h"

#include "base/elementary.h"

#include <tgmath.h>

typedef struct adamax_args {
  ls_optimizer_args base;
  double beta_1, beta_2, epsilon;
} adamax_args;

static const ls_arg args[] = {
    LS_LEARNING_RATE_ARG("0.001"),
    LS_BETA_ARGS(adamax_args),
    LS_EPSILON_ARG(adamax_args, "1.0e-7"),
    LS_WEIGHT_DECAY_ARG("null"),
    LS_CLIP_ARGS,
    LS_EMA_ARGS,
    {NULL},
};

static size_t slots(const void *a) {
  (void)a;
  return 2;
}

static void begin(const void *args_, int64_t step, double constants[LS_MAX_CONSTANTS]) {
  const adamax_args *a = args_;
  constants[0] = 1 / (1 - ls_power(a->beta_1, (double)step));
}

static void update(const void *args_, const ls_update *u) {
  const adamax_args *a = args_;
  const ls_real rate = (ls_real)(u->learning_rate * u->constants[0]);
  const ls_real new_1 = (ls_real)(1 - a->beta_1), kept_2 = (ls_real)a->beta_2;
  const ls_real epsilon = (ls_real)a->epsilon;
  const size_t n = u->n;
  ls_real *restrict w = u->weights, *restrict m = u->slots[0], *restrict norm = u->slots[1];
  const ls_real *restrict g = u->gradient;
  for (size_t i = 0; i < n; i++) {
    ls_real kept = kept_2 * norm[i], size = fabs(g[i]);
    m[i] += (g[i] - m[i]) * new_1;
    norm[i] = kept > size ? kept : size; /* m keeps a NaN */
    w[i] -= rate * m[i] / (norm[i] + epsilon);
  }
}

const ls_optimizer_type ls_optimizer_adamax = {
    .component = {"adamax",
                  "adam with the recent maximum of the gradient in place of its mean square",
                  sizeof(adamax_args), args, ls_optimizer_check},
    .slots = slots,
    .begin = begin,
    .update = update,
};
