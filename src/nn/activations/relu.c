/* relu: y = max(z, 0). A NaN stays a NaN. */
#include "nn/families.h"

static const ls_arg args[] = {{NULL}};

static void forward(const void *a, size_t rows, size_t width, const ls_real *z, ls_real *y) {
  (void)a;
  for (size_t i = 0; i < rows * width; i++) y[i] = z[i] < 0 ? 0 : z[i];
}

static void backward(const void *a, size_t rows, size_t width, const ls_real *z, const ls_real *y,
                     const ls_real *dy, ls_real *dz) {
  (void)a, (void)z;
  for (size_t i = 0; i < rows * width; i++) dz[i] = y[i] <= 0 ? 0 : dy[i];
}

const ls_activation_type ls_activation_relu = {
    .component = {"relu", "y = max(z, 0)", 0, args}, .forward = forward, .backward = backward};
