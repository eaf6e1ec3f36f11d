/* adagrad: Duchi, Hazan and Singer, "Adaptive subgradient methods", 2011.
 *
 *   v += g^2, from initial_accumulator_value on
 *   w -= rate g / sqrt(v + epsilon)
 *
 * Epsilon stands under the root, as in Keras 3 (not in PyTorch). */
#include "optim/families.h"

#include <tgmath.h>

typedef struct adagrad_args {
  ls_optimizer_args base;
  double start, epsilon;
} adagrad_args;

static const ls_arg args[] = {
    LS_LEARNING_RATE_ARG("0.001"),
    {"initial_accumulator_value", LS_ARG_REAL, offsetof(adagrad_args, start), "0.1",
     "initial sum of squares", .min = 0, .max = 1e30},
    LS_EPSILON_ARG(adagrad_args, "1.0e-7"),
    LS_WEIGHT_DECAY_ARG("null"),
    LS_CLIP_ARGS,
    LS_EMA_ARGS,
    {NULL},
};

static size_t slots(const void *a) {
  (void)a;
  return 1;
}

static double slot_start(const void *a, size_t k) {
  (void)k;
  return ((const adagrad_args *)a)->start;
}

static void update(const void *args_, const ls_update *u) {
  const adagrad_args *a = args_;
  const ls_real rate = (ls_real)u->learning_rate, epsilon = (ls_real)a->epsilon;
  const size_t n = u->n;
  ls_real *restrict w = u->weights, *restrict v = u->slots[0];
  const ls_real *restrict g = u->gradient;
  for (size_t i = 0; i < n; i++) {
    v[i] += g[i] * g[i];
    w[i] -= rate * g[i] / sqrt(v[i] + epsilon);
  }
}

const ls_optimizer_type ls_optimizer_adagrad = {
    .component = {"adagrad", "steps relative to the root of the sum of all squared gradients",
                  sizeof(adagrad_args), args, ls_optimizer_check},
    .slots = slots,
    .slot_start = slot_start,
    .update = update,
};
