/* sgd: w += -rate * g; with momentum, as Keras has it, v = momentum * v - rate * g and w += v, or
 * w += momentum * v - rate * g with Nesterov's. */
#include "optim/families.h"

typedef struct sgd_args {
  ls_optimizer_args base;
  double momentum;
  bool nesterov;
} sgd_args;

static const ls_arg args[] = {
    LS_LEARNING_RATE_ARG("0.01"),
    {"momentum", LS_ARG_REAL, offsetof(sgd_args, momentum), "0",
     "fraction of the last step that is kept", .min = 0, .max = 1},
    {"nesterov", LS_ARG_BOOLEAN, offsetof(sgd_args, nesterov), "false",
     "whether momentum is Nesterov's"},
    LS_WEIGHT_DECAY_ARG("null"),
    LS_CLIP_ARGS,
    LS_EMA_ARGS,
    {NULL},
};

static size_t slots(const void *args_) {
  return ((const sgd_args *)args_)->momentum > 0 ? 1 : 0;
}

static void update(const void *args_, const ls_update *u) {
  const sgd_args *a = args_;
  const ls_real rate = (ls_real)u->learning_rate, momentum = (ls_real)a->momentum;
  const size_t n = u->n;
  ls_real *restrict w = u->weights;
  const ls_real *restrict g = u->gradient;
  if (slots(args_) == 0) {
    for (size_t i = 0; i < n; i++) w[i] -= rate * g[i];
    return;
  }
  ls_real *restrict v = u->slots[0];
  if (a->nesterov) {
    for (size_t i = 0; i < n; i++) {
      v[i] = momentum * v[i] - rate * g[i];
      w[i] += momentum * v[i] - rate * g[i];
    }
  } else {
    for (size_t i = 0; i < n; i++) {
      v[i] = momentum * v[i] - rate * g[i];
      w[i] += v[i];
    }
  }
}

const ls_optimizer_type ls_optimizer_sgd = {
    .component = {"sgd", "stochastic gradient descent", sizeof(sgd_args), args, ls_optimizer_check},
    .slots = slots,
    .update = update,
};
