/* lars: You, Gitman and Ginsburg, "Large batch training of convolutional networks", 2017:
 *
 *   trust = trust_coefficient |w| / (|g| + weight_decay |w| + epsilon)
 *   v = momentum v + rate trust (g + weight_decay w)
 *   w -= v
 *
 * with norms over a whole parameter; where one is 0, trust is 1. Parameters of one dimension
 * (biases, the factors of a normalisation) are neither adapted nor decayed: trust is 1 and
 * weight_decay 0. This exclusion, epsilon and the defaults are those of TensorFlow's official
 * models; Keras has no such optimiser. */
#include "optim/families.h"

typedef struct lars_args {
  ls_optimizer_args base;
  double momentum, weight_decay, trust_coefficient, epsilon;
} lars_args;

static const ls_arg args[] = {
    LS_LEARNING_RATE_ARG("0.01"),
    {"momentum", LS_ARG_REAL, offsetof(lars_args, momentum), "0.9",
     "fraction of the last step that is kept", .min = 0, .max = 1},
    {"weight_decay", LS_ARG_REAL, offsetof(lars_args, weight_decay), "0",
     "fraction of the weights added to the gradient, except of parameters of one dimension",
     .min = 0, .max = 1e30, .flags = LS_MORE_IS_SIMPLER},
    {"trust_coefficient", LS_ARG_REAL, offsetof(lars_args, trust_coefficient), "0.001",
     "length of a step as a fraction of the parameter's norm, at a learning rate of 1", .min = 0,
     .max = 1e30},
    LS_EPSILON_ARG(lars_args, "0"),
    LS_CLIP_ARGS,
    LS_EMA_ARGS,
    {NULL},
};

static size_t slots(const void *a) {
  (void)a;
  return 1;
}

static void update(const void *args_, const ls_update *u) {
  const lars_args *a = args_;
  const bool adapted = u->rank > 1;
  const double weight_decay = adapted ? a->weight_decay : 0;
  double trust = 1;
  if (adapted && u->weights_norm != 0 && u->gradient_norm != 0) {
    trust = a->trust_coefficient * u->weights_norm /
            (u->gradient_norm + weight_decay * u->weights_norm + a->epsilon);
  }
  const ls_real momentum = (ls_real)a->momentum, decay = (ls_real)weight_decay;
  const ls_real rate = (ls_real)(u->learning_rate * trust);
  const size_t n = u->n;
  ls_real *restrict w = u->weights, *restrict v = u->slots[0];
  const ls_real *restrict g = u->gradient;
  for (size_t i = 0; i < n; i++) {
    v[i] = momentum * v[i] + rate * (g[i] + decay * w[i]);
    w[i] -= v[i];
  }
}

const ls_optimizer_type ls_optimizer_lars = {
    .component = {"lars",
                  "momentum, in steps relative to the norm of each parameter. Biases and other "
                  "parameters of one dimension are neither decayed nor adapted",
                  sizeof(lars_args), args, ls_optimizer_check},
    .slots = slots,
    .update = update,
    .by_parameter = true,
};
