/* conv2d: y[i, j, o] = bias[o] + sum over a, b, c of x[i stride + a dilation, ...] kernel[a, b, c,
 * o], with the arguments, defaults and shapes of keras.layers.Conv2D. */
#include "lockstep/error.h"
#include "nn/convolution/convolve.h"
#include "nn/convolution/layer.h"
#include "nn/image/image.h"

/* All but the padding and the output. */
static convolution unpadded(const ls_layer *layer) {
  const convolution_args *a = layer->args;
  convolution c = convolution_sizes(a);
  for (size_t d = 0; d < 2; d++) c.image[d] = (size_t)layer->input.extent[d];
  c.in = (size_t)layer->input.extent[2];
  c.filters = (size_t)a->filters;
  return c;
}

static convolution convolution_of(const ls_layer *layer) {
  convolution c = unpadded(layer);
  convolution_pad(layer->args, &c);
  return c;
}

static int build(ls_layer *layer) {
  int status = image_check(layer);
  if (status != LS_OK) return status;
  convolution c = unpadded(layer);
  size_t height = convolution_reach(&c, 0), width = convolution_reach(&c, 1);
  if (!convolution_pads(layer->args) && (height > c.image[0] || width > c.image[1])) {
    return ls_fail(LS_INVALID,
                   "%s: the kernel covers %zu x %zu pixels, but the image has %zu x %zu",
                   layer->where, height, width, c.image[0], c.image[1]);
  }
  convolution_pad(layer->args, &c);
  layer->output = (ls_shape){3, {(int64_t)c.out[0], (int64_t)c.out[1], (int64_t)c.filters}};
  return convolution_build(layer, &c);
}

static void forward(const ls_layer *layer, const ls_pass *pass) {
  convolution c = convolution_of(layer);
  convolution_pass own = convolution_begin(layer, pass);
  own.x = pass->x;
  own.y = pass->y;
  own.activation = pass->activation;
  convolve_forward(&c, &own);
}

static void backward(const ls_layer *layer, const ls_pass *pass) {
  convolution c = convolution_of(layer);
  convolution_pass own = convolution_begin(layer, pass);
  own.x = pass->x;
  own.y = pass->y;
  own.dy = pass->dy;
  own.activation = pass->activation;
  own.dx = pass->dx;
  convolve_backward(&c, &own);
}

static void products(const ls_layer *layer, size_t n, bool backward, ls_products *list) {
  convolution c = convolution_of(layer);
  unsigned wanted = backward ? 0 : CONVOLUTION_Y;
  if (backward && ls_layer_learns(layer)) wanted |= CONVOLUTION_D_KERNEL;
  if (backward && layer->input_gradient) wanted |= CONVOLUTION_DX;
  ls_product_entry entry = {.layer = layer->index, .backward = backward};
  convolve_products(&c, n, wanted, entry, list);
}

const ls_layer_type ls_layer_conv2d = {
    .component = {"conv2d", "convolution of images", sizeof(convolution_args),
                  convolution_arguments, convolution_check},
    .build = build,
    .forward = forward,
    .backward = backward,
    .products = products,
    .adds_shards = true,
    .activates = true,
};
