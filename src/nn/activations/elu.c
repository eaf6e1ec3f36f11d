/* elu: y = z, or alpha (exp(z) - 1) below 0 (Clevert et al. 2016).
 * selu: a scaled elu whose constants keep mean 0 and variance 1 from layer to layer (Klambauer et
 * al. 2017). */
#include "nn/families.h"
#include "nn/vmath.h"

typedef struct elu_args {
  double alpha;
} elu_args;

static const ls_arg elu_table[] = {
    {"alpha", LS_ARG_REAL, offsetof(elu_args, alpha), "1", "minus the limit far below 0", .min = 0,
     .max = 1e30},
    {NULL},
};
static const ls_arg selu_table[] = {{NULL}};

/* y = scale z, or limit (exp(z) - 1) below 0. */
static void apply(ls_real scale, ls_real limit, size_t count, const ls_real *z, ls_real *y) {
  for (size_t i = 0; i < count; i++) {
    ls_real below = limit * ls_expm1(z[i] > 0 ? 0 : z[i]);
    y[i] = z[i] > 0 ? scale * z[i] : below;
  }
}

/* dy/dz = scale, or limit exp(z) = y + limit below 0. */
static void differentiate(ls_real scale, ls_real limit, size_t count, const ls_real *y,
                          const ls_real *dy, ls_real *dz) {
  for (size_t i = 0; i < count; i++) dz[i] = dy[i] * (y[i] <= 0 ? y[i] + limit : scale);
}

static void elu_forward(const void *a, size_t rows, size_t width, const ls_real *z, ls_real *y) {
  apply(1, (ls_real)((const elu_args *)a)->alpha, rows * width, z, y);
}

static void elu_backward(const void *a, size_t rows, size_t width, const ls_real *z,
                         const ls_real *y, const ls_real *dy, ls_real *dz) {
  (void)z;
  differentiate(1, (ls_real)((const elu_args *)a)->alpha, rows * width, y, dy, dz);
}

static const double selu_scale = 1.0507009873554805, selu_alpha = 1.6732632423543772;

static void selu_forward(const void *a, size_t rows, size_t width, const ls_real *z, ls_real *y) {
  (void)a;
  apply((ls_real)selu_scale, (ls_real)(selu_scale * selu_alpha), rows * width, z, y);
}

static void selu_backward(const void *a, size_t rows, size_t width, const ls_real *z,
                          const ls_real *y, const ls_real *dy, ls_real *dz) {
  (void)a, (void)z;
  differentiate((ls_real)selu_scale, (ls_real)(selu_scale * selu_alpha), rows * width, y, dy, dz);
}

const ls_activation_type ls_activation_elu = {
    .component = {"elu", "y = z, or alpha (exp(z) - 1) below 0", sizeof(elu_args), elu_table},
    .forward = elu_forward,
    .backward = elu_backward};
const ls_activation_type ls_activation_selu = {
    .component = {"selu", "1.0507 times elu with alpha 1.6733", 0, selu_table},
    .forward = selu_forward,
    .backward = selu_backward};
