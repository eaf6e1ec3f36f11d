/* softmax: y = exp(z) / sum of exp(z) over the row. The row's maximum is subtracted first, so
 * nothing overflows. */
#include "nn/families.h"
#include "nn/vmath.h"

static const ls_arg args[] = {{NULL}};

static void forward(const void *a, size_t rows, size_t width, const ls_real *z, ls_real *y) {
  (void)a;
  for (size_t i = 0; i < rows; i++, z += width, y += width) {
    ls_real top = z[0], sum = 0;
    for (size_t j = 1; j < width; j++) top = z[j] > top ? z[j] : top;
    for (size_t j = 0; j < width; j++) y[j] = ls_exp(z[j] - top);
    for (size_t j = 0; j < width; j++) sum += y[j];
    for (size_t j = 0; j < width; j++) y[j] /= sum;
  }
}

/* dz = y (dy - sum of y dy). */
static void backward(const void *a, size_t rows, size_t width, const ls_real *z, const ls_real *y,
                     const ls_real *dy, ls_real *dz) {
  (void)a, (void)z;
  for (size_t i = 0; i < rows; i++, y += width, dy += width, dz += width) {
    ls_real dot = 0;
    for (size_t j = 0; j < width; j++) dot += y[j] * dy[j];
    for (size_t j = 0; j < width; j++) dz[j] = y[j] * (dy[j] - dot);
  }
}

const ls_activation_type ls_activation_softmax = {
    .component = {"softmax", "exp(z), normalised over the last dimension", 0, args},
    .forward = forward,
    .backward = backward};
