/* dense: y[n, out] = x[n, in] kernel[in, out] + bias[out].
 * Arguments and defaults are those of keras.layers.Dense. */
#include "lockstep/error.h"
#include "nn/division.h"
#include "nn/families.h"
#include "nn/products/kernels.h"

#include <inttypes.h>
#include <limits.h>

typedef struct dense_args {
  ls_layer_args base;
  int64_t units;
  bool use_bias;
  ls_choice activation;
  ls_choice kernel_initializer, bias_initializer;
  ls_choice kernel_regularizer, bias_regularizer, activity_regularizer;
} dense_args;

static const ls_arg args[] = {
    {"units", LS_ARG_INTEGER, offsetof(dense_args, units), NULL, "number of outputs", .min = 1,
     .max = INT_MAX, .flags = LS_LESS_IS_SIMPLER},
    LS_ACTIVATION_ARG(dense_args),
    {"use_bias", LS_ARG_BOOLEAN, offsetof(dense_args, use_bias), "true", "whether to add a bias"},
    {"kernel_initializer", LS_ARG_CHOICE, offsetof(dense_args, kernel_initializer),
     "glorot_uniform", "initial kernel", .family = &ls_initializers},
    {"bias_initializer", LS_ARG_CHOICE, offsetof(dense_args, bias_initializer), "zeros",
     "initial bias", .family = &ls_initializers},
    {"kernel_regularizer", LS_ARG_CHOICE, offsetof(dense_args, kernel_regularizer), "null",
     "penalty on the kernel", .family = &ls_regularizers},
    {"bias_regularizer", LS_ARG_CHOICE, offsetof(dense_args, bias_regularizer), "null",
     "penalty on the bias", .family = &ls_regularizers},
    LS_ACTIVITY_ARG(dense_args),
    LS_TRAINABLE_ARGS,
    {NULL},
};

static int build(ls_layer *layer) {
  const dense_args *a = layer->args;
  int64_t in = layer->input.extent[0], out = a->units;
  if (layer->input.rank != 1) {
    return ls_fail(LS_INVALID,
                   "%s: takes vectors, not inputs of %d dimensions (put flatten before it)",
                   layer->where, layer->input.rank);
  }
  if (in > INT_MAX) {
    return ls_fail(LS_INVALID, "%s: %" PRId64 " inputs are more than %d", layer->where, in,
                   INT_MAX);
  }
  layer->output = (ls_shape){1, {out}};
  layer->flops = 2.0 * (double)in * (double)out;
  layer->product.rows = 1;
  layer->product.n = (size_t)out;
  layer->product.k = (size_t)in;
  int status = ls_layer_add_param(layer, "kernel", (ls_shape){2, {in, out}}, in, out,
                                  &a->kernel_initializer, &a->kernel_regularizer);
  if (status == LS_OK && a->use_bias) {
    status = ls_layer_add_param(layer, "bias", (ls_shape){1, {out}}, in, out, &a->bias_initializer,
                                &a->bias_regularizer);
  }
  return status;
}

/* The product y = x kernel for n samples. */
static ls_product product_of(const ls_layer *layer, size_t n) {
  return (ls_product){.m = n, .n = layer->product.n, .k = layer->product.k};
}

static void forward(const ls_layer *layer, const ls_pass *pass) {
  const dense_args *a = layer->args;
  size_t out = (size_t)layer->output.extent[0];
  const ls_real *kernel = pass->weights + layer->params[0].offset;
  if (pass->divided) {
    ls_divided_forward(pass, product_of(layer, pass->n), kernel);
  } else {
    ls_multiply(pass->kernels, product_of(layer, pass->n), pass->x, kernel, pass->y);
  }
  if (!a->use_bias) return;
  const ls_real *bias = pass->weights + layer->params[1].offset;
  for (size_t i = 0; i < pass->n; i++) {
    ls_real *row = pass->y + i * out;
    for (size_t j = 0; j < out; j++) row[j] += bias[j];
  }
}

static void learn_bias(const ls_layer *layer, const ls_pass *pass) {
  const dense_args *a = layer->args;
  size_t out = (size_t)layer->output.extent[0];
  if (layer->frozen || !a->use_bias) return;
  ls_shards_sum_rows(pass->shards, 1, out, pass->dy, pass->gradient + layer->params[1].offset);
}

static void backward(const ls_layer *layer, const ls_pass *pass) {
  const ls_product p = product_of(layer, pass->n);
  const ls_real *kernel = pass->weights + layer->params[0].offset;
  learn_bias(layer, pass);
  if (pass->divided) {
    ls_divided_backward(pass, p, kernel, pass->gradient + layer->params[0].offset);
    return;
  }
  if (!layer->frozen) {
    ls_multiply_shards(pass->kernels, ls_product_gradient_b(p), pass->shards, pass->x, pass->dy,
                       pass->gradient + layer->params[0].offset);
  }
  if (!pass->dx) return;
  ls_multiply(pass->kernels, ls_product_gradient_a(p), pass->dy, kernel, pass->dx);
}

const ls_layer_type ls_layer_dense = {
    .component = {"dense",
                  "fully connected: every output is a weighted sum of all inputs. Takes vectors; "
                  "as the first layer it takes images as well, flattened",
                  sizeof(dense_args), args},
    .build = build,
    .forward = forward,
    .backward = backward,
    .takes_vectors = true,
    .adds_shards = true,
    .divides = true,
};
