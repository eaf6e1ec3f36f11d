/* What conv2d and conv2d_transpose have in common. Kernels are [height, width, in, out] of a
 * convolution; that of conv2d_transpose is the convolution's whose gradient it is, so its
 * fan_in is computed from the layer's filters, as in Keras. */
#include "nn/convolution/layer.h"

#include "lockstep/error.h"
#include "nn/convolution/convolve.h"
#include "nn/image/image.h"

#include <limits.h>
#include <math.h>

enum { VALID, SAME };
static const char *const paddings[] = {"valid", "same", NULL};

const ls_arg convolution_arguments[] = {
    {"filters", LS_ARG_INTEGER, offsetof(convolution_args, filters), NULL,
     "number of channels of the output", .min = 1, .max = INT_MAX, .flags = LS_LESS_IS_SIMPLER},
    {"kernel_size", LS_ARG_REALS, offsetof(convolution_args, kernel_size), NULL,
     "height and width of the kernel, or one number for both", IMAGE_PAIR, .max = INT_MAX,
     .flags = LS_INTEGERS | LS_LESS_IS_SIMPLER},
    {"strides", LS_ARG_REALS, offsetof(convolution_args, strides), "1",
     "steps down and to the right, or one number for both", IMAGE_PAIR, .max = INT_MAX,
     .flags = LS_INTEGERS},
    {"padding", LS_ARG_WORD, offsetof(convolution_args, padding), "valid",
     "valid: none; same: zeros around the image, so that only strides change its size",
     .words = paddings},
    {"dilation_rate", LS_ARG_REALS, offsetof(convolution_args, dilation_rate), "1",
     "distance between the pixels of the kernel, or one for each direction", IMAGE_PAIR,
     .max = INT_MAX, .flags = LS_INTEGERS},
    LS_ACTIVATION_ARG(convolution_args),
    {"use_bias", LS_ARG_BOOLEAN, offsetof(convolution_args, use_bias), "true",
     "whether to add a bias"},
    {"kernel_initializer", LS_ARG_CHOICE, offsetof(convolution_args, kernel_initializer),
     "glorot_uniform", "initial kernel", .family = &ls_initializers},
    {"bias_initializer", LS_ARG_CHOICE, offsetof(convolution_args, bias_initializer), "zeros",
     "initial bias", .family = &ls_initializers},
    {"kernel_regularizer", LS_ARG_CHOICE, offsetof(convolution_args, kernel_regularizer), "null",
     "penalty on the kernel", .family = &ls_regularizers},
    {"bias_regularizer", LS_ARG_CHOICE, offsetof(convolution_args, bias_regularizer), "null",
     "penalty on the bias", .family = &ls_regularizers},
    LS_ACTIVITY_ARG(convolution_args),
    LS_TRAINABLE_ARGS,
    {NULL},
};

static double largest(const ls_reals *list) {
  return fmax(list->values[0], list->values[list->count - 1]);
}

const char *convolution_check(const void *args) {
  const convolution_args *a = args;
  if (largest(&a->strides) > 1 && largest(&a->dilation_rate) > 1) {
    return "strides and dilation_rate can't both be above 1";
  }
  return NULL;
}

convolution convolution_sizes(const convolution_args *args) {
  convolution c = {0};
  for (size_t d = 0; d < 2; d++) {
    c.kernel[d] = image_pair(&args->kernel_size, d);
    c.stride[d] = image_pair(&args->strides, d);
    c.dilation[d] = image_pair(&args->dilation_rate, d);
  }
  return c;
}

bool convolution_pads(const convolution_args *args) {
  return args->padding == SAME;
}

void convolution_pad(const convolution_args *args, convolution *c) {
  for (size_t d = 0; d < 2; d++) {
    if (convolution_pads(args)) {
      convolution_pad_same(c, d);
    } else {
      convolution_pad_none(c, d);
    }
  }
}

int convolution_build(ls_layer *layer, const convolution *c) {
  const convolution_args *a = layer->args;
  double image = (double)c->image[0] * (double)c->image[1] * (double)c->in;
  double patch = (double)c->kernel[0] * (double)c->kernel[1] * (double)c->in;
  double pixels = (double)c->out[0] * (double)c->out[1];
  double most = fmax(fmax(image, pixels * (double)c->filters), patch * (double)c->out[1]);
  if (most > INT_MAX) {
    return ls_fail(LS_INVALID, "%s: works on arrays of %.0f elements (expected at most %d)",
                   layer->where, most, INT_MAX);
  }
  int64_t height = (int64_t)c->kernel[0], width = (int64_t)c->kernel[1];
  int64_t in = (int64_t)c->in, out = (int64_t)c->filters;
  layer->flops = 2 * pixels * patch * (double)c->filters;
  layer->product.rows = (size_t)pixels;
  layer->product.n = c->filters;
  layer->product.k = (size_t)patch;
  layer->scratch_bytes = convolve_scratch(c) * sizeof(ls_real);
  int64_t fan_in = height * width * in, fan_out = height * width * out;
  int status = ls_layer_add_param(layer, "kernel", (ls_shape){4, {height, width, in, out}}, fan_in,
                                  fan_out, &a->kernel_initializer, &a->kernel_regularizer);
  if (status == LS_OK && a->use_bias) {
    status = ls_layer_add_param(layer, "bias", (ls_shape){1, {a->filters}}, a->filters, a->filters,
                                &a->bias_initializer, &a->bias_regularizer);
  }
  return status;
}

convolution_pass convolution_begin(const ls_layer *layer, const ls_pass *pass) {
  const convolution_args *a = layer->args;
  convolution_pass own = {.n = pass->n, .kernels = pass->kernels, .scratch = pass->scratch};
  own.kernel = pass->weights + layer->params[0].offset;
  if (a->use_bias) own.bias = pass->weights + layer->params[1].offset;
  if (!pass->gradient || layer->frozen) return own;
  own.shards = pass->shards;
  own.d_kernel = pass->gradient + layer->params[0].offset;
  if (a->use_bias) own.d_bias = pass->gradient + layer->params[1].offset;
  return own;
}
