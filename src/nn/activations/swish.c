/* swish, also named silu: y = z sigmoid(z) (Ramachandran et al. 2017). */
#include "nn/families.h"
#include "nn/vmath.h"

static const ls_arg args[] = {{NULL}};

static void forward(const void *a, size_t rows, size_t width, const ls_real *z, ls_real *y) {
  (void)a;
  for (size_t i = 0; i < rows * width; i++) y[i] = z[i] / (1 + ls_exp(-z[i]));
}

static void backward(const void *a, size_t rows, size_t width, const ls_real *z, const ls_real *y,
                     const ls_real *dy, ls_real *dz) {
  (void)a, (void)y;
  for (size_t i = 0; i < rows * width; i++) {
    ls_real sigmoid = 1 / (1 + ls_exp(-z[i]));
    dz[i] = dy[i] * sigmoid * (1 + z[i] * (1 - sigmoid));
  }
}

#define SWISH(name)                                                                                \
  {                                                                                                \
    .component = {name, "y = z sigmoid(z)", 0, args}, .forward = forward, .backward = backward,    \
    .reads_input = true                                                                            \
  }
const ls_activation_type ls_activation_swish = SWISH("swish");
const ls_activation_type ls_activation_silu = SWISH("silu");
