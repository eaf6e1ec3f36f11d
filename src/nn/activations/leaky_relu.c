/* leaky_relu: y = z, or negative_slope z below 0. The default is that of
 * keras.activations.leaky_relu in Keras 3, 0.2; the layer LeakyReLU has 0.3. */
#include "nn/families.h"

typedef struct leaky_relu_args {
  double negative_slope;
} leaky_relu_args;

static const ls_arg args[] = {
    {"negative_slope", LS_ARG_REAL, offsetof(leaky_relu_args, negative_slope), "0.2",
     "slope below 0", .min = 0, .max = 1e30},
    {NULL},
};

static void forward(const void *a, size_t rows, size_t width, const ls_real *z, ls_real *y) {
  const ls_real slope = (ls_real)((const leaky_relu_args *)a)->negative_slope;
  for (size_t i = 0; i < rows * width; i++) y[i] = z[i] < 0 ? slope * z[i] : z[i];
}

static void backward(const void *a, size_t rows, size_t width, const ls_real *z, const ls_real *y,
                     const ls_real *dy, ls_real *dz) {
  (void)z;
  const ls_real slope = (ls_real)((const leaky_relu_args *)a)->negative_slope;
  for (size_t i = 0; i < rows * width; i++) dz[i] = y[i] <= 0 ? slope * dy[i] : dy[i];
}

const ls_activation_type ls_activation_leaky_relu = {
    .component = {"leaky_relu", "y = z, or negative_slope z below 0", sizeof(leaky_relu_args),
                  args},
    .forward = forward,
    .backward = backward};
