/* binary_crossentropy: mean over the output's elements of -t log(p) - (1 - t) log(1 - p).
 *
 * Behind sigmoid it is computed from the logits, loss = max(z, 0) - z t + log(1 + exp(-|z|)) and
 * gradient sigmoid(z) - t, which neither overflows nor loses digits. Behind anything else the
 * outputs are clipped to [1e-7, 1 - 1e-7], as in Keras. */
#include "base/elementary.h"
#include "nn/families.h"
#include "nn/losses/elementwise.h"
#include "nn/vmath.h"

static const ls_arg args[] = {{NULL}};

static void from_logits(size_t count, const ls_real *z, const ls_real *t, ls_real scale,
                        ls_real *losses, ls_real *dz) {
  for (size_t i = 0; i < count; i++) {
    losses[i] = (z[i] > 0 ? z[i] : 0) - z[i] * t[i] + ls_log1p(ls_exp(-ls_abs(z[i])));
  }
  if (!dz) return;
  for (size_t i = 0; i < count; i++) dz[i] = scale * (1 / (1 + ls_exp(-z[i])) - t[i]);
}

static void from_probabilities(size_t count, const ls_real *y, const ls_real *t, ls_real scale,
                               ls_real *losses, ls_real *dy) {
  const double clip = 1e-7;
  for (size_t i = 0; i < count; i++) {
    double given = (double)y[i], target = (double)t[i];
    double p = given < clip ? clip : given > 1 - clip ? 1 - clip : given;
    losses[i] = (ls_real)(-target * ls_logarithm(p) - (1 - target) * ls_logarithm(1 - p));
    if (!dy) continue;
    dy[i] = p != given ? 0 : scale * (ls_real)((p - target) / (p * (1 - p)));
  }
}

static double evaluate(const void *a, const ls_outputs *o, ls_real scale, ls_real *dy) {
  (void)a;
  return ls_elementwise(o, scale, dy, o->logits ? from_logits : from_probabilities);
}

const ls_loss_type ls_loss_binary_crossentropy = {
    .component = {"binary_crossentropy",
                  "for values from 0 to 1: -log of the probability of the true value, as a mean "
                  "over the elements of the output",
                  0, args},
    .target = LS_VALUES,
    .fuses = &ls_activation_sigmoid,
    .evaluate = evaluate,
};
