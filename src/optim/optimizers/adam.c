/* adam: Kingma and Ba, "Adam: a method for stochastic optimization", 2015, in the form that its
 * section 2 ends with and Keras (2 and 3) follows: at step t
 *
 *   m += (1 - beta_1) (g - m), v += (1 - beta_2) (g^2 - v)
 *   w -= rate sqrt(1 - beta_2^t) / (1 - beta_1^t) m / (sqrt(v) + epsilon)
 *
 * so epsilon is not divided by the correction of v, as it is in PyTorch. With `amsgrad` the largest
 * v so far takes its place (Reddi, Kale and Kumar, 2018).
 *
 * adamw: the same with weight decay (Loshchilov and Hutter, "Decoupled weight decay", 2019). */
#include "optim/families.h"

#include "base/elementary.h"

#include <tgmath.h>

typedef struct adam_args {
  ls_optimizer_args base;
  double beta_1, beta_2, epsilon;
  bool amsgrad;
} adam_args;

#define ARGS(weight_decay)                                                                         \
  LS_LEARNING_RATE_ARG("0.001"), LS_BETA_ARGS(adam_args), LS_EPSILON_ARG(adam_args, "1.0e-7"),     \
      {"amsgrad", LS_ARG_BOOLEAN, offsetof(adam_args, amsgrad), "false",                           \
       "whether to divide by the largest mean square so far"},                                     \
      LS_WEIGHT_DECAY_ARG(weight_decay), LS_CLIP_ARGS, LS_EMA_ARGS, {                              \
    NULL                                                                                           \
  }

static const ls_arg adam_table[] = {ARGS("null")};
static const ls_arg adamw_table[] = {ARGS("0.004")};

static size_t slots(const void *args) {
  return ((const adam_args *)args)->amsgrad ? 3 : 2;
}

/* The factor of the rate that corrects both means for their start at 0. */
static void begin(const void *args, int64_t step, double constants[LS_MAX_CONSTANTS]) {
  const adam_args *a = args;
  constants[0] =
      sqrt(1 - ls_power(a->beta_2, (double)step)) / (1 - ls_power(a->beta_1, (double)step));
}

static void update(const void *args, const ls_update *u) {
  const adam_args *a = args;
  const ls_real rate = (ls_real)(u->learning_rate * u->constants[0]);
  const ls_real new_1 = (ls_real)(1 - a->beta_1), new_2 = (ls_real)(1 - a->beta_2);
  const ls_real epsilon = (ls_real)a->epsilon;
  const size_t n = u->n;
  ls_real *restrict w = u->weights, *restrict m = u->slots[0], *restrict v = u->slots[1];
  const ls_real *restrict g = u->gradient;
  if (!a->amsgrad) {
    for (size_t i = 0; i < n; i++) {
      m[i] += (g[i] - m[i]) * new_1;
      v[i] += (g[i] * g[i] - v[i]) * new_2;
      w[i] -= m[i] * rate / (sqrt(v[i]) + epsilon);
    }
    return;
  }
  ls_real *restrict largest = u->slots[2];
  for (size_t i = 0; i < n; i++) {
    m[i] += (g[i] - m[i]) * new_1;
    v[i] += (g[i] * g[i] - v[i]) * new_2;
    largest[i] = largest[i] > v[i] ? largest[i] : v[i];
    w[i] -= m[i] * rate / (sqrt(largest[i]) + epsilon);
  }
}

const ls_optimizer_type ls_optimizer_adam = {
    .component = {"adam", "momentum, in steps relative to the recent magnitude of the gradient",
                  sizeof(adam_args), adam_table, ls_optimizer_check},
    .slots = slots,
    .begin = begin,
    .update = update,
};

const ls_optimizer_type ls_optimizer_adamw = {
    .component = {"adamw", "adam with weight decay", sizeof(adam_args), adamw_table,
                  ls_optimizer_check},
    .slots = slots,
    .begin = begin,
    .update = update,
};
