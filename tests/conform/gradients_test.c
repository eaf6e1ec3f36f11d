/* The gradient of every layer, activation and loss against finite differences of the loss, for
 * several batch sizes; and NaN in the input makes the loss NaN. Driven by the families: a member
 * without a case fails.
 *
 * Central differences in double are good to about 1e-9, so gradients must agree within 1e-6 of the
 * largest. A float build, whose losses carry an error of 1e-7 themselves, takes larger steps and
 * only finds large errors. Weights are set at random, away from the kinks of relu. */
#include "fragment.h"

#include "nn/compute.h"
#include "nn/families.h"

#include <string.h>

#ifdef LS_DOUBLE
static const double step_size = 1e-5, tolerance = 1e-6;
#else
static const double step_size = 2e-3, tolerance = 2e-2;
#endif

enum { CLASSES = 4, CAPACITY = 9 };

/* `yaml` is a whole model with the member in it; more than one case per member is fine. */
typedef struct gradient_case {
  const char *member, *yaml;
  ls_shape input;
} gradient_case;

#define HEAD "dense: {units: 4, activation: softmax}"

/* Images changed at random, from a layer that learns. */
#define AUGMENTED(name, options)                                                                   \
  {                                                                                                \
    name,                                                                                          \
        "model: [{dense: {units: 24}}, {reshape: [4, 3, 2]}, {" name ": {" options "}}, flatten,"  \
        " {" HEAD "}]",                                                                            \
    {                                                                                              \
      1, {                                                                                         \
        5                                                                                          \
      }                                                                                            \
    }                                                                                              \
  }

/* Images of 6 x 7 pixels through a convolution; `channels` of them come out of a layer that learns,
 * so that the convolution's input has a gradient too. From 8 channels on, both ways, kernels of 2
 * to 5 pixels are Winograd's. */
#define CONVOLUTION(kind, channels, arguments)                                                     \
  {                                                                                                \
    kind,                                                                                          \
        "model: [{conv2d: {filters: " #channels ", kernel_size: 1, activation: tanh}}, {" kind     \
        ": {" arguments "}}, flatten, {" HEAD "}]",                                                \
    {                                                                                              \
      3, {                                                                                         \
        6, 7, 1                                                                                    \
      }                                                                                            \
    }                                                                                              \
  }

/* Images of 7 x 5 pixels that come from a layer that learns. */
#define OVER_IMAGES(name, yaml)                                                                    \
  {                                                                                                \
    name, "model: [{dense: 70}, {reshape: [7, 5, 2]}, " yaml ", flatten, {" HEAD "}]", {           \
      1, {                                                                                         \
        4                                                                                          \
      }                                                                                            \
    }                                                                                              \
  }
#define POOLING(name)                                                                              \
  OVER_IMAGES(name, name), OVER_IMAGES(name, "{" name ": {padding: same}}"),                       \
      OVER_IMAGES(name, "{" name ": {pool_size: 3, strides: 1}}"),                                 \
      OVER_IMAGES(name, "{" name ": {pool_size: [3, 2], strides: [2, 1], padding: same}}"),        \
      OVER_IMAGES(name, "{" name ": {pool_size: [1, 5], strides: 3, padding: same}}"), {           \
    name, "model: [" name ", flatten, {" HEAD "}]", {                                              \
      3, {                                                                                         \
        4, 6, 3                                                                                    \
      }                                                                                            \
    }                                                                                              \
  }

static const gradient_case layer_cases[] = {
    {"dense", "model: [{" HEAD "}]", {1, {7}}},
    {"dense", "model: [{dense: {units: 6, use_bias: false}}, {" HEAD "}]", {1, {5}}},
    {"dense",
     "model: [{dense: {units: 6, activation: tanh}}, {dense: {units: 5, activation: sigmoid}},"
     " {" HEAD "}]",
     {3, {2, 2, 3}}},
    CONVOLUTION("conv2d", 2, "filters: 3, kernel_size: 3"),
    CONVOLUTION("conv2d", 2, "filters: 3, kernel_size: 3, padding: same, use_bias: false"),
    CONVOLUTION("conv2d", 2, "filters: 3, kernel_size: 3, strides: 2"),
    CONVOLUTION("conv2d", 2, "filters: 3, kernel_size: [4, 3], strides: [2, 3], padding: same"),
    CONVOLUTION("conv2d", 2, "filters: 3, kernel_size: [3, 2], dilation_rate: 2"),
    CONVOLUTION("conv2d", 2, "filters: 3, kernel_size: 3, dilation_rate: [3, 2], padding: same"),
    CONVOLUTION("conv2d", 2, "filters: 3, kernel_size: 1"),
    CONVOLUTION("conv2d", 2, "filters: 3, kernel_size: 1, strides: 2"),
    CONVOLUTION("conv2d", 2, "filters: 3, kernel_size: [6, 7]"),
    CONVOLUTION("conv2d", 2, "filters: 3, kernel_size: [1, 9], padding: same"),
    CONVOLUTION("conv2d", 8, "filters: 8, kernel_size: 3, activation: tanh"),
    CONVOLUTION("conv2d", 9, "filters: 8, kernel_size: [2, 5], padding: same"),
    CONVOLUTION("conv2d", 8, "filters: 9, kernel_size: [4, 2]"),
    CONVOLUTION("conv2d", 8, "filters: 8, kernel_size: [3, 4], padding: same"),
    CONVOLUTION("conv2d", 8, "filters: 8, kernel_size: 5"),
    {"conv2d",
     "model: [{conv2d: {filters: 3, kernel_size: 3}}, flatten, {" HEAD "}]",
     {3, {6, 7, 2}}},
    CONVOLUTION("conv2d_transpose", 2, "filters: 3, kernel_size: 3"),
    CONVOLUTION("conv2d_transpose", 2, "filters: 3, kernel_size: 3, strides: 2, padding: same"),
    CONVOLUTION("conv2d_transpose", 2, "filters: 3, kernel_size: [2, 3], strides: [3, 2]"),
    CONVOLUTION("conv2d_transpose", 2,
                "filters: 3, kernel_size: 2, dilation_rate: 2, use_bias: false"),
    CONVOLUTION("conv2d_transpose", 8, "filters: 8, kernel_size: 3, padding: same"),
    CONVOLUTION("conv2d_transpose", 8, "filters: 9, kernel_size: [5, 4]"),
    {"activation", "model: [{dense: {units: 6}}, {activation: tanh}, {" HEAD "}]", {1, {5}}},
    {"activation", "model: [{dense: {units: 4}}, {activation: softmax}]", {1, {5}}},
    {"activation", "model: [{activation: tanh}, {" HEAD "}]", {1, {5}}},
    {"dropout", "model: [{dense: {units: 9}}, {dropout: 0.4}, {" HEAD "}]", {1, {5}}},
    {"dropout",
     "model: [{dense: {units: 9, activation: tanh}}, {dropout: 0.4}, {" HEAD "}]",
     {1, {5}}},
    {"dropout", "model: [{dropout: 0.4}, {" HEAD "}]", {1, {5}}},
    {"activity_regularization",
     "model: [{dense: {units: 6}}, {activity_regularization: {l1: 0.1, l2: 0.3}},"
     " {activation: tanh}, {" HEAD "}]",
     {1, {5}}},
    {"activity_regularization",
     "model: [{dense: {units: 6, activation: tanh, activity_regularizer: {l2: 0.3}}}, {" HEAD "}]",
     {1, {5}}},
    {"sequential",
     "model: [{sequential: [{dense: 6}, {activation: tanh}]}, {sequential: {layers: [{" HEAD
     "}]}}]",
     {1, {5}}},
    {"flatten",
     "model: [{dense: {units: 6, activation: tanh}}, flatten, {activation: sigmoid}, {" HEAD "}]",
     {1, {5}}},
    {"reshape",
     "model: [{dense: {units: 6, activation: tanh}}, {reshape: [2, -1]}, {activation: softmax},"
     " {reshape: 6}, {" HEAD "}]",
     {1, {5}}},
    {"gaussian_noise", "model: [{dense: 6}, {gaussian_noise: 0.5}, {" HEAD "}]", {1, {5}}},
    {"gaussian_noise",
     "model: [{gaussian_noise: 0.5}, {dense: {units: 6, activation: tanh}}, {gaussian_noise: 0.1},"
     " {" HEAD "}]",
     {1, {5}}},
    {"salt_and_pepper",
     "model: [{dense: {units: 9, activation: tanh}}, {salt_and_pepper: 0.4}, {" HEAD "}]",
     {1, {5}}},
    {"salt_and_pepper",
     "model: [{salt_and_pepper: 0.3}, {dense: 9}, {salt_and_pepper: {amount: 0.4, ratio: 0.9,"
     " always: true}}, {" HEAD "}]",
     {1, {5}}},
    POOLING("max_pooling2d"),
    POOLING("average_pooling2d"),
    OVER_IMAGES("global_max_pooling2d", "global_max_pooling2d"),
    OVER_IMAGES("global_average_pooling2d", "global_average_pooling2d"),
    OVER_IMAGES("upsampling2d", "upsampling2d"),
    OVER_IMAGES("upsampling2d", "{upsampling2d: {size: [1, 3]}}"),
    OVER_IMAGES("upsampling2d", "{upsampling2d: {interpolation: bilinear}}"),
    OVER_IMAGES("upsampling2d", "{upsampling2d: {size: [3, 4], interpolation: bilinear}}"),
    {"batch_normalization", "model: [batch_normalization, {" HEAD "}]", {1, {5}}},
    {"batch_normalization",
     "model: [{batch_normalization: {synchronized: false}}, {" HEAD "}]",
     {1, {5}}},
    {"batch_normalization",
     "model: [{batch_normalization: {scale: false, epsilon: 0.1}}, flatten, {" HEAD "}]",
     {3, {3, 2, 3}}},
    {"batch_normalization",
     "model: [{dense: 6}, {batch_normalization: {center: false, epsilon: 0.1}}, {" HEAD "}]",
     {1, {5}}},
    OVER_IMAGES("batch_normalization", "batch_normalization"),
    OVER_IMAGES("batch_normalization", "{batch_normalization: {trainable: false}}"),
    {"flatten", "model: [flatten, {dense: {units: 5}}, flatten, {" HEAD "}]", {3, {2, 3, 2}}},
    AUGMENTED("random_translation", "height_factor: 0.4, width_factor: 0.4"),
    AUGMENTED("random_translation", "height_factor: 0.4, width_factor: 0.4, fill_mode: constant"),
    AUGMENTED("random_rotation", "factor: 0.2, fill_mode: nearest"),
    AUGMENTED("random_zoom", "height_factor: 0.4"),
    AUGMENTED("random_flip", ""),
    AUGMENTED("random_affine", "rotation: 0.1, shear: 0.3, height_zoom: 0.2"),
    AUGMENTED("elastic_transform", "alpha: 8, sigma: 1.5"),
    AUGMENTED("random_erasing", "factor: [0.8, 0.8]"),
};

/* Each between two layers that learn, and as an output that is kept before a layer that may
 * overwrite it. */
#define WITH(name, yaml)                                                                           \
  {name, "model: [{dense: {units: 6, activation: " yaml "}}, {" HEAD "}]", {1, {5}}}, {            \
    name, "model: [{dense: {units: 6, activation: " yaml "}}, {activation: tanh}, {" HEAD "}]", {  \
      1, {                                                                                         \
        5                                                                                          \
      }                                                                                            \
    }                                                                                              \
  }
#define WITHIN(name) WITH(name, name)
static const gradient_case activation_cases[] = {
    WITHIN("linear"),
    WITHIN("relu"),
    WITHIN("sigmoid"),
    WITHIN("tanh"),
    WITHIN("softmax"),
    WITHIN("leaky_relu"),
    WITH("leaky_relu", "{leaky_relu: 0.5}"),
    WITHIN("elu"),
    WITH("elu", "{elu: 0.4}"),
    WITHIN("selu"),
    WITHIN("gelu"),
    WITH("gelu", "{gelu: {approximate: true}}"),
    WITHIN("swish"),
    WITHIN("silu"),
    WITHIN("hard_sigmoid"),
    WITH("hard_sigmoid", "{hard_sigmoid: {slope: 0.4}}"),
    WITHIN("softplus"),
    WITHIN("exponential"),
};

/* Fused with its activation, separated from it by a layer that does nothing, and after another
 * activation. */
#define LAST(name, last, more) LOSS(name, name, last, more)
#define LOSS(name, text, last, more)                                                               \
  {                                                                                                \
    name, "model: [{dense: {units: 4, activation: " last "}}" more "]\nloss: " text, {             \
      1, {                                                                                         \
        5                                                                                          \
      }                                                                                            \
    }                                                                                              \
  }
static const gradient_case loss_cases[] = {
    LAST("categorical_crossentropy", "softmax", ""),
    LAST("categorical_crossentropy", "softmax", ", {dropout: 0}"),
    LAST("categorical_crossentropy", "sigmoid", ""),
    LAST("binary_crossentropy", "sigmoid", ""),
    LAST("binary_crossentropy", "sigmoid", ", {dropout: 0}"),
    LAST("binary_crossentropy", "sigmoid", ", {reshape: [2, 1, 2]}"),
    LAST("binary_crossentropy", "softmax", ""),
    LAST("mean_squared_error", "linear", ""),
    LAST("mean_squared_error", "sigmoid", ", {reshape: [2, 2]}"),
    LAST("mean_absolute_error", "linear", ""),
    LAST("mean_absolute_error", "sigmoid", ", {reshape: [2, 2]}"),
    LOSS("categorical_crossentropy", "{categorical_crossentropy: 0.2}", "softmax", ""),
    LOSS("categorical_crossentropy", "{categorical_crossentropy: 0.2}", "sigmoid", ""),
    LOSS("binary_crossentropy", "{binary_crossentropy: 0.2}", "sigmoid", ", {reshape: [2, 2]}"),
    LAST("categorical_focal_crossentropy", "softmax", ""),
    LAST("categorical_focal_crossentropy", "softmax", ", {dropout: 0}"),
    LOSS("categorical_focal_crossentropy",
         "{categorical_focal_crossentropy: {gamma: 0.5, label_smoothing: 0.2}}", "sigmoid", ""),
    LAST("binary_focal_crossentropy", "sigmoid", ""),
    LAST("binary_focal_crossentropy", "sigmoid", ", {dropout: 0}"),
    LOSS("binary_focal_crossentropy",
         "{binary_focal_crossentropy: {gamma: 0.5, apply_class_balancing: true}}", "softmax", ""),
    LAST("categorical_hinge", "linear", ""),
    LAST("hinge", "linear", ", {reshape: [2, 2]}"),
    LAST("kl_divergence", "softmax", ""),
    LAST("poisson", "exponential", ""),
    LAST("huber", "linear", ""),
    LOSS("huber", "{huber: {delta: 0.3}}", "sigmoid", ", {reshape: [2, 2]}"),
    LOSS("quantile", "{quantile: 0.8}", "linear", ""),
    LAST("cosine_similarity", "linear", ""),
};

static double loss_of(subject *s) {
  run_forward(s, true, 11, 2);
  return run_loss(s);
}

/* Layers may write over the batch itself, so it is filled anew for each pass. */
static double shifted_loss(subject *s, size_t n, size_t weight, double shift) {
  ls_real kept = s->weights[weight];
  fill_batch(s, n, CLASSES);
  s->weights[weight] = (ls_real)((double)kept + shift);
  double loss = loss_of(s);
  s->weights[weight] = kept;
  return loss;
}

/* The parameter that an element of the flat vector belongs to, and its layer. */
static const ls_param *param_of(const subject *s, size_t weight, const ls_layer **layer) {
  for (size_t i = 0; i < s->model->layer_count; i++) {
    *layer = &s->model->layers[i];
    for (size_t k = 0; k < (*layer)->param_count; k++) {
      const ls_param *param = &(*layer)->params[k];
      if (weight - param->offset < param->count) return param;
    }
  }
  fail_msg("no parameter has element %zu", weight);
  return NULL;
}

/* Mean or variance of element j of the last dimension, `width` of them, over `rows`. */
static double moment(const ls_real *x, size_t rows, size_t width, size_t j, bool variance) {
  double mean = 0, square = 0;
  for (size_t i = 0; i < rows; i++) mean += (double)x[i * width + j] / (double)rows;
  for (size_t i = 0; i < rows; i++) {
    square += pow((double)x[i * width + j] - mean, 2) / (double)rows;
  }
  return variance ? square : mean;
}

/* The slots of the states of a batch_normalization that comes first: the statistics of the whole
 * batch, or those of a shard by its share of the batch. */
static void check_states(const subject *s, size_t n, double scale) {
  const ls_layer *first = &s->model->layers[0];
  if (first->type != &ls_layer_batch_normalization) return;
  const ls_real *x = ls_workspace_batch(s->workspace)->x;
  for (size_t k = 0; k < first->param_count; k++) {
    const ls_param *param = &first->params[k];
    bool variance = strcmp(param->name, "moving_variance") == 0;
    size_t rows = n * (size_t)ls_shape_size(&first->input) / param->count;
    for (size_t j = 0; j < param->count && param->state; j++) {
      double share = first->by_shard ? (double)n * scale : 1;
      double expected = moment(x, rows, param->count, j, variance) * share;
      expect_near((double)s->gradient[param->offset + j], expected, 1e-6 * (double)n);
    }
  }
}

static void check_batch(subject *s, const gradient_case *c, size_t n) {
  const double scale = 0.5; /* of the loss */
  /* A large step may well cross the kink where another pixel becomes the largest. */
  const double step = strstr(c->member, "max_pooling") ? fmin(step_size, 1e-4) : step_size;
  size_t count = s->model->param_count;
  double largest = 0, worst = 0;
  fill_batch(s, n, CLASSES);
  double loss = loss_of(s);
  for (size_t i = 0; i < count; i++) s->gradient[i] = (ls_real)NAN; /* each is set, not added to */
  double same = run_backward(s, scale);
  expect_near(same, loss, 1e-6 * fabs(loss));
  check_states(s, n, scale);
  for (size_t i = 0; i < count; i++) {
    const ls_layer *layer = s->model->layers;
    const ls_param *param = param_of(s, i, &layer);
    if (layer->frozen) continue;
    if (param->state) {
      assert_false(isnan(s->gradient[i]));
      continue;
    }
    double up = shifted_loss(s, n, i, step), down = shifted_loss(s, n, i, -step);
    double expected = scale * (up - down) / (2 * step);
    double error = fabs((double)s->gradient[i] - expected);
    if (!(error <= worst)) worst = error;
    largest = fmax(largest, fabs(expected));
  }
  assert_true(largest > 1e-3); /* or there is nothing to compare */
  if (!(worst <= tolerance * largest)) {
    fail_msg("%zu samples: off by %g of %g\nin %s", n, worst, largest, c->yaml);
  }
}

/* A sample that is NaN makes the loss NaN, through any layer, so that training ends. */
static void check_not_a_number(subject *s, const gradient_case *c) {
  size_t size = (size_t)ls_shape_size(&s->model->input);
  fill_batch(s, 4, CLASSES);
  for (size_t i = 0; i < size; i++)
    ls_workspace_batch(s->workspace)->x[2 * size + i] = (ls_real)NAN;
  double loss = loss_of(s);
  if (!isnan(loss)) fail_msg("loss %g of a sample that is not a number\nin %s", loss, c->yaml);
}

static void check_case(const gradient_case *c) {
  subject s = make_subject(c->yaml, c->input, CLASSES, CAPACITY);
  for (size_t i = 0; i < s.model->param_count; i++) {
    const ls_layer *layer = s.model->layers;
    s.weights[i] = (ls_real)0.8 * some_number(1000 + 3 * i);
    if (param_of(&s, i, &layer)->state) s.weights[i] *= s.weights[i]; /* a variance is above 0 */
  }
  check_batch(&s, c, CAPACITY);
  check_batch(&s, c, 4);
  check_batch(&s, c, 1);
  check_not_a_number(&s, c);
  free_subject(&s);
}

static void check_family(const ls_family *family, const gradient_case *cases, size_t count) {
  for (size_t i = 0; i < family->count; i++) {
    size_t tested = 0;
    for (size_t k = 0; k < count; k++) {
      if (strcmp(cases[k].member, family->members[i]->name) != 0) continue;
      check_case(&cases[k]);
      tested++;
    }
    if (tested == 0) {
      fail_msg("the %s %s has no case here", family->kind, family->members[i]->name);
    }
  }
}

static void layers(void **state) {
  (void)state;
  check_family(&ls_layers, layer_cases, COUNT_OF(layer_cases));
}

static void activations(void **state) {
  (void)state;
  check_family(&ls_activations, activation_cases, COUNT_OF(activation_cases));
}

static void losses(void **state) {
  (void)state;
  check_family(&ls_losses, loss_cases, COUNT_OF(loss_cases));
}

int main(void) {
  if (ls_compute_start() != LS_OK) return 1;
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(layers),
      cmocka_unit_test(activations),
      cmocka_unit_test(losses),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
