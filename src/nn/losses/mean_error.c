/* mean_squared_error, mean_absolute_error: means over the elements of (y - t)^2 and |y - t|. */
#include "nn/losses/elementwise.h"
#include "nn/vmath.h"

static const ls_arg args[] = {{NULL}};

static void square(const void *a, size_t count, const ls_real *y, const ls_real *t, ls_real scale,
                   ls_real *losses, ls_real *dy) {
  (void)a;
  for (size_t i = 0; i < count; i++) losses[i] = (y[i] - t[i]) * (y[i] - t[i]);
  if (!dy) return;
  for (size_t i = 0; i < count; i++) dy[i] = 2 * scale * (y[i] - t[i]);
}

static void magnitude(const void *a, size_t count, const ls_real *y, const ls_real *t,
                      ls_real scale, ls_real *losses, ls_real *dy) {
  (void)a;
  for (size_t i = 0; i < count; i++) losses[i] = ls_abs(y[i] - t[i]);
  if (!dy) return;
  for (size_t i = 0; i < count; i++) dy[i] = y[i] > t[i] ? scale : y[i] < t[i] ? -scale : 0;
}

static double squared(const void *a, const ls_outputs *o, ls_real scale, ls_real *dy) {
  return ls_elementwise(a, o, scale, dy, square);
}

static double absolute(const void *a, const ls_outputs *o, ls_real scale, ls_real *dy) {
  return ls_elementwise(a, o, scale, dy, magnitude);
}

const ls_loss_type ls_loss_mean_squared_error = {
    .component = {"mean_squared_error",
                  "for values: mean of (y - t)^2 over the elements of the output", 0, args},
    .target = LS_VALUES,
    .evaluate = squared,
};
const ls_loss_type ls_loss_mean_absolute_error = {
    .component = {"mean_absolute_error",
                  "for values: mean of |y - t| over the elements of the output", 0, args},
    .target = LS_VALUES,
    .evaluate = absolute,
};
