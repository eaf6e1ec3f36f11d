/* huber: mean over the elements of e^2 / 2 where e = |y - t| is at most delta, and of
 * delta (e - delta / 2) elsewhere. */
#include "nn/losses/elementwise.h"
#include "nn/vmath.h"

typedef struct huber_args {
  double delta;
} huber_args;

static const ls_arg args[] = {
    {"delta", LS_ARG_REAL, offsetof(huber_args, delta), "1", "error above which the loss is linear",
     .min = 0, .max = 1e30, .flags = LS_ABOVE_MIN},
    {NULL},
};

static void huber(const void *a, size_t count, const ls_real *y, const ls_real *t, ls_real scale,
                  ls_real *losses, ls_real *dy) {
  const ls_real delta = (ls_real)((const huber_args *)a)->delta, half = (ls_real)0.5;
  for (size_t i = 0; i < count; i++) {
    ls_real e = ls_abs(y[i] - t[i]);
    losses[i] = e > delta ? delta * (e - half * delta) : half * e * e;
  }
  if (!dy) return;
  for (size_t i = 0; i < count; i++) {
    ls_real e = y[i] - t[i];
    dy[i] = scale * (e > delta ? delta : e < -delta ? -delta : e);
  }
}

static double evaluate(const void *a, const ls_outputs *o, ls_real scale, ls_real *dy) {
  return ls_elementwise(a, o, scale, dy, huber);
}

const ls_loss_type ls_loss_huber = {
    .component = {"huber",
                  "for values: half the squared error, but linear above delta, as a mean over the "
                  "elements of the output",
                  sizeof(huber_args), args},
    .target = LS_VALUES,
    .evaluate = evaluate,
};
