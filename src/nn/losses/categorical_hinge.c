/* categorical_hinge: max(1 + the largest output of another class - the output of the sample's
 * class, 0). As in Keras, the other classes' largest output counts as 0 if it is negative. */
#include "lockstep/layer.h"

static const ls_arg args[] = {{NULL}};

/* The class other than `label` with the largest positive output, or `label` if there is none. */
static size_t rival_of(size_t width, const ls_real *y, size_t label) {
  size_t best = label;
  ls_real most = 0;
  for (size_t j = 0; j < width; j++) {
    if (j == label || !(y[j] > most)) continue;
    most = y[j];
    best = j;
  }
  return best;
}

static double row(size_t width, const ls_real *y, size_t label, ls_real scale, ls_real *dy) {
  const size_t rival = rival_of(width, y, label);
  const double margin = 1 - (double)y[label] + (rival == label ? 0 : (double)y[rival]);
  ls_real sum = 0;
  for (size_t j = 0; j < width; j++) sum += y[j];
  for (size_t j = 0; dy && j < width; j++) dy[j] = 0;
  if (sum != sum) return (double)sum; /* a NaN anywhere */
  if (dy && margin > 0) {
    dy[label] = -scale;
    if (rival != label) dy[rival] = scale;
  }
  return margin > 0 ? margin : 0;
}

static double evaluate(const void *a, const ls_outputs *o, ls_real scale, ls_real *dy) {
  (void)a;
  double total = 0;
  for (size_t i = 0; i < o->n; i++) {
    size_t at = i * o->width;
    total += row(o->width, o->y + at, (size_t)o->labels[i], scale, dy ? dy + at : NULL);
  }
  return total;
}

const ls_loss_type ls_loss_categorical_hinge = {
    .component = {"categorical_hinge",
                  "for classes: 1 plus the largest output of another class minus that of the true "
                  "class, at least 0",
                  0, args},
    .outputs = LS_SIGNED_OUTPUTS,
    .evaluate = evaluate,
};
