/* sigmoid: y = 1 / (1 + exp(-z)). */
#include "nn/families.h"
#include "nn/vmath.h"

static const ls_arg args[] = {{NULL}};

static void forward(const void *a, size_t rows, size_t width, const ls_real *z, ls_real *y) {
  (void)a;
  for (size_t i = 0; i < rows * width; i++) y[i] = 1 / (1 + ls_exp(-z[i]));
}

static void backward(const void *a, size_t rows, size_t width, const ls_real *z, const ls_real *y,
                     const ls_real *dy, ls_real *dz) {
  (void)a, (void)z;
  for (size_t i = 0; i < rows * width; i++) dz[i] = dy[i] * y[i] * (1 - y[i]);
}

const ls_activation_type ls_activation_sigmoid = {
    .component = {"sigmoid", "y = 1 / (1 + exp(-z))", 0, args},
    .forward = forward,
    .backward = backward};
