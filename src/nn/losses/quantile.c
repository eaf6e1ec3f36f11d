/* quantile: the pinball loss, the mean over the elements of q (t - y) where y is below t, and of
 * (1 - q) (y - t) elsewhere. Its minimum is the q quantile of the targets. As mean_pinball_loss of
 * scikit-learn. */
#include "nn/losses/elementwise.h"

typedef struct quantile_args {
  double quantile;
} quantile_args;

static const ls_arg args[] = {
    {"quantile", LS_ARG_REAL, offsetof(quantile_args, quantile), "0.5",
     "fraction of the targets that are to be below the output", .min = 0, .max = 1,
     .flags = LS_ABOVE_MIN | LS_BELOW_MAX},
    {NULL},
};

static void pinball(const void *a, size_t count, const ls_real *y, const ls_real *t, ls_real scale,
                    ls_real *losses, ls_real *dy) {
  const double quantile = ((const quantile_args *)a)->quantile;
  const ls_real below = (ls_real)-quantile, above = (ls_real)(1 - quantile);
  for (size_t i = 0; i < count; i++) {
    ls_real e = y[i] - t[i];
    losses[i] = e * (e < 0 ? below : above);
  }
  if (!dy) return;
  for (size_t i = 0; i < count; i++) {
    dy[i] = scale * (y[i] < t[i] ? below : y[i] > t[i] ? above : 0);
  }
}

static double evaluate(const void *a, const ls_outputs *o, ls_real scale, ls_real *dy) {
  return ls_elementwise(a, o, scale, dy, pinball);
}

const ls_loss_type ls_loss_quantile = {
    .component = {"quantile",
                  "for values: the pinball loss, with which the output learns a quantile of the "
                  "target, as a mean over the elements of the output",
                  sizeof(quantile_args), args},
    .target = LS_VALUES,
    .evaluate = evaluate,
};
