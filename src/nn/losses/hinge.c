/* hinge: mean over the elements of max(1 - t y, 0), for targets of -1 and 1; a target of 0 counts
 * as -1, as in Keras. */
#include "nn/losses/elementwise.h"

static const ls_arg args[] = {{NULL}};

static ls_real sign_of(ls_real t) {
  return t == 0 ? -1 : t;
}

static void hinge(const void *a, size_t count, const ls_real *y, const ls_real *t, ls_real scale,
                  ls_real *losses, ls_real *dy) {
  (void)a;
  for (size_t i = 0; i < count; i++) {
    ls_real margin = 1 - sign_of(t[i]) * y[i];
    losses[i] = margin < 0 ? 0 : margin;
    if (dy) dy[i] = margin > 0 ? -scale * sign_of(t[i]) : 0;
  }
}

static double evaluate(const void *a, const ls_outputs *o, ls_real scale, ls_real *dy) {
  return ls_elementwise(a, o, scale, dy, hinge);
}

const ls_loss_type ls_loss_hinge = {
    .component = {"hinge",
                  "for values of -1 (or 0) and 1: mean of max(1 - t y, 0) over the elements of the "
                  "output",
                  0, args},
    .target = LS_VALUES,
    .outputs = LS_SIGNED_OUTPUTS,
    .evaluate = evaluate,
};
