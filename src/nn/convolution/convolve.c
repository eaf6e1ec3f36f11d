/* Convolution by the method that suits its shapes. */
#include "nn/convolution/convolve.h"

#include "nn/convolution/patches.h"
#include "nn/convolution/winograd.h"
#include "nn/shards.h"

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

/* Samples [first, end) of the pass. */
static void backward_samples(const convolution *c, const convolution_pass *pass, size_t first,
                             size_t end) {
  convolution_pass part = *pass;
  part.n = end - first;
  if (part.n == 0) return;
  if (part.x) part.x += first * c->image[0] * c->image[1] * c->in;
  if (part.dx) part.dx += first * c->image[0] * c->image[1] * c->in;
  part.dy += first * c->out[0] * c->out[1] * c->filters;
  if (part.activation) part.y += first * c->out[0] * c->out[1] * c->filters;
  method_for(c)->backward(c, &part);
}

static void backward_shards(const convolution *c, const convolution_pass *pass) {
  const ls_shards *s = pass->shards;
  const size_t kernel = convolution_patch_size(c) * c->filters;
  convolution_pass top = *pass;
  for (size_t shard = 0; shard < s->count; shard++) {
    memset(top.d_kernel, 0, kernel * sizeof(ls_real));
    if (top.d_bias) memset(top.d_bias, 0, c->filters * sizeof(ls_real));
    backward_samples(c, &top, s->begin[shard], s->begin[shard + 1]);
    top.d_kernel = ls_shards_push(s, shard, kernel, top.d_kernel);
    if (top.d_bias) top.d_bias = ls_shards_push(s, shard, c->filters, top.d_bias);
  }
}

void convolve_backward(const convolution *c, const convolution_pass *pass) {
  const convolution_method *method = method_for(c);
  if (method->begin_backward) method->begin_backward(c, pass);
  if (pass->d_kernel) {
    backward_shards(c, pass);
  } else {
    backward_samples(c, pass, 0, pass->n);
  }
}

void convolve_products(const convolution *c, size_t n, unsigned wanted, ls_product_entry entry,
                       ls_products *list) {
  method_for(c)->products(c, n, wanted, entry, list);
}
