/* batch_normalization: y = gamma (x - mean) / sqrt(variance + epsilon) + beta for each element of
 * the last dimension. In training mean and variance are those of all other dimensions and of the
 * whole minibatch's samples, on whichever ranks they are, or, with `synchronized: false`, of the
 * samples of each shard; their running means, kept as the states moving_mean and moving_variance,
 * are used otherwise. A layer that is not trainable uses them in training too, and keeps them.
 *
 * As keras.layers.BatchNormalization of Keras 3 on one device, which takes the biased variance
 * (divided by the count, not count - 1) for the running mean too. Method: Ioffe and Szegedy, "Batch
 * normalization: accelerating deep network training by reducing internal covariate shift", ICML
 * 2015. */
#include "lockstep/error.h"
#include "nn/families.h"
#include "nn/shards.h"

#include <math.h>
#include <string.h>

typedef struct normalization_args {
  ls_layer_args base;
  double momentum, epsilon;
  bool center, scale, synchronized;
  ls_choice beta_initializer, gamma_initializer;
  ls_choice moving_mean_initializer, moving_variance_initializer;
  ls_choice beta_regularizer, gamma_regularizer;
} normalization_args;

#define INITIALIZER_ARG(field, fallback, purpose)                                                  \
  {                                                                                                \
#field, LS_ARG_CHOICE, offsetof(normalization_args, field), fallback, purpose,                 \
        .family = &ls_initializers                                                                 \
  }
#define REGULARIZER_ARG(field, purpose)                                                            \
  {                                                                                                \
#field, LS_ARG_CHOICE, offsetof(normalization_args, field), "null", purpose,                   \
        .family = &ls_regularizers                                                                 \
  }
static const ls_arg args[] = {
    {"momentum", LS_ARG_REAL, offsetof(normalization_args, momentum), "0.99",
     "what a step keeps of the running statistics", .min = 0, .max = 1},
    {"epsilon", LS_ARG_REAL, offsetof(normalization_args, epsilon), "0.001",
     "added to the variance", .min = 0, .max = 1e30, .flags = LS_ABOVE_MIN},
    {"center", LS_ARG_BOOLEAN, offsetof(normalization_args, center), "true", "whether to add beta"},
    {"scale", LS_ARG_BOOLEAN, offsetof(normalization_args, scale), "true",
     "whether to multiply by gamma"},
    {"synchronized", LS_ARG_BOOLEAN, offsetof(normalization_args, synchronized), "true",
     "whether mean and variance are those of the whole minibatch; if not, of each shard"},
    INITIALIZER_ARG(beta_initializer, "zeros", "initial beta"),
    INITIALIZER_ARG(gamma_initializer, "ones", "initial gamma"),
    INITIALIZER_ARG(moving_mean_initializer, "zeros", "initial running mean"),
    INITIALIZER_ARG(moving_variance_initializer, "ones", "initial running variance"),
    REGULARIZER_ARG(beta_regularizer, "penalty on beta"),
    REGULARIZER_ARG(gamma_regularizer, "penalty on gamma"),
    LS_TRAINABLE_ARGS,
    {NULL},
};

static size_t width_of(const ls_layer *layer) {
  return (size_t)layer->input.extent[layer->input.rank - 1];
}

static int add(ls_layer *layer, const char *name, const ls_choice *initializer,
               const ls_choice *regularizer) {
  int64_t width = layer->input.extent[layer->input.rank - 1];
  return ls_layer_add_param(layer, name, (ls_shape){1, {width}}, width, width, initializer,
                            regularizer);
}

static int add_state(ls_layer *layer, const char *name, const ls_choice *initializer) {
  const normalization_args *a = layer->args;
  int status = add(layer, name, initializer, NULL);
  if (status == LS_OK) ls_layer_make_state(layer, a->momentum);
  return status;
}

static int build(ls_layer *layer) {
  const normalization_args *a = layer->args;
  int status = LS_OK;
  layer->output = layer->input;
  if (a->scale) status = add(layer, "gamma", &a->gamma_initializer, &a->gamma_regularizer);
  if (a->center && status == LS_OK) {
    status = add(layer, "beta", &a->beta_initializer, &a->beta_regularizer);
  }
  if (status == LS_OK) status = add_state(layer, "moving_mean", &a->moving_mean_initializer);
  if (status == LS_OK) {
    status = add_state(layer, "moving_variance", &a->moving_variance_initializer);
  }
  const size_t width = width_of(layer);
  layer->by_shard = !a->synchronized;
  layer->shard_bytes = (2 * width + 2) * sizeof(double) + 3 * width * sizeof(ls_real);
  layer->scratch_bytes = 3 * width * sizeof(ls_real);
  layer->flops = 8 * (double)ls_shape_size(&layer->input);
  return status;
}

/* What the functions below work with: arrays of `width` elements. */
typedef struct channels {
  size_t rows, width;                                          /* rows of x and y in a sample */
  const ls_real *gamma, *beta, *moving_mean, *moving_variance; /* gamma and beta may be NULL */
  const ls_shards *shards;                                     /* NULL: one, by itself */
  double *sums; /* [shard][up to 2 width + 1]; sum_shards leaves the totals in the first */
  /* Kept for backward: inverse = 1 / sqrt(variance + epsilon); *count is the number of rows. */
  double *count;
  ls_real *mean, *variance, *inverse;
  ls_real *factor, *slope, *shift;
} channels;

static size_t shard_count(const ls_shards *shards) {
  return shards ? shards->count : 1;
}

static channels channels_of(const ls_layer *layer, const ls_pass *pass) {
  const normalization_args *a = layer->args;
  const size_t width = width_of(layer), shards = shard_count(pass->shards);
  size_t next = 0;
  channels c = {
      .rows = (size_t)ls_shape_size(&layer->input) / width, .width = width, .shards = pass->shards};
  if (a->scale) c.gamma = pass->weights + layer->params[next++].offset;
  if (a->center) c.beta = pass->weights + layer->params[next++].offset;
  c.moving_mean = pass->weights + layer->params[next++].offset;
  c.moving_variance = pass->weights + layer->params[next].offset;
  c.sums = pass->shard_cache;
  c.count = c.sums + (shards > 0 ? shards : 1) * (2 * width + 1);
  c.mean = (ls_real *)(c.count + 1);
  c.variance = c.mean + width;
  c.inverse = c.variance + width;
  c.factor = pass->scratch;
  c.slope = c.factor + width;
  c.shift = c.slope + width;
  return c;
}

/* The rows of x that a shard has. */
static void shard_rows(const channels *c, const ls_pass *pass, size_t shard, size_t *first,
                       size_t *end) {
  *first = c->shards ? c->shards->begin[shard] * c->rows : 0;
  *end = (c->shards ? c->shards->begin[shard + 1] : pass->n) * c->rows;
}

/* Adds sums[shard][count] over all shards. */
static void sum_shards(const channels *c, size_t count) {
  if (c->shards) ls_shards_sum(c->shards, count, c->sums);
}

static void add_values(size_t rows, size_t width, const ls_real *restrict x, double *restrict sum) {
  for (size_t i = 0; i < rows; i++) {
    for (size_t j = 0; j < width; j++) sum[j] += (double)x[i * width + j];
  }
}

static void add_squares(size_t rows, size_t width, const ls_real *restrict x,
                        const ls_real *restrict mean, double *restrict sum) {
  for (size_t i = 0; i < rows; i++) {
    for (size_t j = 0; j < width; j++) {
      double away = (double)(x[i * width + j] - mean[j]);
      sum[j] += away * away;
    }
  }
}

/* Two passes, because a difference of squares would lose a small variance to rounding. No rows have
 * zeroes. */
static void measure(const channels *c, const ls_pass *pass) {
  const size_t width = c->width, shards = shard_count(c->shards);
  size_t first, end;
  memset(c->sums, 0, (shards * (width + 1)) * sizeof *c->sums);
  for (size_t s = 0; s < shards; s++) {
    double *sum = c->sums + s * (width + 1);
    shard_rows(c, pass, s, &first, &end);
    add_values(end - first, width, pass->x + first * width, sum);
    sum[width] = (double)(end - first);
  }
  sum_shards(c, width + 1);
  *c->count = c->sums[width];
  const double divisor = *c->count > 0 ? *c->count : 1;
  for (size_t j = 0; j < width; j++) c->mean[j] = (ls_real)(c->sums[j] / divisor);
  memset(c->sums, 0, shards * width * sizeof *c->sums);
  for (size_t s = 0; s < shards; s++) {
    shard_rows(c, pass, s, &first, &end);
    add_squares(end - first, width, pass->x + first * width, c->mean, c->sums + s * width);
  }
  sum_shards(c, width);
  for (size_t j = 0; j < width; j++) c->variance[j] = (ls_real)(c->sums[j] / divisor);
}

/* Sets factor to gamma / sqrt(variance + epsilon). */
static void set_factor(const channels *c) {
  for (size_t j = 0; j < c->width; j++) c->factor[j] = (c->gamma ? c->gamma[j] : 1) * c->inverse[j];
}

static void forward(const ls_layer *layer, const ls_pass *pass) {
  const normalization_args *a = layer->args;
  channels c = channels_of(layer, pass);
  size_t width = c.width, rows = pass->n * c.rows;
  if (pass->training && !layer->frozen) {
    measure(&c, pass);
  } else {
    memcpy(c.mean, c.moving_mean, width * sizeof *c.mean);
    memcpy(c.variance, c.moving_variance, width * sizeof *c.variance);
  }
  for (size_t j = 0; j < width; j++) {
    c.inverse[j] = (ls_real)(1 / sqrt((double)c.variance[j] + a->epsilon));
    c.shift[j] = c.beta ? c.beta[j] : 0;
  }
  set_factor(&c);
  const ls_real *restrict mean = c.mean, *restrict factor = c.factor, *restrict shift = c.shift;
  const ls_real *restrict x = pass->x;
  ls_real *restrict y = pass->y;
  for (size_t i = 0; i < rows; i++) {
    for (size_t j = 0; j < width; j++) {
      size_t k = i * width + j;
      y[k] = (x[k] - mean[j]) * factor[j] + shift[j];
    }
  }
}

static void add_gradients(size_t rows, size_t width, const ls_real *restrict x,
                          const ls_real *restrict dy, const ls_real *restrict mean,
                          double *restrict sum, double *restrict product) {
  for (size_t i = 0; i < rows; i++) {
    for (size_t j = 0; j < width; j++) {
      size_t k = i * width + j;
      sum[j] += (double)dy[k];
      product[j] += (double)dy[k] * (double)(x[k] - mean[j]);
    }
  }
}

/* Sets the first `width` sums to that of dy, and those after them to that of dy (x - mean). */
static void sum_gradients(const channels *c, const ls_pass *pass) {
  const size_t width = c->width, shards = shard_count(c->shards);
  memset(c->sums, 0, 2 * shards * width * sizeof *c->sums);
  for (size_t s = 0; s < shards; s++) {
    size_t first, end;
    double *sum = c->sums + 2 * s * width;
    shard_rows(c, pass, s, &first, &end);
    add_gradients(end - first, width, pass->x + first * width, pass->dy + first * width, c->mean,
                  sum, sum + width);
  }
  sum_shards(c, 2 * width);
}

/* The layer's part of one flat gradient, with `share` times the statistics. */
static void set_gradient(const ls_layer *layer, const channels *c, ls_real *gradient,
                         ls_real share) {
  const normalization_args *a = layer->args;
  const double *sum = c->sums, *product = c->sums + c->width;
  const ls_param *param = layer->params;
  if (a->scale) {
    ls_real *d_gamma = gradient + param++->offset;
    for (size_t j = 0; j < c->width; j++) {
      d_gamma[j] = (ls_real)(product[j] * (double)c->inverse[j]);
    }
  }
  if (a->center) {
    ls_real *d_beta = gradient + param++->offset;
    for (size_t j = 0; j < c->width; j++) d_beta[j] = (ls_real)sum[j];
  }
  ls_real *mean = gradient + param++->offset, *variance = gradient + param->offset;
  for (size_t j = 0; j < c->width; j++) {
    mean[j] = c->mean[j] * share;
    variance[j] = c->variance[j] * share;
  }
}

/* Totals over the minibatch are the same on all ranks: they go into the sum that has the first
 * shard, and zeroes into all others. */
static void learn(const ls_layer *layer, const ls_pass *pass, const channels *c) {
  const ls_shards *s = pass->shards;
  if (!s) {
    set_gradient(layer, c, pass->gradient, (ls_real)pass->n * pass->scale);
    return;
  }
  const size_t first = layer->params[0].offset;
  for (size_t k = 0; k < s->sums; k++) {
    ls_real *gradient = pass->gradient + k * s->stride;
    if (s->first + k == 0) {
      set_gradient(layer, c, gradient, 1);
    } else {
      memset(gradient + first, 0, layer->param_count * c->width * sizeof *gradient);
    }
  }
}

/* Through the statistics of the batch: with m rows
 * dx = factor (dy - sum(dy) / m - (x - mean) inverse^2 sum(dy (x - mean)) / m). */
static void backward_batch(const channels *c, const ls_pass *pass) {
  const size_t width = c->width, rows = pass->n * c->rows;
  const double *sum = c->sums, *product = c->sums + width;
  ls_real *restrict slope = c->slope, *restrict shift = c->shift;
  for (size_t j = 0; j < width; j++) {
    double inverse = (double)c->inverse[j];
    slope[j] = (ls_real)(product[j] / *c->count * inverse * inverse);
    shift[j] = (ls_real)(sum[j] / *c->count);
  }
  const ls_real *restrict mean = c->mean, *restrict factor = c->factor;
  const ls_real *restrict x = pass->x, *restrict dy = pass->dy;
  ls_real *restrict dx = pass->dx;
  for (size_t i = 0; i < rows; i++) {
    for (size_t j = 0; j < width; j++) {
      size_t k = i * width + j;
      dx[k] = factor[j] * ((dy[k] - shift[j]) - (x[k] - mean[j]) * slope[j]);
    }
  }
}

static void backward_fixed(const channels *c, const ls_pass *pass) {
  const ls_real *restrict factor = c->factor, *restrict dy = pass->dy;
  ls_real *restrict dx = pass->dx;
  for (size_t i = 0; i < pass->n * c->rows; i++) {
    for (size_t j = 0; j < c->width; j++) dx[i * c->width + j] = factor[j] * dy[i * c->width + j];
  }
}

static void backward(const ls_layer *layer, const ls_pass *pass) {
  channels c = channels_of(layer, pass);
  set_factor(&c);
  if (!layer->frozen) {
    sum_gradients(&c, pass);
    learn(layer, pass, &c);
  }
  if (!pass->dx) return;
  if (layer->frozen) {
    backward_fixed(&c, pass);
  } else {
    backward_batch(&c, pass);
  }
}

const ls_layer_type ls_layer_batch_normalization = {
    .component =
        {"batch_normalization",
         "gives each element of the last dimension mean 0 and variance 1, then multiplies by gamma "
         "and adds beta, which are learnt. In training, mean and variance are those of the whole "
         "minibatch; otherwise, and with `trainable: false`, running means of them",
         sizeof(normalization_args), args},
    .build = build,
    .forward = forward,
    .backward = backward,
    .adds_shards = true,
};
