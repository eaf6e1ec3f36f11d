/* binary_crossentropy: mean over the output's elements of -t log(p) - (1 - t) log(1 - p).
 *
 * Behind sigmoid it is computed from the logits, loss = max(z, 0) - z t + log(1 + exp(-|z|)) and
 * gradient sigmoid(z) - t, which neither overflows nor loses digits. Behind anything else the
 * outputs are clipped to [1e-7, 1 - 1e-7], as in Keras. */
#include "base/elementary.h"
#include "nn/families.h"
#include "nn/losses/elementwise.h"
#include "nn/losses/probability.h"
#include "nn/vmath.h"

typedef struct binary_args {
  double label_smoothing;
} binary_args;

static const ls_arg args[] = {LS_LABEL_SMOOTHING_ARG(binary_args), {NULL}};

static void from_logits(const void *a, size_t count, const ls_real *z, const ls_real *t,
                        ls_real scale, ls_real *losses, ls_real *dz) {
  const double smoothing = ls_label_smoothing(((const binary_args *)a)->label_smoothing);
  for (size_t i = 0; i < count; i++) {
    ls_real target = ls_smoothed_value(t[i], smoothing);
    losses[i] = (z[i] > 0 ? z[i] : 0) - z[i] * target + ls_log1p(ls_exp(-ls_abs(z[i])));
  }
  if (!dz) return;
  for (size_t i = 0; i < count; i++) {
    dz[i] = scale * (1 / (1 + ls_exp(-z[i])) - ls_smoothed_value(t[i], smoothing));
  }
}

static void from_probabilities(const void *a, size_t count, const ls_real *y, const ls_real *t,
                               ls_real scale, ls_real *losses, ls_real *dy) {
  const double smoothing = ls_label_smoothing(((const binary_args *)a)->label_smoothing);
  for (size_t i = 0; i < count; i++) {
    double given = (double)y[i], target = (double)ls_smoothed_value(t[i], smoothing);
    double p = ls_clip_probability(given);
    losses[i] = (ls_real)(-target * ls_logarithm(p) - (1 - target) * ls_logarithm(1 - p));
    if (!dy) continue;
    dy[i] = p != given ? 0 : scale * (ls_real)((p - target) / (p * (1 - p)));
  }
}

static double evaluate(const void *a, const ls_outputs *o, ls_real scale, ls_real *dy) {
  return ls_elementwise(a, o, scale, dy, o->logits ? from_logits : from_probabilities);
}

const ls_loss_type ls_loss_binary_crossentropy = {
    .component = {"binary_crossentropy",
                  "for values from 0 to 1: -log of the probability of the true value, as a mean "
                  "over the elements of the output",
                  sizeof(binary_args), args},
    .target = LS_VALUES,
    .outputs = LS_PROBABILITY_OUTPUTS,
    .fuses = &ls_activation_sigmoid,
    .evaluate = evaluate,
};
