/* softplus: y = log(1 + exp(z)), as max(z, 0) + log(1 + exp(-|z|)), which can't overflow. */
#include "nn/families.h"
#include "nn/vmath.h"

static const ls_arg args[] = {{NULL}};

static void forward(const void *a, size_t rows, size_t width, const ls_real *z, ls_real *y) {
  (void)a;
  for (size_t i = 0; i < rows * width; i++) {
    y[i] = (z[i] > 0 ? z[i] : 0) + ls_log1p(ls_exp(-ls_abs(z[i])));
  }
}

/* dy/dz = sigmoid(z) = 1 - exp(-y). */
static void backward(const void *a, size_t rows, size_t width, const ls_real *z, const ls_real *y,
                     const ls_real *dy, ls_real *dz) {
  (void)a, (void)z;
  for (size_t i = 0; i < rows * width; i++) dz[i] = dy[i] * -ls_expm1(-y[i]);
}

const ls_activation_type ls_activation_softplus = {
    .component = {"softplus", "y = log(1 + exp(z))", 0, args},
    .forward = forward,
    .backward = backward};
