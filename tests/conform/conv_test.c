/* conv2d and conv2d_transpose against PyTorch, whose results are in tests/reference/conv.txt (see
 * make_conv.py there for what is in it): outputs and all gradients, within 2e-5 of an array's
 * largest element in single precision, 1e-12 in double. Independence of samples; frozen
 * layers. */
#include "fragment.h"

#include "nn/compute.h"
#include "nn/families.h"
#include "nn/products/kernels.h"
#include "nn/shards.h"

#include <string.h>

enum { SAMPLES = 2, SPREAD = 10, LAST = SAMPLES - 1 };

static const double tolerance = sizeof(ls_real) == 4 ? 2e-5 : 1e-12;

/* The settings are those in make_conv.py. */
typedef struct convolution_case {
  const char *name, *layer;
  ls_shape input;
} convolution_case;

static const convolution_case cases[] = {
    {"valid", "conv2d: {filters: 3, kernel_size: 3}", {3, {7, 8, 2}}},
    {"same", "conv2d: {filters: 3, kernel_size: [3], padding: same}", {3, {7, 8, 2}}},
    {"strides", "conv2d: {filters: 3, kernel_size: 3, strides: 2}", {3, {8, 9, 2}}},
    {"same_strides",
     "conv2d: {filters: 2, kernel_size: [3, 4], strides: [2, 3], padding: same}",
     {3, {8, 9, 3}}},
    {"dilation",
     "conv2d: {filters: 3, kernel_size: [3, 2], dilation_rate: [2, 3]}",
     {3, {8, 9, 2}}},
    {"same_dilation",
     "conv2d: {filters: 3, kernel_size: [3, 2], dilation_rate: [2, 3], padding: same}",
     {3, {8, 9, 1}}},
    {"pointwise", "conv2d: {filters: 4, kernel_size: 1, use_bias: false}", {3, {5, 4, 3}}},
    {"whole", "conv2d: {filters: 3, kernel_size: [6, 5]}", {3, {6, 5, 2}}},
    {"larger", "conv2d: {filters: 3, kernel_size: [5, 7], padding: same}", {3, {3, 4, 2}}},
    {"tiles_3", "conv2d: {filters: 9, kernel_size: 3}", {3, {11, 9, 8}}},
    {"tiles_5", "conv2d: {filters: 8, kernel_size: 5, padding: same}", {3, {9, 10, 9}}},
    {"tiles_2_4",
     "conv2d: {filters: 8, kernel_size: [2, 4], padding: same, use_bias: false}",
     {3, {9, 8, 8}}},
    {"many_rows", "conv2d: {filters: 2, kernel_size: 5, padding: same}", {3, {60, 60, 1}}},
    {"many_tiles", "conv2d: {filters: 32, kernel_size: 3, padding: same}", {3, {32, 33, 32}}},
    {"up", "conv2d_transpose: {filters: 3, kernel_size: 3}", {3, {4, 3, 2}}},
    {"up_strides",
     "conv2d_transpose: {filters: 3, kernel_size: [3, 4], strides: 2}",
     {3, {4, 3, 2}}},
    {"up_same",
     "conv2d_transpose: {filters: 2, kernel_size: [4, 3], strides: [3, 2], padding: same}",
     {3, {4, 5, 3}}},
    {"up_gaps",
     "conv2d_transpose: {filters: 3, kernel_size: [2, 1], strides: [3, 2]}",
     {3, {4, 3, 2}}},
    {"up_dilation",
     "conv2d_transpose: {filters: 3, kernel_size: [3, 2], dilation_rate: 2, padding: same,"
     " use_bias: false}",
     {3, {4, 3, 2}}},
    {"up_tiles", "conv2d_transpose: {filters: 8, kernel_size: [3, 4]}", {3, {7, 6, 8}}},
};

/* A model's first layer by itself, with all its inputs and outputs. */
typedef struct bench {
  subject model;
  const ls_layer *layer;
  size_t in, out; /* elements of a sample */
  ls_real *x, *y, *dy, *dx;
  void *scratch;
  const ls_kernels *kernels;
  const ls_choice *activation; /* that the layer applies itself; NULL: none */
} bench;

static bench make_bench(const char *layer, ls_shape input) {
  char text[256];
  snprintf(text, sizeof text, "model: [{%s}, flatten, {dense: {units: 4, activation: softmax}}]",
           layer);
  bench b = {.model = make_subject(text, input, 4, SAMPLES)};
  b.layer = &b.model.model->layers[0];
  b.kernels = ls_kernels_default();
  b.in = (size_t)ls_shape_size(&b.layer->input);
  b.out = (size_t)ls_shape_size(&b.layer->output);
  b.x = new_array(SAMPLES * b.in, sizeof(ls_real));
  b.dx = new_array(SAMPLES * b.in, sizeof(ls_real));
  b.y = new_array(SAMPLES * b.out, sizeof(ls_real));
  b.dy = new_array(SAMPLES * b.out, sizeof(ls_real));
  b.scratch = new_array(1, b.layer->scratch_bytes);
  for (size_t i = 0; i < SAMPLES * b.in; i++) b.x[i] = some_number(i);
  for (size_t i = 0; i < SAMPLES * b.out; i++) b.dy[i] = some_number(30000 + i);
  for (size_t k = 0; k < b.layer->param_count; k++) {
    const ls_param *param = &b.layer->params[k];
    ls_real *values = b.model.weights + param->offset;
    for (size_t i = 0; i < param->count; i++) values[i] = some_number(10000 * (k + 1) + i);
  }
  return b;
}

static void free_bench(bench *b) {
  free_subject(&b->model);
  free(b->x);
  free(b->dx);
  free(b->y);
  free(b->dy);
  free(b->scratch);
}

/* Forward and backward of `n` samples from `first` on, in shards whose sums are on the stack
 * `gradient`. Elements that aren't set are NaN. */
static void run_shards(bench *b, size_t first, size_t n, const ls_shards *shards, ls_real *gradient,
                       bool wants_dx) {
  for (size_t i = 0; i < b->model.model->param_count; i++) gradient[i] = (ls_real)NAN;
  for (size_t i = 0; i < n * b->in; i++) b->dx[first * b->in + i] = (ls_real)NAN;
  for (size_t i = 0; i < n * b->out; i++) b->y[first * b->out + i] = (ls_real)NAN;
  memset(b->scratch, 0xff, b->layer->scratch_bytes);
  ls_pass pass = {.n = n,
                  .kernels = b->kernels,
                  .weights = b->model.weights,
                  .x = b->x + first * b->in,
                  .y = b->y + first * b->out,
                  .scratch = b->scratch,
                  .shards = shards,
                  .activation = b->activation,
                  .training = true};
  b->layer->type->forward(b->layer, &pass);
  memset(b->scratch, 0xff, b->layer->scratch_bytes);
  pass.dy = b->dy + first * b->out;
  pass.dx = wants_dx ? b->dx + first * b->in : NULL;
  pass.gradient = gradient;
  pass.scale = 1;
  b->layer->type->backward(b->layer, &pass);
}

/* The same with all samples in one shard, the gradient in the model's. */
static void run(bench *b, size_t first, size_t n, bool wants_dx) {
  ls_shards one;
  assert_int_equal(ls_shards_create(&one, 0, 1), LS_OK);
  one.begin[1] = n;
  run_shards(b, first, n, &one, b->model.gradient, wants_dx);
  ls_shards_destroy(&one);
}

/* The line of the reference that begins with these two words: its numbers, the last of which is the
 * dot product. */
static void read_reference(const char *name, const char *array, size_t count,
                           double numbers[SPREAD + 1]) {
  FILE *file = fopen("tests/reference/conv.txt", "r");
  if (!file) fail_msg("no tests/reference/conv.txt (run this in the project's folder)");
  char found_name[32], found_array[32];
  size_t length;
  while (fscanf(file, "%31s %31s %zu", found_name, found_array, &length) == 3) {
    for (size_t i = 0; i <= SPREAD; i++) assert_int_equal(fscanf(file, "%lf", &numbers[i]), 1);
    if (strcmp(found_name, name) != 0 || strcmp(found_array, array) != 0) continue;
    assert_int_equal(length, count);
    fclose(file);
    return;
  }
  fail_msg("no %s of %s in the reference", array, name);
}

static void check_array(const char *name, const char *array, size_t count, const ls_real *values) {
  double expected[SPREAD + 1], largest = 0, size = 0, dot = 0;
  read_reference(name, array, count, expected);
  for (size_t i = 0; i < count; i++) {
    double product = (double)values[i] * (double)some_number(i);
    dot += product;
    size += fabs(product);
    largest = fmax(largest, fabs((double)values[i]));
  }
  for (size_t i = 0; i < SPREAD; i++) {
    double error = fabs((double)values[count * i / SPREAD] - expected[i]);
    if (!(error <= tolerance * largest)) {
      fail_msg("%s of %s: element %zu is %g, expected %g", array, name, count * i / SPREAD,
               (double)values[count * i / SPREAD], expected[i]);
    }
  }
  if (!(fabs(dot - expected[SPREAD]) <= tolerance * size)) {
    fail_msg("%s of %s: its dot product is %g, expected %g", array, name, dot, expected[SPREAD]);
  }
}

static void values(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT_OF(cases); i++) {
    bench b = make_bench(cases[i].layer, cases[i].input);
    const ls_param *params = b.layer->params;
    run(&b, 0, SAMPLES, true);
    check_array(cases[i].name, "y", SAMPLES * b.out, b.y);
    check_array(cases[i].name, "dx", SAMPLES * b.in, b.dx);
    check_array(cases[i].name, "d_kernel", params[0].count, b.model.gradient + params[0].offset);
    if (b.layer->param_count > 1) {
      check_array(cases[i].name, "d_bias", params[1].count, b.model.gradient + params[1].offset);
    }
    free_bench(&b);
  }
}

static void expect_same(size_t count, const ls_real *values, const ls_real *expected) {
  double largest = 0;
  for (size_t i = 0; i < count; i++) largest = fmax(largest, fabs((double)expected[i]));
  for (size_t i = 0; i < count; i++) {
    expect_near((double)values[i], (double)expected[i], tolerance / 4 * largest);
  }
}

/* A sample alone and after another one, which may share a product of matrices with it; the kernel's
 * gradient without dx, to the bit; that of no samples. */
static void samples_apart(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT_OF(cases); i++) {
    bench b = make_bench(cases[i].layer, cases[i].input);
    bench other = make_bench(cases[i].layer, cases[i].input);
    size_t count = b.layer->params[0].count;
    run(&b, 0, SAMPLES, true);
    run(&other, 0, SAMPLES, false);
    assert_memory_equal(other.model.gradient, b.model.gradient, count * sizeof(ls_real));
    assert_true(isnan((double)other.dx[0]));
    run(&other, LAST, 1, true);
    expect_same(b.out, other.y + LAST * b.out, b.y + LAST * b.out);
    expect_same(b.in, other.dx + LAST * b.in, b.dx + LAST * b.in);
    run(&other, 0, 0, true);
    for (size_t k = 0; k < count; k++) assert_true(other.model.gradient[k] == 0);
    free_bench(&b);
    free_bench(&other);
  }
}

/* Samples in shards of their own: the gradient is the sum of theirs, all else as in one shard. */
static void shards_added(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT_OF(cases); i++) {
    bench b = make_bench(cases[i].layer, cases[i].input);
    bench whole = make_bench(cases[i].layer, cases[i].input);
    const size_t count = b.model.model->param_count;
    ls_real *stack = new_array(2 * count, sizeof *stack);
    ls_shards two;
    assert_int_equal(ls_shards_create(&two, 0, 2), LS_OK);
    for (size_t k = 0; k <= two.count; k++) two.begin[k] = k;
    two.stride = count;
    run_shards(&b, 0, SAMPLES, &two, stack, true);
    run(&whole, 0, SAMPLES, true);
    assert_memory_equal(b.y, whole.y, SAMPLES * b.out * sizeof *b.y);
    assert_memory_equal(b.dx, whole.dx, SAMPLES * b.in * sizeof *b.dx);
    run(&whole, 0, 1, true);
    run(&b, 1, 1, true);
    const ls_param *last = &b.layer->params[b.layer->param_count - 1];
    for (size_t k = 0; k < last->offset + last->count; k++) {
      assert_true(stack[k] == whole.model.gradient[k] + b.model.gradient[k]);
    }
    ls_shards_destroy(&two);
    free(stack);
    free_bench(&b);
    free_bench(&whole);
  }
}

/* Forward and backward with an activation are those of the layer with the activation behind it, to
 * the bit. */
static void activation_applied(void **state) {
  (void)state;
  const ls_activation_type *type = &ls_activation_tanh;
  const ls_choice chosen = {.type = &type->component};
  size_t checked = 0;
  for (size_t i = 0; i < COUNT_OF(cases); i++) {
    bench b = make_bench(cases[i].layer, cases[i].input);
    bench plain = make_bench(cases[i].layer, cases[i].input);
    const ls_param *last = &b.layer->params[b.layer->param_count - 1];
    const size_t width = (size_t)b.layer->output.extent[2], rows = SAMPLES * b.out / width;
    if (b.layer->type->activates) {
      b.activation = &chosen;
      run(&b, 0, SAMPLES, true);
      run(&plain, 0, SAMPLES, true);
      type->forward(NULL, rows, width, plain.y, plain.y);
      assert_memory_equal(b.y, plain.y, SAMPLES * b.out * sizeof *b.y);
      type->backward(NULL, rows, width, NULL, plain.y, plain.dy, plain.dy);
      run(&plain, 0, SAMPLES, true);
      assert_memory_equal(b.dx, plain.dx, SAMPLES * b.in * sizeof *b.dx);
      assert_memory_equal(b.model.gradient, plain.model.gradient,
                          (last->offset + last->count) * sizeof(ls_real));
      checked++;
    }
    free_bench(&b);
    free_bench(&plain);
  }
  assert_true(checked > 10);
}

/* Patches that are read in place give the bits of those that are copied. */
static void expect_bits_of_copies(const char *layer, ls_shape input) {
  ls_kernels copying = *ls_kernels_default();
  copying.multiply_indexed = NULL;
  bench b = make_bench(layer, input), other = make_bench(layer, input);
  const ls_param *last = &b.layer->params[b.layer->param_count - 1];
  other.kernels = &copying;
  run(&b, 0, SAMPLES, true);
  run(&other, 0, SAMPLES, true);
  assert_memory_equal(b.y, other.y, SAMPLES * b.out * sizeof *b.y);
  assert_memory_equal(b.dx, other.dx, SAMPLES * b.in * sizeof *b.dx);
  assert_memory_equal(b.model.gradient, other.model.gradient,
                      (last->offset + last->count) * sizeof(ls_real));
  free_bench(&b);
  free_bench(&other);
}

/* The last layer's padding would take more memory than patches do: they are always copied. */
static void in_place(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT_OF(cases); i++)
    expect_bits_of_copies(cases[i].layer, cases[i].input);
  expect_bits_of_copies("conv2d: {filters: 40, kernel_size: 9}", (ls_shape){3, {30, 20, 3}});
  expect_bits_of_copies(
      "conv2d: {filters: 2, kernel_size: 3, dilation_rate: 100000, padding: same}",
      (ls_shape){3, {7, 8, 2}});
}

/* The gradient of a channel of the image depends on the kernel's elements of that channel alone: it
 * has the bits of a convolution of images of one channel, for which the order of patches in memory
 * is another. The images are small enough for all patches to be computed at once. */
static void expect_channel(const bench *b, bench *single, size_t channel, size_t channels) {
  const ls_param *kernel = &b->layer->params[0], *part = &single->layer->params[0];
  const size_t filters = (size_t)b->layer->output.extent[2];
  const ls_real *from = b->model.weights + kernel->offset;
  ls_real *to = single->model.weights + part->offset;
  for (size_t i = 0; i < part->count; i++) {
    to[i] = from[(i / filters * channels + channel) * filters + i % filters];
  }
  run(single, 0, SAMPLES, true);
  for (size_t i = 0; i < SAMPLES * single->in; i++) {
    assert_memory_equal(&single->dx[i], &b->dx[i * channels + channel], sizeof(ls_real));
  }
}

static void channels_apart(void **state) {
  (void)state;
  enum { CHANNELS = 5 };
  static const char *const layers[] = {
      "conv2d: {filters: 8, kernel_size: 4}",
      "conv2d: {filters: 9, kernel_size: [3, 5], padding: same}",
      "conv2d: {filters: 8, kernel_size: [3, 2], strides: [2, 3], padding: same}",
      "conv2d: {filters: 8, kernel_size: [3, 2], dilation_rate: [2, 3], padding: same}",
      "conv2d: {filters: 20, kernel_size: [9, 1]}",
  };
  for (size_t i = 0; i < COUNT_OF(layers); i++) {
    bench b = make_bench(layers[i], (ls_shape){3, {20, 16, CHANNELS}});
    bench single = make_bench(layers[i], (ls_shape){3, {20, 16, 1}});
    run(&b, 0, SAMPLES, true);
    for (size_t c = 0; c < CHANNELS; c++) expect_channel(&b, &single, c, CHANNELS);
    free_bench(&b);
    free_bench(&single);
  }
}

/* Patches of which no copy is made: kernels that can read them in place multiply nothing else. */
static void multiply_none(const ls_product *p, const ls_real *a, const ls_real *b, ls_real *c) {
  (void)p, (void)a, (void)b, (void)c;
  fail_msg("a copy of patches is multiplied");
}

static void no_copies(void **state) {
  (void)state;
  static const char *const layers[] = {
      "conv2d: {filters: 3, kernel_size: 4}",
      "conv2d: {filters: 3, kernel_size: 7, padding: same}",
      "conv2d: {filters: 8, kernel_size: 3, strides: 2, padding: same}",
      "conv2d: {filters: 8, kernel_size: [9, 1]}",
      "conv2d: {filters: 8, kernel_size: 3, dilation_rate: 2}",
  };
  ls_kernels kernels = *ls_kernels_default();
  kernels.multiply = multiply_none;
  for (size_t i = 0; i < COUNT_OF(layers); i++) {
    bench b = make_bench(layers[i], (ls_shape){3, {12, 11, 8}});
    b.kernels = &kernels;
    run(&b, 0, SAMPLES, false);
    free_bench(&b);
  }
}

/* A pixel that is NaN makes all filters NaN, and no other sample. */
static void not_a_number(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT_OF(cases); i++) {
    bench b = make_bench(cases[i].layer, cases[i].input);
    b.x[b.in / 2] = (ls_real)NAN;
    run(&b, 0, SAMPLES, true);
    size_t found = 0;
    for (size_t k = 0; k < b.out; k++) found += isnan((double)b.y[k]);
    assert_true(found >= (size_t)b.layer->output.extent[2]);
    for (size_t k = b.out; k < 2 * b.out; k++) assert_false(isnan((double)b.y[k]));
    free_bench(&b);
  }
}

/* Frozen: the input's gradient is computed, those of parameters are unchanged. */
static void frozen(void **state) {
  (void)state;
  static const char *const pairs[][2] = {
      {"conv2d: {filters: 3, kernel_size: 3}",
       "conv2d: {filters: 3, kernel_size: 3, trainable: false}"},
      {"conv2d: {filters: 8, kernel_size: 3}",
       "conv2d: {filters: 8, kernel_size: 3, trainable: false}"},
      {"conv2d_transpose: {filters: 3, kernel_size: 3}",
       "conv2d_transpose: {filters: 3, kernel_size: 3, trainable: false}"},
  };
  for (size_t i = 0; i < COUNT_OF(pairs); i++) {
    bench learning = make_bench(pairs[i][0], (ls_shape){3, {7, 8, 8}});
    bench still = make_bench(pairs[i][1], (ls_shape){3, {7, 8, 8}});
    run(&learning, 0, SAMPLES, true);
    run(&still, 0, SAMPLES, true);
    assert_memory_equal(still.dx, learning.dx, SAMPLES * still.in * sizeof(ls_real));
    for (size_t k = 0; k < still.model.model->param_count; k++) {
      assert_true(isnan((double)still.model.gradient[k]));
    }
    free_bench(&learning);
    free_bench(&still);
  }
}

static void expect_shape(const ls_shape *shape, const ls_shape *expected) {
  assert_int_equal(shape->rank, expected->rank);
  for (int i = 0; i < shape->rank; i++) {
    assert_int_equal(shape->extent[i], expected->extent[i]);
  }
}

/* Shapes, numbers of parameters, and fans, as in Keras. */
static void shapes(void **state) {
  (void)state;
  static const struct {
    const char *layer;
    ls_shape input, output, kernel;
    int64_t fan_in, fan_out;
  } expected[] = {
      {"conv2d: {filters: 45, kernel_size: 5}",
       {3, {28, 28, 1}},
       {3, {24, 24, 45}},
       {4, {5, 5, 1, 45}},
       25,
       1125},
      {"conv2d: {filters: 6, kernel_size: [3, 5], strides: [3, 2], padding: same}",
       {3, {28, 27, 2}},
       {3, {10, 14, 6}},
       {4, {3, 5, 2, 6}},
       30,
       90},
      {"conv2d: {filters: 6, kernel_size: 3, dilation_rate: 4}",
       {3, {9, 10, 2}},
       {3, {1, 2, 6}},
       {4, {3, 3, 2, 6}},
       18,
       54},
      {"conv2d_transpose: {filters: 6, kernel_size: [3, 5], strides: 2}",
       {3, {7, 8, 4}},
       {3, {15, 19, 6}},
       {4, {3, 5, 6, 4}},
       90,
       60},
      {"conv2d_transpose: {filters: 6, kernel_size: 3, strides: [4, 2], padding: same}",
       {3, {7, 8, 4}},
       {3, {28, 16, 6}},
       {4, {3, 3, 6, 4}},
       54,
       36},
  };
  for (size_t i = 0; i < COUNT_OF(expected); i++) {
    bench b = make_bench(expected[i].layer, expected[i].input);
    expect_shape(&b.layer->output, &expected[i].output);
    expect_shape(&b.layer->params[0].shape, &expected[i].kernel);
    assert_int_equal(b.layer->params[0].fan_in, expected[i].fan_in);
    assert_int_equal(b.layer->params[0].fan_out, expected[i].fan_out);
    assert_int_equal(b.layer->params[1].count, expected[i].output.extent[2]);
    free_bench(&b);
  }
}

int main(void) {
  if (ls_compute_start() != LS_OK) return 1;
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(values),       cmocka_unit_test(samples_apart),
      cmocka_unit_test(shards_added), cmocka_unit_test(activation_applied),
      cmocka_unit_test(not_a_number), cmocka_unit_test(frozen),
      cmocka_unit_test(shapes),       cmocka_unit_test(in_place),
      cmocka_unit_test(no_copies),    cmocka_unit_test(channels_apart),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
