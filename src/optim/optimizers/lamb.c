/* lamb: You et al., "Large batch optimization for deep learning: training BERT in 76 minutes",
 * 2019, with the arithmetic of Keras 3: at step t
 *
 *   m += (1 - beta_1) (g - m), v += (1 - beta_2) (g^2 - v)
 *   d = m / (1 - beta_1^t) / (sqrt(v / (1 - beta_2^t)) + epsilon)
 *   w -= rate |w| / |d| d
 *
 * with norms over a whole parameter, biases too; where one is 0, their quotient is 1. Weight decay
 * is decoupled, before all this, and not part of d as in the paper. */
#include "optim/families.h"

#include "base/elementary.h"

#include <tgmath.h>

typedef struct lamb_args {
  ls_optimizer_args base;
  double beta_1, beta_2, epsilon;
} lamb_args;

static const ls_arg args[] = {
    LS_LEARNING_RATE_ARG("0.001"),
    LS_BETA_ARGS(lamb_args),
    LS_EPSILON_ARG(lamb_args, "1.0e-7"),
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
  const lamb_args *a = args_;
  constants[0] = 1 / (1 - ls_power(a->beta_1, (double)step));
  constants[1] = 1 / (1 - ls_power(a->beta_2, (double)step));
}

/* Makes the gradient d. */
static void prepare(const void *args_, const ls_update *u) {
  const lamb_args *a = args_;
  const ls_real new_1 = (ls_real)(1 - a->beta_1), new_2 = (ls_real)(1 - a->beta_2);
  const ls_real of_mean = (ls_real)u->constants[0], of_square = (ls_real)u->constants[1];
  const ls_real epsilon = (ls_real)a->epsilon;
  const size_t n = u->n;
  ls_real *restrict g = u->gradient, *restrict m = u->slots[0], *restrict v = u->slots[1];
  for (size_t i = 0; i < n; i++) {
    m[i] += (g[i] - m[i]) * new_1;
    v[i] += (g[i] * g[i] - v[i]) * new_2;
    g[i] = of_mean * m[i] / (sqrt(of_square * v[i]) + epsilon);
  }
}

static void update(const void *args_, const ls_update *u) {
  (void)args_;
  const bool defined = u->weights_norm != 0 && u->gradient_norm != 0;
  const double ratio = defined ? u->weights_norm / u->gradient_norm : 1;
  const ls_real rate = (ls_real)(u->learning_rate * ratio);
  const size_t n = u->n;
  ls_real *restrict w = u->weights;
  const ls_real *restrict g = u->gradient;
  for (size_t i = 0; i < n; i++) w[i] -= rate * g[i];
}

const ls_optimizer_type ls_optimizer_lamb = {
    .component = {"lamb", "adam, in steps relative to the norm of each parameter",
                  sizeof(lamb_args), args, ls_optimizer_check},
    .slots = slots,
    .begin = begin,
    .prepare = prepare,
    .update = update,
    .by_parameter = true,
};
