/* elastic_transform: in training each image is distorted at random by a smooth field of shifts. The
 * method is that of Simard, Steinkraus and Platt, "Best practices for convolutional neural networks
 * applied to visual document analysis", ICDAR 2003: each pixel's shift along either side is drawn
 * from [-1, 1], these two fields are smoothed by a Gaussian of `sigma` pixels and multiplied by
 * `alpha`, and the image is resampled at the shifted positions. The defaults are the paper's for
 * MNIST.
 *
 * The Gaussian has a sum of 1 and is cut off at 4 sigma; outside of the image shifts are 0. Far
 * from the edges the standard deviation of a shift is alpha / (2 sqrt(3 pi) sigma). Keras 3 has
 * another method under keras.layers.RandomElasticTransform, whose strength is one number. */
#include "base/elementary.h"
#include "nn/image/augment.h"
#include "nn/image/resample.h"

#include <math.h>

typedef struct elastic_args {
  ls_layer_args base;
  double alpha, sigma;
  resample_args resample;
} elastic_args;

static const ls_arg args[] = {
    {"alpha", LS_ARG_REAL, offsetof(elastic_args, alpha), "34",
     "factor of the smoothed noise, in pixels", .min = 0, .max = 1e4},
    {"sigma", LS_ARG_REAL, offsetof(elastic_args, sigma), "4",
     "standard deviation of the smoothing Gaussian, in pixels", .min = 0, .max = 1e3,
     .flags = LS_ABOVE_MIN},
    RESAMPLE_ARGS(elastic_args),
    LS_LAYER_ARGS,
    {NULL},
};

/* ---- Memory ---------------------------------------------------------------------------------- */

/* Columns that are smoothed at a time; rows are padded with zeroes to a multiple of them. */
enum { TILE = 32 };

/* A field of shifts along one side and the filter that smooths it. */
typedef struct blur {
  size_t height, width; /* of the image */
  size_t padded;        /* width of the field, a multiple of TILE */
  size_t reach;         /* largest distance with a weight, in pixels */
  ls_real *field;       /* [height, padded] */
  ls_real *weights;     /* [reach + 1], by distance */
  ls_real *line;        /* one row of the field, with `reach` zeroes on both sides */
  uint32_t *bits;       /* [height, width], random numbers for both fields */
} blur;

static size_t radius_of(double sigma) {
  return (size_t)(4 * sigma + 0.5);
}

static blur blur_sizes(double sigma, const ls_shape *image) {
  size_t height = (size_t)image->extent[0], width = (size_t)image->extent[1];
  size_t longest = (height > width ? height : width) - 1, radius = radius_of(sigma);
  return (blur){.height = height,
                .width = width,
                .padded = (width + TILE - 1) / TILE * TILE,
                .reach = radius < longest ? radius : longest};
}

static size_t blur_bytes(const blur *b) {
  size_t reals = b->height * b->padded + b->padded + 3 * b->reach + 1;
  return reals * sizeof(ls_real) + b->height * b->width * sizeof *b->bits;
}

static blur blur_create(const elastic_args *a, const ls_shape *image, void *memory) {
  blur b = blur_sizes(a->sigma, image);
  b.field = memory;
  b.line = b.field + b.height * b.padded;
  b.weights = b.line + b.padded + 2 * b.reach;
  b.bits = (uint32_t *)(b.weights + b.reach + 1);
  memset(b.field, 0, b.height * b.padded * sizeof *b.field);
  memset(b.line, 0, (b.padded + 2 * b.reach) * sizeof *b.line);
  double sum = 1;
  for (size_t d = 1; d <= radius_of(a->sigma); d++) {
    sum += 2 * ls_exponential(-0.5 * (double)(d * d) / (a->sigma * a->sigma));
  }
  for (size_t d = 0; d <= b.reach; d++) {
    b.weights[d] = (ls_real)(ls_exponential(-0.5 * (double)(d * d) / (a->sigma * a->sigma)) / sum);
  }
  return b;
}

/* ---- Smoothing ------------------------------------------------------------------------------- */

static inline void add_weighted(ls_real *restrict sum, ls_real weight, const ls_real *restrict x) {
  for (size_t lane = 0; lane < TILE; lane++) sum[lane] += weight * x[lane];
}

/* Row `row` of the field, smoothed along columns, into the line. */
static void smooth_down(const blur *b, size_t row) {
  size_t first = row > b->reach ? row - b->reach : 0, last = row + b->reach;
  if (last >= b->height) last = b->height - 1;
  for (size_t at = 0; at < b->padded; at += TILE) {
    ls_real sum[TILE] = {0};
    for (size_t i = first; i <= last; i++) {
      add_weighted(sum, b->weights[i < row ? row - i : i - row], b->field + i * b->padded + at);
    }
    memcpy(b->line + b->reach + at, sum, sizeof sum);
  }
}

/* Adds the line, smoothed along itself, to positions. */
static void smooth_along(const blur *b, ls_real *positions) {
  for (size_t at = 0; at < b->width; at += TILE) {
    const ls_real *middle = b->line + b->reach + at;
    ls_real sum[TILE] = {0};
    add_weighted(sum, b->weights[0], middle);
    for (size_t d = 1; d <= b->reach; d++) {
      add_weighted(sum, b->weights[d], middle - d);
      add_weighted(sum, b->weights[d], middle + d);
    }
    size_t count = b->width - at < TILE ? b->width - at : TILE;
    for (size_t lane = 0; lane < count; lane++) positions[at + lane] += sum[lane];
  }
}

/* Adds one field of shifts to the positions. Each field is made of one half of the bits. */
static void shift_positions(const blur *b, double alpha, unsigned half, ls_real *positions) {
  const ls_real scale = (ls_real)(alpha / 32768), lowest = (ls_real)(0.5 * alpha / 32768 - alpha);
  for (size_t i = 0; i < b->height; i++) {
    const uint32_t *bits = b->bits + i * b->width;
    ls_real *out = b->field + i * b->padded;
    for (size_t j = 0; j < b->width; j++) {
      out[j] = (ls_real)(int32_t)(bits[j] >> half & 0xffff) * scale + lowest;
    }
  }
  for (size_t i = 0; i < b->height; i++) {
    smooth_down(b, i);
    smooth_along(b, positions + i * b->width);
  }
}

static void set_positions(const ls_layer *layer, const ls_pass *pass, size_t sample,
                          const resampler *r, void *context) {
  const double alpha = ((const elastic_args *)layer->args)->alpha;
  const blur *b = context;
  ls_random_bits(augment_stream(layer, pass, sample), 0, b->height * b->width, b->bits);
  for (size_t i = 0; i < r->height; i++) {
    for (size_t j = 0; j < r->width; j++) {
      r->rows[i * r->width + j] = (ls_real)i;
      r->columns[i * r->width + j] = (ls_real)j;
    }
  }
  shift_positions(b, alpha, 0, r->rows);
  shift_positions(b, alpha, 16, r->columns);
}

/* ---- The layer ------------------------------------------------------------------------------- */

static int build(ls_layer *layer) {
  const elastic_args *a = layer->args;
  if (augment_build(layer) != LS_OK) return LS_INVALID;
  blur b = blur_sizes(a->sigma, &layer->input);
  double taps = 2 * (double)b.reach + 1, pixels = (double)b.height * (double)b.width;
  layer->scratch_bytes = resampler_bytes(&layer->input) + blur_bytes(&b);
  layer->flops = 8 * taps * pixels + 20 * (double)ls_shape_size(&layer->input);
  return LS_OK;
}

static void run(const ls_layer *layer, const ls_pass *pass, bool backward) {
  const elastic_args *a = layer->args;
  blur b = blur_create(a, &layer->input, (char *)pass->scratch + resampler_bytes(&layer->input));
  resample_batch(layer, pass, &a->resample, backward, set_positions, &b);
}

static void forward(const ls_layer *layer, const ls_pass *pass) {
  if (pass->training) {
    run(layer, pass, false);
  } else {
    identity_forward(layer, pass);
  }
}

static void backward(const ls_layer *layer, const ls_pass *pass) {
  run(layer, pass, true);
}

const ls_layer_type ls_layer_elastic_transform = {
    .component =
        {"elastic_transform",
         "in training, distorts each image elastically at random (Simard et al., ICDAR 2003): by "
         "shifts of alpha times noise from [-1, 1], which is smoothed by a Gaussian",
         sizeof(elastic_args), args},
    .build = build,
    .forward = forward,
    .backward = backward,
    .memory = LS_OVERWRITE,
    .training_only = true,
    .keras_class = "",
};
