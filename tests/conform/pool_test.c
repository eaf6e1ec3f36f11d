/* Pooling, upsampling and batch normalisation against PyTorch (tests/reference/pool.txt): outputs,
 * gradients, running statistics, NaN, invalid arguments. Bounds are relative to the largest
 * expected value: 2e-5 in single precision, 1e-8 in double. */
#include "fragment.h"

#include "nn/compute.h"

#include <string.h>

enum { N = 2, HEIGHT = 5, WIDTH = 3, CHANNELS = 2, IN = HEIGHT * WIDTH * CHANNELS, MOST = 1000 };

static const double tolerance = sizeof(ls_real) == 4 ? 2e-5 : 1e-8;

/* The reference's input and other arrays that it leaves out. */
static ls_real number(size_t i) {
  return (ls_real)((double)((int64_t)(i * 7919 % 1009) - 504) / 256);
}

static void set_numbers(ls_real *values, size_t count, size_t first) {
  for (size_t i = 0; i < count; i++) values[i] = number(first + i);
}

/* ---- One layer with all it works on ---------------------------------------------------------- */

typedef struct bench {
  subject subject;
  const ls_layer *layer;
  size_t in, out; /* elements of a sample */
  ls_real x[MOST], y[MOST], dy[MOST], dx[MOST];
  void *cache, *shard_cache, *scratch;
} bench;

/* The layer is a model's first; the layers after it are those that every model needs. */
static void set_up(bench *b, const char *yaml) {
  char text[256];
  snprintf(text, sizeof text, "model: [%s, flatten, {dense: 2}]", yaml);
  b->subject = make_subject(text, (ls_shape){3, {HEIGHT, WIDTH, CHANNELS}}, 2, N);
  b->layer = &b->subject.model->layers[0];
  b->in = (size_t)ls_shape_size(&b->layer->input);
  b->out = (size_t)ls_shape_size(&b->layer->output);
  assert_true(N * b->in <= MOST && N * b->out <= MOST);
  b->cache = new_array(N, b->layer->cache_bytes + 1);
  b->shard_cache = new_array(1, b->layer->shard_bytes + 1);
  b->scratch = new_array(1, b->layer->scratch_bytes + 1);
  set_numbers(b->x, N * b->in, 0);
  set_numbers(b->dy, N * b->out, 500);
}

static void tear_down(bench *b) {
  free_subject(&b->subject);
  free(b->cache);
  free(b->shard_cache);
  free(b->scratch);
}

static void run(bench *b, bool training) {
  ls_pass pass = {.n = N,
                  .weights = b->subject.weights,
                  .x = b->x,
                  .y = b->y,
                  .cache = b->cache,
                  .shard_cache = b->shard_cache,
                  .scratch = b->scratch,
                  .training = training};
  b->layer->type->forward(b->layer, &pass);
  if (!training) return;
  pass.dy = b->dy;
  pass.dx = b->dx;
  pass.gradient = b->subject.gradient;
  pass.scale = (ls_real)(1.0 / N);
  b->layer->type->backward(b->layer, &pass);
}

/* Compares with the next array of the reference, which must have that name. */
static void compare(FILE *file, const char *name, const char *array, size_t count,
                    const ls_real *values) {
  char found[64], wanted[64];
  size_t length;
  double expected[MOST], largest = 0;
  snprintf(wanted, sizeof wanted, "%s.%s", name, array);
  assert_int_equal(fscanf(file, "%63s %zu", found, &length), 2);
  assert_string_equal(found, wanted);
  assert_int_equal(length, count);
  for (size_t i = 0; i < count; i++) {
    assert_int_equal(fscanf(file, "%lf", &expected[i]), 1);
    largest = fmax(largest, fabs(expected[i]));
  }
  assert_true(largest > 0.01);
  for (size_t i = 0; i < count; i++) {
    if (fabs((double)values[i] - expected[i]) <= tolerance * largest) continue;
    fail_msg("%s[%zu] is %.9g, not %.9g", wanted, i, (double)values[i], expected[i]);
  }
}

/* ---- Against the reference ------------------------------------------------------------------- */

/* As in tests/reference/make_pool.py, in its order. */
static const struct {
  const char *name, *yaml;
  bool whole; /* inputs are integers */
} cases[] = {
    {"max_2x2", "max_pooling2d", false},
    {"average_2x2", "average_pooling2d", false},
    {"max_same", "{max_pooling2d: {padding: same}}", false},
    {"average_same", "{average_pooling2d: {padding: same}}", false},
    {"max_overlapping", "{max_pooling2d: {pool_size: [3, 2], strides: [1, 2]}}", false},
    {"average_overlapping", "{average_pooling2d: {pool_size: [3, 2], strides: [1, 2]}}", false},
    {"max_wide", "{max_pooling2d: {pool_size: [3], strides: [2, 3], padding: same}}", false},
    {"average_wide", "{average_pooling2d: {pool_size: 3, strides: [2, 3], padding: same}}", false},
    {"max_equal", "{max_pooling2d: {pool_size: 3, strides: 1, padding: same}}", true},
    {"max_global", "global_max_pooling2d", false},
    {"average_global", "global_average_pooling2d", false},
    {"nearest", "{upsampling2d: {size: [2, 3]}}", false},
    {"bilinear", "{upsampling2d: {size: [2, 3], interpolation: bilinear}}", false},
};

static void check_images(FILE *file, size_t which) {
  bench b;
  set_up(&b, cases[which].yaml);
  for (size_t i = 0; i < N * b.in && cases[which].whole; i++) b.x[i] = (ls_real)floor(b.x[i]);
  run(&b, true);
  compare(file, cases[which].name, "y", N * b.out, b.y);
  compare(file, cases[which].name, "dx", N * b.in, b.dx);
  ls_real y[MOST];
  memcpy(y, b.y, sizeof y);
  run(&b, false);
  assert_memory_equal(y, b.y, N * b.out * sizeof *y);
  tear_down(&b);
}

#define NORMALIZATION "momentum: 0.9, epsilon: 0.01"
enum { GAMMA, BETA, MEAN, VARIANCE };

static ls_real *element(const bench *b, ls_real *vector, size_t param) {
  return vector + b->layer->params[param].offset;
}

/* The reference's parameters. */
static void set_parameters(bench *b) {
  for (size_t k = GAMMA; k <= VARIANCE; k++) {
    set_numbers(element(b, b->subject.weights, k), CHANNELS, 700 + 10 * k);
  }
  ls_real *variance = element(b, b->subject.weights, VARIANCE);
  for (size_t j = 0; j < CHANNELS; j++) variance[j] *= variance[j];
}

/* One step on a shard that is the whole minibatch; see ls_param.state. */
static void check_normalization(FILE *file) {
  static const char *const names[] = {"gamma", "beta", "moving_mean", "moving_variance"};
  bench b;
  set_up(&b, "{batch_normalization: {" NORMALIZATION "}}");
  set_parameters(&b);
  run(&b, true);
  compare(file, "normalisation", "y", N * b.out, b.y);
  compare(file, "normalisation", "dx", N * b.in, b.dx);
  assert_int_equal(b.layer->param_count, COUNT_OF(names));
  for (size_t k = 0; k < COUNT_OF(names); k++) {
    const ls_param *param = &b.layer->params[k];
    ls_real *values = element(&b, b.subject.gradient, k);
    assert_string_equal(param->name, names[k]);
    assert_true(param->state == (k >= MEAN));
    for (size_t j = 0; j < CHANNELS && param->state; j++) {
      double old = (double)element(&b, b.subject.weights, k)[j];
      values[j] = (ls_real)(param->momentum * old + (1 - param->momentum) * (double)values[j]);
    }
    compare(file, "normalisation", names[k], CHANNELS, values);
  }
  run(&b, false);
  ls_real y[MOST];
  memcpy(y, b.y, sizeof y);
  tear_down(&b);
  /* A layer that isn't trainable does in training what it does otherwise. */
  set_up(&b, "{batch_normalization: {trainable: false, " NORMALIZATION "}}");
  set_parameters(&b);
  run(&b, true);
  assert_memory_equal(y, b.y, N * b.out * sizeof *y);
  compare(file, "fixed", "y", N * b.out, b.y);
  compare(file, "fixed", "dx", N * b.in, b.dx);
  tear_down(&b);
}

static void reference(void **state) {
  (void)state;
  FILE *file = fopen("tests/reference/pool.txt", "r");
  if (!file) fail_msg("no tests/reference/pool.txt (run this in the project's folder)");
  for (size_t i = 0; i < COUNT_OF(cases); i++) check_images(file, i);
  check_normalization(file);
  char rest;
  assert_int_equal(fscanf(file, " %c", &rest), EOF);
  fclose(file);
}

/* ---- More about normalisation ---------------------------------------------------------------- */

/* The variance is accurate with a mean far from 0. */
static void far_mean(void **state) {
  (void)state;
  bench b;
  set_up(&b, "batch_normalization");
  for (size_t i = 0; i < N * b.in; i++) b.x[i] = 1000 + (ls_real)(i / CHANNELS % 2);
  run(&b, true);
  for (size_t j = 0; j < CHANNELS; j++) {
    expect_near((double)element(&b, b.subject.gradient, MEAN)[j], 1000.5, 1e-4);
    expect_near((double)element(&b, b.subject.gradient, VARIANCE)[j], 0.25, 1e-6);
  }
  expect_near((double)b.y[0], -0.5 / sqrt(0.25 + 0.001), 1e-4);
  tear_down(&b);
}

/* A shard without samples does not contribute to the running statistics. */
static void no_samples(void **state) {
  (void)state;
  bench b;
  set_up(&b, "batch_normalization");
  ls_pass pass = {.n = 0,
                  .weights = b.subject.weights,
                  .x = b.x,
                  .y = b.y,
                  .shard_cache = b.shard_cache,
                  .scratch = b.scratch,
                  .training = true,
                  .dy = b.dy,
                  .dx = b.dx,
                  .gradient = b.subject.gradient,
                  .scale = 1};
  for (size_t i = 0; i < 4 * CHANNELS; i++) b.subject.gradient[i] = (ls_real)NAN;
  b.layer->type->forward(b.layer, &pass);
  b.layer->type->backward(b.layer, &pass);
  for (size_t i = 0; i < 4 * CHANNELS; i++) assert_true(b.subject.gradient[i] == 0);
  tear_down(&b);
}

/* ---- What goes wrong ------------------------------------------------------------------------- */

/* A pixel that is NaN makes every window that contains it NaN, wherever it is in the window, and no
 * other window. */
static void not_a_number(void **state) {
  (void)state;
  static const char *const layers[] = {"{max_pooling2d: {pool_size: 2, strides: 1}}",
                                       "{average_pooling2d: {pool_size: 2, strides: 1}}"};
  for (size_t k = 0; k < COUNT_OF(layers); k++) {
    bench b;
    set_up(&b, layers[k]);
    b.x[(2 * WIDTH + 1) * CHANNELS + 1] = (ls_real)NAN; /* row 2, column 1, channel 1 */
    run(&b, true);
    for (size_t i = 0; i < N * b.out; i++) {
      size_t pixel = i / CHANNELS, row = pixel / (WIDTH - 1), column = pixel % (WIDTH - 1);
      bool touched = i % CHANNELS == 1 && (row == 1 || row == 2) && column < 2;
      assert_true(isnan(b.y[i]) == touched);
    }
    tear_down(&b);
  }
  static const char *const others[] = {"global_max_pooling2d", "global_average_pooling2d",
                                       "upsampling2d", "{upsampling2d: {interpolation: bilinear}}",
                                       "batch_normalization"};
  for (size_t k = 0; k < COUNT_OF(others); k++) {
    bench b;
    set_up(&b, others[k]);
    b.x[IN / 2] = (ls_real)NAN;
    run(&b, true);
    size_t count = 0;
    for (size_t i = 0; i < N * b.out; i++) count += isnan(b.y[i]);
    assert_true(count > 0 && count < N * b.out);
    tear_down(&b);
  }
}

/* `message` is part of the error message. */
static void expect_failure(const char *yaml, ls_shape input, const char *message) {
  char text[256];
  fragment values = {0};
  ls_job *job = NULL;
  ls_model *model = NULL;
  snprintf(text, sizeof text, "model: [%s, flatten, {dense: 2}]", yaml);
  int status = ls_job_read(&job, "fragment", text, NULL, 0, &fragment_component);
  if (status == LS_OK) status = ls_job_bind(job, 0, &values);
  if (status == LS_OK) {
    ls_head_spec head = fragment_head(&values, 2);
    status = ls_model_create(&model, &values.model, &head, 1, &input);
    ls_component_clear(&fragment_component, &values);
  }
  assert_int_equal(status, LS_INVALID);
  if (!strstr(ls_error_message(), message)) fail_msg("%s\nof %s", ls_error_message(), text);
  ls_job_free(&job);
}

static void failures(void **state) {
  (void)state;
  const ls_shape image = {3, {5, 3, 2}}, vector = {1, {30}};
  expect_failure("{max_pooling2d: {pool_size: [6, 2]}}", image, "window is 6 x 2, but the image");
  expect_failure("{average_pooling2d: 4}", image, "window is 4 x 4, but the image 5 x 3");
  expect_failure("{max_pooling2d: {pool_size: 1.5}}", image,
                 "pool_size: found '1.5' (expected an integer");
  expect_failure("{max_pooling2d: {pool_size: [1, 2, 3]}}", image,
                 "found 3 numbers (expected 1 or 2)");
  expect_failure("{max_pooling2d: {strides: [1, 2.5]}}", image,
                 "strides[1]: found '2.5' (expected an integer");
  expect_failure("{max_pooling2d: {pool_size: 0}}", image, "too small");
  expect_failure("{upsampling2d: 2.5}", image, "size: found '2.5' (expected an integer");
  expect_failure("{upsampling2d: 1024}, {upsampling2d: 1024}", image, "elements (expected at most");
  static const char *const layers[] = {"max_pooling2d", "average_pooling2d", "global_max_pooling2d",
                                       "global_average_pooling2d", "upsampling2d"};
  for (size_t k = 0; k < COUNT_OF(layers); k++) {
    expect_failure(layers[k], vector, "takes images [height, width, channel]");
  }
}

int main(void) {
  if (ls_compute_start() != LS_OK) return 1;
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(reference),    cmocka_unit_test(far_mean), cmocka_unit_test(no_samples),
      cmocka_unit_test(not_a_number), cmocka_unit_test(failures),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
