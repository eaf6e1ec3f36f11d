/* nadam: adam with Nesterov's momentum. Dozat, "Incorporating Nesterov momentum into Adam", 2016,
 * with its schedule of momentum as in Keras: at step t
 *
 *   u_t = beta_1 (1 - 0.96^t / 2), p_t = u_1 ... u_t
 *   m += (1 - beta_1) (g - m), v += (1 - beta_2) (g^2 - v)
 *   w -= rate (u_(t+1) m / (1 - p_(t+1)) + (1 - u_t) g / (1 - p_t))
 *        / (sqrt(v / (1 - beta_2^t)) + epsilon) */
#include "optim/families.h"

#include "base/elementary.h"

#include <tgmath.h>

typedef struct nadam_args {
  ls_optimizer_args base;
  double beta_1, beta_2, epsilon;
} nadam_args;

static const ls_arg args[] = {
    LS_LEARNING_RATE_ARG("0.001"),
    LS_BETA_ARGS(nadam_args),
    LS_EPSILON_ARG(nadam_args, "1.0e-7"),
    LS_WEIGHT_DECAY_ARG("null"),
    LS_CLIP_ARGS,
    LS_EMA_ARGS,
    {NULL},
};

static size_t slots(const void *a) {
  (void)a;
  return 2;
}

enum { PRODUCT, OF_MEAN, OF_GRADIENT, OF_SQUARE };

static double momentum_at(const nadam_args *a, int64_t step) {
  return a->beta_1 * (1 - 0.5 * ls_power(0.96, (double)step));
}

static void begin(const void *args_, int64_t step, double c[LS_MAX_CONSTANTS]) {
  const nadam_args *a = args_;
  const double now = momentum_at(a, step), next = momentum_at(a, step + 1);
  c[PRODUCT] = (step == 1 ? 1 : c[PRODUCT]) * now;
  c[OF_MEAN] = next / (1 - c[PRODUCT] * next);
  c[OF_GRADIENT] = (1 - now) / (1 - c[PRODUCT]);
  c[OF_SQUARE] = 1 / (1 - ls_power(a->beta_2, (double)step));
}

static void update(const void *args_, const ls_update *u) {
  const nadam_args *a = args_;
  const ls_real rate = (ls_real)u->learning_rate, epsilon = (ls_real)a->epsilon;
  const ls_real new_1 = (ls_real)(1 - a->beta_1), new_2 = (ls_real)(1 - a->beta_2);
  const ls_real of_mean = (ls_real)u->constants[OF_MEAN];
  const ls_real of_gradient = (ls_real)u->constants[OF_GRADIENT];
  const ls_real of_square = (ls_real)u->constants[OF_SQUARE];
  const size_t n = u->n;
  ls_real *restrict w = u->weights, *restrict m = u->slots[0], *restrict v = u->slots[1];
  const ls_real *restrict g = u->gradient;
  for (size_t i = 0; i < n; i++) {
    m[i] += (g[i] - m[i]) * new_1;
    v[i] += (g[i] * g[i] - v[i]) * new_2;
    ls_real ahead = of_mean * m[i] + of_gradient * g[i];
    w[i] -= rate * ahead / (sqrt(of_square * v[i]) + epsilon);
  }
}

const ls_optimizer_type ls_optimizer_nadam = {
    .component = {"nadam", "adam with Nesterov momentum", sizeof(nadam_args), args,
                  ls_optimizer_check},
    .slots = slots,
    .begin = begin,
    .update = update,
};
