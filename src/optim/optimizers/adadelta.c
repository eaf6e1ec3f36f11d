/* adadelta: Zeiler, "ADADELTA: an adaptive learning rate method", 2012.
 *
 *   v = rho v + (1 - rho) g^2
 *   d = g sqrt(s + epsilon) / sqrt(v + epsilon)
 *   s = rho s + (1 - rho) d^2
 *   w -= rate d
 *
 * as in Keras 3, whose rate of 0.001 is not the paper's, 1. */
#include "optim/families.h"

#include <tgmath.h>

typedef struct adadelta_args {
  ls_optimizer_args base;
  double rho, epsilon;
} adadelta_args;

static const ls_arg args[] = {
    LS_LEARNING_RATE_ARG("0.001"),
    {"rho", LS_ARG_REAL, offsetof(adadelta_args, rho), "0.95",
     "fraction of the mean squares that is kept", .min = 0, .max = 1},
    LS_EPSILON_ARG(adadelta_args, "1.0e-7"),
    LS_WEIGHT_DECAY_ARG("null"),
    LS_CLIP_ARGS,
    LS_EMA_ARGS,
    {NULL},
};

static size_t slots(const void *a) {
  (void)a;
  return 2;
}

static void update(const void *args_, const ls_update *u) {
  const adadelta_args *a = args_;
  const ls_real rate = (ls_real)u->learning_rate, epsilon = (ls_real)a->epsilon;
  const ls_real rho = (ls_real)a->rho, new = (ls_real)(1 - a->rho);
  const size_t n = u->n;
  ls_real *restrict w = u->weights, *restrict v = u->slots[0], *restrict s = u->slots[1];
  const ls_real *restrict g = u->gradient;
  for (size_t i = 0; i < n; i++) {
    v[i] = rho * v[i] + new *(g[i] * g[i]);
    ls_real step = sqrt(s[i] + epsilon) * g[i] / sqrt(v[i] + epsilon);
    s[i] = rho * s[i] + new *(step * step);
    w[i] -= rate * step;
  }
}

const ls_optimizer_type ls_optimizer_adadelta = {
    .component =
        {"adadelta",
         "steps relative to the recent magnitude of the gradient, in units of recent steps",
         sizeof(adadelta_args), args, ls_optimizer_check},
    .slots = slots,
    .update = update,
};
