/* random_erasing: in training a rectangle of each image is replaced by a value or by noise (Zhong
 * et al., "Random erasing data augmentation", AAAI 2020), as keras.layers.RandomErasing of Keras 3
 * does it: its height and its width are each sqrt(a number out of `scale`) of the image's, and it
 * lies anywhere within the image. An image is changed with a probability that is itself drawn from
 * `factor`; so [p, p] gives the probability p, and one number f stands for [0, f], of mean f / 2.
 * Images are taken to be within [0, 1] unless value_range says otherwise (Keras: 0 to 255). */
#include "nn/image/augment.h"

#include <math.h>

typedef struct erasing_args {
  ls_layer_args base;
  ls_reals factor, scale, value_range;
  double fill_value;
} erasing_args;

static const ls_arg args[] = {
    {"factor", LS_ARG_REALS, offsetof(erasing_args, factor), "1",
     "highest probability, or [lowest, highest]", .min = 0, .max = 1, .min_items = 1,
     .max_items = 2},
    {"scale", LS_ARG_REALS, offsetof(erasing_args, scale), "[0.02, 0.33]",
     "square of the rectangle's sides as fractions of the image's, [lowest, highest]", .min = 0,
     .max = 1, .min_items = 1, .max_items = 2},
    {"fill_value", LS_ARG_REAL, offsetof(erasing_args, fill_value), "null",
     "new value; default: normally distributed noise, with the highest value as its standard "
     "deviation"},
    {"value_range", LS_ARG_REALS, offsetof(erasing_args, value_range), "[0, 1]",
     "[lowest, highest] value of an image, to which new values are clipped", .min_items = 1,
     .max_items = 2},
    LS_LAYER_ARGS,
    {NULL},
};

/* Numbers of a sample's stream: those of the rectangle, then the noise's. */
enum { RECTANGLE = 6 };

static int build(ls_layer *layer) {
  if (augment_build(layer) != LS_OK) return LS_INVALID;
  layer->flops = (double)ls_shape_size(&layer->input);
  return LS_OK;
}

/* The pixels p with start <= p < start + length. */
typedef struct span {
  size_t first, end;
} span;

static span draw_span(const erasing_args *a, double size, ls_real share, ls_real place) {
  double length = size * sqrt(augment_value(&a->scale, false, share));
  double start = (double)place * (size - length);
  return (span){(size_t)ceil(start), (size_t)ceil(start + length)};
}

/* The new values of a row of the rectangle. */
static void make_row(const erasing_args *a, ls_stream stream, size_t first, size_t count,
                     ls_real *out) {
  const ls_real high = (ls_real)augment_value(&a->value_range, false, 1);
  const ls_real low = (ls_real)augment_value(&a->value_range, false, 0);
  if (isnan(a->fill_value)) {
    ls_random_normal(stream, RECTANGLE + first, count, out);
    for (size_t i = 0; i < count; i++) out[i] *= high;
  } else {
    for (size_t i = 0; i < count; i++) out[i] = (ls_real)a->fill_value;
  }
  for (size_t i = 0; i < count; i++) out[i] = out[i] < low ? low : out[i] > high ? high : out[i];
}

/* Replaces the rectangles within `batch`, by 0 if it is a gradient. */
static void erase(const ls_layer *layer, const ls_pass *pass, ls_real *batch, bool gradient) {
  const erasing_args *a = layer->args;
  size_t channels = (size_t)layer->input.extent[2];
  size_t row = (size_t)layer->input.extent[1] * channels, height = (size_t)layer->input.extent[0];
  for (size_t n = 0; n < pass->n; n++) {
    ls_stream stream = augment_stream(layer, pass, n);
    ls_real u[RECTANGLE];
    ls_random_uniform(stream, 0, RECTANGLE, u);
    if ((double)u[5] >= augment_value(&a->factor, false, u[4])) continue;
    span columns = draw_span(a, (double)layer->input.extent[1], u[0], u[2]);
    span rows = draw_span(a, (double)height, u[1], u[3]);
    size_t from = columns.first * channels, count = columns.end * channels - from;
    for (size_t i = rows.first; i < rows.end; i++) {
      ls_real *out = batch + (n * height + i) * row + from;
      if (gradient) {
        memset(out, 0, count * sizeof *out);
      } else {
        make_row(a, stream, i * row + from, count, out);
      }
    }
  }
}

static void forward(const ls_layer *layer, const ls_pass *pass) {
  identity_forward(layer, pass);
  if (pass->training) erase(layer, pass, pass->y, false);
}

static void backward(const ls_layer *layer, const ls_pass *pass) {
  if (!pass->dx) return;
  identity_backward(layer, pass);
  erase(layer, pass, pass->dx, true);
}

const ls_layer_type ls_layer_random_erasing = {
    .component = {"random_erasing",
                  "in training, replaces a rectangle of an image at random, with a probability "
                  "that is drawn from factor",
                  sizeof(erasing_args), args},
    .build = build,
    .forward = forward,
    .backward = backward,
    .memory = LS_OVERWRITE,
    .training_only = true,
    .keras_class = "",
};
