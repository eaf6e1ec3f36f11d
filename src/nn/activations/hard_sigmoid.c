/* hard_sigmoid: y = slope z + 0.5, cut to [0, 1]. The slope is Keras 3's, 1/6, that is
 * relu6(z + 3) / 6; Keras 2 had 0.2. */
#include "nn/families.h"

typedef struct hard_sigmoid_args {
  double slope;
} hard_sigmoid_args;

static const ls_arg args[] = {
    {"slope", LS_ARG_REAL, offsetof(hard_sigmoid_args, slope), "0.16666666666666666",
     "slope at 0; that of Keras 2 is 0.2", .min = 0, .max = 1e30},
    {NULL},
};

static void forward(const void *a, size_t rows, size_t width, const ls_real *z, ls_real *y) {
  const ls_real slope = (ls_real)((const hard_sigmoid_args *)a)->slope;
  for (size_t i = 0; i < rows * width; i++) {
    ls_real line = slope * z[i] + (ls_real)0.5;
    y[i] = line < 0 ? 0 : line > 1 ? 1 : line;
  }
}

static void backward(const void *a, size_t rows, size_t width, const ls_real *z, const ls_real *y,
                     const ls_real *dy, ls_real *dz) {
  (void)z;
  const ls_real slope = (ls_real)((const hard_sigmoid_args *)a)->slope;
  for (size_t i = 0; i < rows * width; i++) {
    dz[i] = y[i] <= 0 || y[i] >= 1 ? 0 : slope * dy[i];
  }
}

const ls_activation_type ls_activation_hard_sigmoid = {
    .component = {"hard_sigmoid", "y = slope z + 0.5, clipped to [0, 1]", sizeof(hard_sigmoid_args),
                  args},
    .forward = forward,
    .backward = backward};
