/* gelu: y = z times the share of the normal distribution below z (Hendrycks and Gimpel 2016);
 * `approximate` is the paper's formula with tanh. */
#include "nn/families.h"
#include "nn/vmath.h"

typedef struct gelu_args {
  bool approximate;
} gelu_args;

static const ls_arg args[] = {
    {"approximate", LS_ARG_BOOLEAN, offsetof(gelu_args, approximate), "false",
     "whether to approximate it by tanh"},
    {NULL},
};

static const ls_real root_of_2_by_pi = (ls_real)0.79788456080286536, cubic = (ls_real)0.044715;

/* (1 + tanh(u)) / 2 = 1 / (1 + exp(-2u)), which keeps its digits where tanh nears -1. */
static ls_real curve(ls_real z) {
  return 1 / (1 + ls_exp(-2 * root_of_2_by_pi * (z + cubic * z * z * z)));
}

static void forward(const void *a, size_t rows, size_t width, const ls_real *z, ls_real *y) {
  if (((const gelu_args *)a)->approximate) {
    for (size_t i = 0; i < rows * width; i++) y[i] = z[i] * curve(z[i]);
  } else {
    for (size_t i = 0; i < rows * width; i++) y[i] = z[i] * ls_normal_cdf(z[i]);
  }
}

static void backward(const void *a, size_t rows, size_t width, const ls_real *z, const ls_real *y,
                     const ls_real *dy, ls_real *dz) {
  (void)y;
  if (((const gelu_args *)a)->approximate) {
    for (size_t i = 0; i < rows * width; i++) {
      ls_real c = curve(z[i]), inner = 2 * root_of_2_by_pi * (1 + 3 * cubic * z[i] * z[i]);
      dz[i] = dy[i] * (c + z[i] * c * (1 - c) * inner);
    }
  } else {
    for (size_t i = 0; i < rows * width; i++) {
      ls_real density = root_of_2_by_pi / 2 * ls_exp((ls_real)-0.5 * z[i] * z[i]);
      dz[i] = dy[i] * (ls_normal_cdf(z[i]) + z[i] * density);
    }
  }
}

const ls_activation_type ls_activation_gelu = {
    .component = {"gelu", "y = z times the normal distribution function of z", sizeof(gelu_args),
                  args},
    .forward = forward,
    .backward = backward,
    .reads_input = true};
