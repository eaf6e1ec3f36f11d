/* What conv2d and conv2d_transpose have in common: arguments, checks, parameters. */
#ifndef LS_NN_CONVOLUTION_LAYER_H
#define LS_NN_CONVOLUTION_LAYER_H

#include "lockstep/layer.h"
#include "nn/convolution/convolution.h"
#include "nn/product.h"

typedef struct convolution_args {
  ls_layer_args base;
  int64_t filters;
  ls_reals kernel_size, strides, dilation_rate; /* one number for both dimensions, or two */
  int padding;
  ls_choice activation;
  bool use_bias;
  ls_choice kernel_initializer, bias_initializer;
  ls_choice kernel_regularizer, bias_regularizer, activity_regularizer;
} convolution_args;

extern const ls_arg convolution_arguments[];

/* The component's `check`. */
const char *convolution_check(const void *args);

/* Kernel, strides and dilation as the arguments say; the rest is 0. */
convolution convolution_sizes(const convolution_args *args);

/* Whether the padding is "same". */
bool convolution_pads(const convolution_args *args);

/* Sets c->out and c->before from c->image, by the argument `padding`. */
void convolution_pad(const convolution_args *args, convolution *c);

/* For `build`: declares the parameters and sets scratch memory and operations. LS_INVALID where
 * something is too large. */
int convolution_build(ls_layer *layer, const convolution *c);

/* The layer's parameters and where their gradients go, all else being 0. Bias, shards and
 * gradients are NULL where there are none. */
convolution_pass convolution_begin(const ls_layer *layer, const ls_pass *pass);

#endif
