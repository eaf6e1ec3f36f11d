/* Convolution by the method that suits its shapes. */
#include "nn/convolution/convolve.h"

#include "nn/convolution/patches.h"
#include "nn/convolution/winograd.h"

#include <string.h>

static const convolution_method *method_for(const convolution *c) {
  return winograd_applies(c) ? &convolution_winograd : &convolution_patches;
}

size_t convolve_scratch(const convolution *c) {
  return method_for(c)->scratch(c);
}

void convolve_forward(const convolution *c, const convolution_pass *pass) {
  method_for(c)->forward(c, pass);
}

void convolve_backward(const convolution *c, const convolution_pass *pass) {
  size_t kernel = convolution_patch_size(c) * c->filters;
  if (pass->d_bias) memset(pass->d_bias, 0, c->filters * sizeof(ls_real));
  if (pass->d_kernel) memset(pass->d_kernel, 0, kernel * sizeof(ls_real));
  if (pass->n > 0) method_for(c)->backward(c, pass);
}

void convolve_products(const convolution *c, size_t n, unsigned wanted, ls_product_entry entry,
                       ls_products *list) {
  method_for(c)->products(c, n, wanted, entry, list);
}
