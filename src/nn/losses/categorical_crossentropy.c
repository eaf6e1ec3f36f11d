/* categorical_crossentropy: -log of the probability given to the sample's class; with label
 * smoothing, -sum t[j] log(p[j]).
 *
 * Behind softmax it is computed from the logits, loss = log(sum exp(z)) - sum t[j] z[j] and
 * gradient softmax(z) - t, which neither overflows nor loses digits. Behind anything else the
 * outputs are taken as Keras takes them: divided by their sum, then clipped to [1e-7, 1 - 1e-7]. */
#include "base/elementary.h"
#include "nn/families.h"
#include "nn/losses/probability.h"
#include "nn/vmath.h"

typedef struct categorical_args {
  double label_smoothing;
} categorical_args;

static const ls_arg args[] = {LS_LABEL_SMOOTHING_ARG(categorical_args), {NULL}};

/* What smoothing adds to the loss of logits: smoothing (z[label] - mean of z). */
static double smooth_row(size_t width, const ls_real *z, int32_t label, double smoothing) {
  double mean = 0;
  for (size_t j = 0; j < width; j++) mean += (double)z[j] / (double)width;
  return smoothing * ((double)z[label] - mean);
}

/* And to its gradient. */
static void smooth_gradient(size_t width, int32_t label, double smoothing, ls_real *dz) {
  const ls_real all = (ls_real)(smoothing / (double)width);
  for (size_t j = 0; j < width; j++) dz[j] -= all;
  dz[label] += (ls_real)smoothing;
}

static double row_from_logits(size_t width, const ls_real *z, int32_t label, double smoothing,
                              ls_real scale, ls_real *dz) {
  ls_real top = z[0];
  for (size_t j = 1; j < width; j++) top = z[j] > top ? z[j] : top;
  double added = smoothing > 0 ? smooth_row(width, z, label, smoothing) : 0;
  ls_real own = z[label] - top, sum = 0;
  if (!dz) {
    for (size_t j = 0; j < width; j++) sum += ls_exp(z[j] - top);
  } else {
    for (size_t j = 0; j < width; j++) dz[j] = ls_exp(z[j] - top);
    for (size_t j = 0; j < width; j++) sum += dz[j];
    ls_real factor = scale / sum;
    for (size_t j = 0; j < width; j++) dz[j] *= factor;
    dz[label] -= scale;
    if (smoothing > 0) smooth_gradient(width, label, smoothing * (double)scale, dz);
  }
  return ls_logarithm((double)sum) - (double)own + added;
}

static double row_from_probabilities(size_t width, const ls_real *y, int32_t label,
                                     double smoothing, ls_real scale, ls_real *dy) {
  double sum = 0, loss = 0, counted = 0; /* targets whose probability is not clipped */
  for (size_t j = 0; j < width; j++) sum += (double)y[j];
  for (size_t j = 0; j < width; j++) {
    double target = ls_smoothed_class(width, label, j, smoothing), p = (double)y[j] / sum;
    if (target == 0) continue;
    loss -= target * ls_logarithm(ls_clip_probability(p));
    if (ls_clip_probability(p) == p) counted += target;
  }
  for (size_t j = 0; dy && j < width; j++) {
    double target = ls_smoothed_class(width, label, j, smoothing), own = (double)y[j];
    bool clipped = target == 0 || ls_clip_probability(own / sum) != own / sum;
    dy[j] = (ls_real)(counted * (double)scale / sum);
    if (!clipped) dy[j] -= (ls_real)(target * (double)scale / own);
  }
  return loss;
}

static double evaluate(const void *a, const ls_outputs *o, ls_real scale, ls_real *dy) {
  const double smoothing = ls_label_smoothing(((const categorical_args *)a)->label_smoothing);
  double total = 0;
  for (size_t i = 0; i < o->n; i++) {
    const ls_real *row = o->y + i * o->width;
    ls_real *gradient = dy ? dy + i * o->width : NULL;
    total += (o->logits ? row_from_logits : row_from_probabilities)(o->width, row, o->labels[i],
                                                                    smoothing, scale, gradient);
  }
  return total;
}

const ls_loss_type ls_loss_categorical_crossentropy = {
    .component = {"categorical_crossentropy",
                  "for classes: -log of the probability of the true class",
                  sizeof(categorical_args), args},
    .outputs = LS_DISTRIBUTION_OUTPUTS,
    .fuses = &ls_activation_softmax,
    .evaluate = evaluate,
};
