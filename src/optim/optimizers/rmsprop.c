/* rmsprop: Tieleman and Hinton, lecture 6.5 of "Neural networks for machine learning", 2012.
 *
 *   v = rho v + (1 - rho) g^2
 *   w -= rate g / sqrt(v + epsilon)
 *
 * with `centered` v - a^2 in place of v, a being the same mean of g; with momentum the steps are
 * summed up, s = momentum s + rate g / sqrt(...) and w -= s. Epsilon stands under the root, as in
 * Keras 3 (not in Keras 2 or PyTorch). */
#include "optim/families.h"

#include <tgmath.h>

typedef struct rmsprop_args {
  ls_optimizer_args base;
  double rho, momentum, epsilon;
  bool centered;
} rmsprop_args;

static const ls_arg args[] = {
    LS_LEARNING_RATE_ARG("0.001"),
    {"rho", LS_ARG_REAL, offsetof(rmsprop_args, rho), "0.9",
     "fraction of the mean square that is kept", .min = 0, .max = 1},
    {"momentum", LS_ARG_REAL, offsetof(rmsprop_args, momentum), "0",
     "fraction of the last step that is kept", .min = 0, .max = 1},
    LS_EPSILON_ARG(rmsprop_args, "1.0e-7"),
    {"centered", LS_ARG_BOOLEAN, offsetof(rmsprop_args, centered), "false",
     "whether to divide by the standard deviation of the gradient"},
    LS_WEIGHT_DECAY_ARG("null"),
    LS_CLIP_ARGS,
    LS_EMA_ARGS,
    {NULL},
};

/* The mean square, then the mean if centered, then the last step with momentum. */
static size_t slots(const void *args_) {
  const rmsprop_args *a = args_;
  return 1 + (a->centered ? 1 : 0) + (a->momentum > 0 ? 1 : 0);
}

static void update(const void *args_, const ls_update *u) {
  const rmsprop_args *a = args_;
  const ls_real rate = (ls_real)u->learning_rate, momentum = (ls_real)a->momentum;
  const ls_real rho = (ls_real)a->rho, new = (ls_real)(1 - a->rho), epsilon = (ls_real)a->epsilon;
  const size_t n = u->n;
  ls_real *restrict w = u->weights, *restrict g = u->gradient, *restrict v = u->slots[0];
  if (a->centered) {
    ls_real *restrict mean = u->slots[1];
    for (size_t i = 0; i < n; i++) {
      v[i] = rho * v[i] + new *(g[i] * g[i]);
      mean[i] = rho * mean[i] + new *g[i];
      g[i] = rate * g[i] / sqrt(v[i] - mean[i] * mean[i] + epsilon);
    }
  } else {
    for (size_t i = 0; i < n; i++) {
      v[i] = rho * v[i] + new *(g[i] * g[i]);
      g[i] = rate * g[i] / sqrt(v[i] + epsilon);
    }
  }
  if (a->momentum > 0) {
    ls_real *restrict step = u->slots[a->centered ? 2 : 1];
    for (size_t i = 0; i < n; i++) {
      step[i] = momentum * step[i] + g[i];
      w[i] -= step[i];
    }
  } else {
    for (size_t i = 0; i < n; i++) w[i] -= g[i];
  }
}

const ls_optimizer_type ls_optimizer_rmsprop = {
    .component = {"rmsprop", "steps relative to the recent magnitude of the gradient",
                  sizeof(rmsprop_args), args, ls_optimizer_check},
    .slots = slots,
    .update = update,
};
