/* The shapes of a convolution, the listing of products, and sums that all methods need. */
#include "nn/convolution/convolution.h"

size_t convolution_reach(const convolution *c, size_t d) {
  return (c->kernel[d] - 1) * c->dilation[d] + 1;
}

void convolution_pad_same(convolution *c, size_t d) {
  c->out[d] = (c->image[d] + c->stride[d] - 1) / c->stride[d];
  size_t covered = (c->out[d] - 1) * c->stride[d] + convolution_reach(c, d);
  c->before[d] = covered > c->image[d] ? (covered - c->image[d]) / 2 : 0;
}

void convolution_pad_none(convolution *c, size_t d) {
  c->out[d] = (c->image[d] - convolution_reach(c, d)) / c->stride[d] + 1;
  c->before[d] = 0;
}

size_t convolution_patch_size(const convolution *c) {
  return c->kernel[0] * c->kernel[1] * c->in;
}

void convolution_list(const ls_product products[CONVOLUTION_RESULTS], unsigned wanted,
                      ls_product_entry entry, ls_products *list) {
  for (unsigned i = 0; i < CONVOLUTION_RESULTS; i++) {
    if (!(wanted & 1u << i)) continue;
    entry.product = products[i];
    ls_products_add(list, &entry);
  }
}

static void add(size_t count, const ls_real *restrict from, ls_real *restrict to) {
  for (size_t i = 0; i < count; i++) to[i] += from[i];
}

void convolution_activate(const convolution_pass *pass, size_t rows, size_t width, ls_real *y) {
  if (!pass->activation) return;
  const ls_activation_type *type = (const ls_activation_type *)pass->activation->type;
  type->forward(pass->activation->args, rows, width, y, y);
}

void convolution_activate_gradient(const convolution_pass *pass, size_t rows, size_t width,
                                   const ls_real *y, ls_real *dy) {
  if (!pass->activation) return;
  const ls_activation_type *type = (const ls_activation_type *)pass->activation->type;
  type->backward(pass->activation->args, rows, width, NULL, y, dy, dy);
}

void convolution_add_bias(size_t rows, size_t width, const ls_real *bias, ls_real *y) {
  for (size_t i = 0; i < rows; i++) add(width, bias, y + i * width);
}

/* Four rows at a time, so that the sum is fetched and stored less often. */
void convolution_add_rows(size_t rows, size_t width, const ls_real *restrict y,
                          ls_real *restrict sum) {
  for (; rows >= 4; rows -= 4, y += 4 * width) {
    const ls_real *second = y + width, *third = second + width, *fourth = third + width;
    for (size_t j = 0; j < width; j++) sum[j] += (y[j] + second[j]) + (third[j] + fourth[j]);
  }
  for (; rows > 0; rows--, y += width) add(width, y, sum);
}
