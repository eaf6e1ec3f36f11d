/* conv2d_transpose: the gradient of a convolution as a layer, which makes images larger by the
 * strides; with the arguments, defaults and shapes of keras.layers.Conv2DTranspose, without
 * output_padding. The convolution goes from this layer's output to its input. */
#include "lockstep/error.h"
#include "nn/convolution/convolve.h"
#include "nn/convolution/layer.h"
#include "nn/image/image.h"
#include "nn/shards.h"

#include <string.h>

static convolution convolution_of(const ls_layer *layer) {
  const convolution_args *a = layer->args;
  convolution c = convolution_sizes(a);
  for (size_t d = 0; d < 2; d++) {
    size_t reach = convolution_reach(&c, d), stride = c.stride[d];
    size_t more = reach > stride && !convolution_pads(a) ? reach - stride : 0;
    c.image[d] = (size_t)layer->input.extent[d] * stride + more;
  }
  c.in = (size_t)a->filters;
  c.filters = (size_t)layer->input.extent[2];
  convolution_pad(a, &c);
  return c;
}

static int build(ls_layer *layer) {
  int status = image_check(layer);
  if (status != LS_OK) return status;
  convolution c = convolution_of(layer);
  layer->output = (ls_shape){3, {(int64_t)c.image[0], (int64_t)c.image[1], (int64_t)c.in}};
  return convolution_build(layer, &c);
}

static void forward(const ls_layer *layer, const ls_pass *pass) {
  convolution c = convolution_of(layer);
  convolution_pass own = convolution_begin(layer, pass);
  own.dy = pass->x;
  own.dx = pass->y;
  convolve_backward(&c, &own);
  size_t pixels = c.image[0] * c.image[1];
  if (own.bias) convolution_add_bias(pass->n * pixels, c.in, own.bias, pass->y);
}

/* The gradient of the bias: a stack of sums over shards. */
static void sum_bias(const convolution *c, const ls_pass *pass, ls_real *top) {
  const ls_shards *s = pass->shards;
  const size_t pixels = c->image[0] * c->image[1];
  for (size_t shard = 0; shard < s->count; shard++) {
    const size_t first = s->begin[shard], end = s->begin[shard + 1];
    memset(top, 0, c->in * sizeof *top);
    convolution_add_rows((end - first) * pixels, c->in, pass->dy + first * pixels * c->in, top);
    top = ls_shards_push(s, shard, c->in, top);
  }
}

static void backward(const ls_layer *layer, const ls_pass *pass) {
  convolution c = convolution_of(layer);
  convolution_pass own = convolution_begin(layer, pass);
  if (own.d_bias) sum_bias(&c, pass, own.d_bias);
  if (own.d_kernel) {
    convolution_pass learn = {.n = pass->n,
                              .kernels = pass->kernels,
                              .x = pass->dy,
                              .dy = pass->x,
                              .shards = own.shards,
                              .d_kernel = own.d_kernel,
                              .scratch = own.scratch};
    convolve_backward(&c, &learn);
  }
  if (!pass->dx) return;
  own.bias = NULL;
  own.x = pass->dy;
  own.y = pass->dx;
  convolve_forward(&c, &own);
}

static void products(const ls_layer *layer, size_t n, bool backward, ls_products *list) {
  convolution c = convolution_of(layer);
  ls_product_entry entry = {.layer = layer->index, .backward = backward};
  if (!backward) convolve_products(&c, n, CONVOLUTION_DX, entry, list);
  if (backward && ls_layer_learns(layer)) {
    convolve_products(&c, n, CONVOLUTION_D_KERNEL, entry, list);
  }
  if (backward && layer->input_gradient) convolve_products(&c, n, CONVOLUTION_Y, entry, list);
}

const ls_layer_type ls_layer_conv2d_transpose = {
    .component = {"conv2d_transpose",
                  "transposed convolution of images: the gradient of a convolution, which makes "
                  "images larger by its strides",
                  sizeof(convolution_args), convolution_arguments, convolution_check},
    .build = build,
    .forward = forward,
    .backward = backward,
    .products = products,
    .adds_shards = true,
};
