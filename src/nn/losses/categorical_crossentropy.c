/* categorical_crossentropy: -log of the probability given to the sample's class.
 *
 * Behind softmax it is computed from the logits, loss = log(sum exp(z)) - z[label] and gradient
 * softmax(z) - onehot(label), which neither overflows nor loses digits. Behind anything else the
 * outputs are taken as Keras takes them: divided by their sum, then clipped to [1e-7, 1 - 1e-7]. */
#include "base/elementary.h"
#include "nn/families.h"
#include "nn/vmath.h"

#include <math.h>

static const ls_arg args[] = {{NULL}};

static double row_from_logits(size_t width, const ls_real *z, int32_t label, ls_real scale,
                              ls_real *dz) {
  ls_real top = z[0];
  for (size_t j = 1; j < width; j++) top = z[j] > top ? z[j] : top;
  ls_real own = z[label] - top, sum = 0;
  if (!dz) {
    for (size_t j = 0; j < width; j++) sum += ls_exp(z[j] - top);
  } else {
    for (size_t j = 0; j < width; j++) dz[j] = ls_exp(z[j] - top);
    for (size_t j = 0; j < width; j++) sum += dz[j];
    ls_real factor = scale / sum;
    for (size_t j = 0; j < width; j++) dz[j] *= factor;
    dz[label] -= scale;
  }
  return ls_logarithm((double)sum) - (double)own;
}

static double row_from_probabilities(size_t width, const ls_real *y, int32_t label, ls_real scale,
                                     ls_real *dy) {
  const double clip = 1e-7;
  double sum = 0;
  for (size_t j = 0; j < width; j++) sum += (double)y[j];
  double own = (double)y[label], share = own / sum;
  double clipped = share < clip ? clip : share > 1 - clip ? 1 - clip : share;
  if (dy) {
    bool flat = clipped != share; /* no gradient where the value is clipped */
    for (size_t j = 0; j < width; j++) dy[j] = flat ? 0 : (ls_real)((double)scale / sum);
    if (!flat) dy[label] -= (ls_real)((double)scale / own);
  }
  return -ls_logarithm(clipped);
}

static double evaluate(const void *a, const ls_outputs *o, ls_real scale, ls_real *dy) {
  (void)a;
  double total = 0;
  for (size_t i = 0; i < o->n; i++) {
    const ls_real *row = o->y + i * o->width;
    ls_real *gradient = dy ? dy + i * o->width : NULL;
    total += o->logits ? row_from_logits(o->width, row, o->labels[i], scale, gradient)
                       : row_from_probabilities(o->width, row, o->labels[i], scale, gradient);
  }
  return total;
}

const ls_loss_type ls_loss_categorical_crossentropy = {
    .component = {"categorical_crossentropy",
                  "for classes: -log of the probability of the true class", 0, args},
    .fuses = &ls_activation_softmax,
    .evaluate = evaluate,
};
