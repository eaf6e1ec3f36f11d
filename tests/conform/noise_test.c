/* Noise layers: what they add or replace, and when; noise depends on the sample, not on its place
 * in a batch. Reshape, which changes no element. */
#include "fragment.h"

#include "lockstep/random.h"
#include "nn/compute.h"

#include <string.h>

enum { WIDTH = 1001, SAMPLES = 40, ELEMENTS = SAMPLES * WIDTH };

/* A noise layer on the input, before one that can learn, which a model has to have: the identity.
 */
static subject make_noise(const char *layers) {
  char yaml[256];
  snprintf(yaml, sizeof yaml, "model: [%s, {dense: {units: %d, use_bias: false}}]", layers, WIDTH);
  subject s = make_subject(yaml, (ls_shape){1, {WIDTH}}, 10, SAMPLES);
  for (size_t i = 0; i < s.model->param_count; i++) s.weights[i] = i % (WIDTH + 1) == 0;
  return s;
}

/* The output for inputs of `value`, with sample numbers `first`, `first` - 1, ... */
static void pass(subject *s, ls_real value, bool training, uint64_t seed, uint32_t epoch,
                 uint32_t first, ls_real *out) {
  ls_batch *batch = ls_workspace_batch(s->workspace);
  batch->n = SAMPLES;
  for (size_t i = 0; i < ELEMENTS; i++) batch->x[i] = value;
  for (uint32_t i = 0; i < SAMPLES; i++) batch->ids[i] = first - i;
  memset(batch->labels[0], 0, SAMPLES * sizeof *batch->labels[0]);
  ls_outputs outputs = run_forward(s, training, seed, epoch);
  memcpy(out, outputs.y, ELEMENTS * sizeof *out);
}

/* The noise is a function of seed, epoch, layer and sample only. `second` is the same layer behind
 * another one. */
static void check_streams(const char *layer, const char *second) {
  size_t bytes = ELEMENTS * sizeof(ls_real);
  ls_real *noise = new_array(1, bytes), *other = new_array(1, bytes);
  const ls_real half = (ls_real)0.5;
  subject s = make_noise(layer), t = make_noise(second);
  pass(&s, half, true, 5, 2, 70, noise);
  pass(&s, half, true, 5, 2, 70, other);
  assert_memory_equal(noise, other, bytes);
  pass(&s, half, true, 5, 2, 71, other); /* each sample one place further on, with its own noise */
  assert_memory_equal(noise, other + WIDTH, bytes - WIDTH * sizeof *noise);
  for (size_t i = 1; i < SAMPLES; i++) {
    assert_memory_not_equal(noise, noise + i * WIDTH, WIDTH * sizeof *noise);
  }
  pass(&s, half, true, 6, 2, 70, other);
  assert_memory_not_equal(noise, other, bytes);
  pass(&s, half, true, 5, 3, 70, other);
  assert_memory_not_equal(noise, other, bytes);
  pass(&t, half, true, 5, 2, 70, other);
  assert_memory_not_equal(noise, other, bytes);
  pass(&s, half, false, 5, 2, 70, other);
  for (size_t i = 0; i < ELEMENTS; i++) assert_true(other[i] == half);
  free_subject(&s);
  free_subject(&t);
  free(noise);
  free(other);
}

static void streams(void **state) {
  (void)state;
  check_streams("{gaussian_noise: 0.3}", "{dropout: 0}, {gaussian_noise: 0.3}");
  check_streams("{salt_and_pepper: 0.3}", "{dropout: 0}, {salt_and_pepper: 0.3}");
}

static void gaussian(void **state) {
  (void)state;
  ls_real *noise = new_array(ELEMENTS, sizeof *noise);
  subject s = make_noise("{gaussian_noise: 0.3}");
  pass(&s, 2, true, 5, 2, 70, noise);
  double sums[5] = {0}, neighbours = 0, samples = 0; /* powers; products with others */
  for (size_t i = 0; i < ELEMENTS; i++) {
    double deviation = ((double)noise[i] - 2) / 0.3, power = 1;
    for (int k = 0; k <= 4; k++, power *= deviation) sums[k] += power;
    if (i + 1 < ELEMENTS) neighbours += deviation * ((double)noise[i + 1] - 2) / 0.3;
    if (i + WIDTH < ELEMENTS) samples += deviation * ((double)noise[i + WIDTH] - 2) / 0.3;
  }
  const double n = ELEMENTS; /* each within five standard errors */
  expect_near(sums[1], 0, 5 * sqrt(n));
  expect_near(sums[2], n, 5 * sqrt(2 * n));
  expect_near(sums[3], 0, 5 * sqrt(15 * n));
  expect_near(sums[4], 3 * n, 5 * sqrt(96 * n));
  expect_near(neighbours, 0, 5 * sqrt(n));
  expect_near(samples, 0, 5 * sqrt(n));
  free_subject(&s);
  free(noise);
}

/* Elements 2i and 2i + 1 follow from bits 2i and 2i + 1 by the Box-Muller transform. */
static void box_muller(void **state) {
  (void)state;
  ls_real *noise = new_array(ELEMENTS, sizeof *noise);
  subject s = make_noise("{gaussian_noise: 0.25}");
  pass(&s, 1, true, 5, 2, 70, noise);
  for (uint32_t sample = 0; sample < 3; sample++) {
    ls_stream stream = {5, LS_RANDOM_NOISE, 2, 0, 70 - sample};
    uint32_t bits[WIDTH + 1];
    ls_random_bits(stream, 0, WIDTH + 1, bits);
    for (size_t j = 0; j < WIDTH; j++) {
      double radius = sqrt(-2 * log(((bits[j & ~1UL] >> 8) + 1) / 16777216.0));
      double angle = 2 * acos(-1) * (bits[j | 1] >> 8) / 16777216.0;
      double expected = 1 + 0.25 * radius * (j % 2 ? sin(angle) : cos(angle));
      expect_near((double)noise[sample * WIDTH + j], expected, 5e-7);
    }
  }
  free_subject(&s);
  free(noise);
}

static void check_shares(const char *layer, bool training, double salt, double pepper) {
  ls_real *noise = new_array(ELEMENTS, sizeof *noise);
  subject s = make_noise(layer);
  pass(&s, (ls_real)0.5, training, 5, 2, 70, noise);
  double ones = 0, zeros = 0;
  for (size_t i = 0; i < ELEMENTS; i++) {
    ones += noise[i] == 1;
    zeros += noise[i] == 0;
    assert_true(noise[i] == 1 || noise[i] == 0 || noise[i] == (ls_real)0.5);
  }
  const double n = ELEMENTS;
  expect_near(ones, salt * n, 5 * sqrt(salt * (1 - salt) * n));
  expect_near(zeros, pepper * n, 5 * sqrt(pepper * (1 - pepper) * n));
  free_subject(&s);
  free(noise);
}

static void salt_and_pepper(void **state) {
  (void)state;
  check_shares("{salt_and_pepper: 0.3}", true, 0.15, 0.15);
  check_shares("{salt_and_pepper: {amount: 0.4, ratio: 0.75}}", true, 0.3, 0.1);
  check_shares("{salt_and_pepper: {amount: 1, ratio: 0}}", true, 0, 1);
  check_shares("{salt_and_pepper: 0}", true, 0, 0);
  check_shares("{salt_and_pepper: 0.3}", false, 0, 0);
  check_shares("{salt_and_pepper: {amount: 0.3, always: true}}", false, 0.15, 0.15);
}

/* A reshaped sample keeps its elements; -1 stands for the remaining factor. */
static void reshape(void **state) {
  (void)state;
  static const struct {
    const char *yaml;
    ls_shape output;
  } cases[] = {
      {"[2, 3, 4]", {3, {2, 3, 4}}},
      {"[-1, 4]", {2, {6, 4}}},
      {"24", {1, {24}}},
      {"[2, -1, 2, 2]", {4, {2, 3, 2, 2}}},
  };
  for (size_t i = 0; i < COUNT_OF(cases); i++) {
    char yaml[256];
    snprintf(yaml, sizeof yaml, "model: [{dense: 24}, {reshape: %s}]\nloss: mean_squared_error",
             cases[i].yaml);
    subject s = make_subject(yaml, (ls_shape){1, {5}}, 3, 2);
    const ls_shape *output = &s.model->heads[0].output;
    assert_int_equal(output->rank, cases[i].output.rank);
    for (int k = 0; k < output->rank; k++) {
      assert_int_equal(output->extent[k], cases[i].output.extent[k]);
    }
    free_subject(&s);
  }
}

static void expect_refused(const char *yaml, const char *expected) {
  fragment values;
  ls_job *job = NULL;
  ls_model *model = NULL;
  const ls_shape input = {1, {12}};
  int status = ls_job_read(&job, "job.yaml", yaml, NULL, 0, &fragment_component);
  if (status == LS_OK && ls_job_bind(job, 0, &values) == LS_OK) {
    ls_head_spec head = fragment_head(&values, 3);
    status = ls_model_create(&model, &values.model, &head, 1, &input);
    ls_component_clear(&fragment_component, &values);
  }
  assert_int_equal(status, LS_INVALID);
  if (!strstr(ls_error_message(), expected)) fail_msg("'%s'", ls_error_message());
  ls_job_free(&job);
}

static void refusals(void **state) {
  (void)state;
  const char *misfit = "has 12 elements, which don't fit target_shape";
  expect_refused("model: [{reshape: [5, 2]}, flatten, {dense: 3}]", misfit);
  expect_refused("model: [{reshape: [5, -1]}, flatten, {dense: 3}]", misfit);
  expect_refused("model: [{reshape: [2000000000, 2000000000, 2000000000]}, {dense: 3}]", misfit);
  expect_refused("model: [{reshape: [-1, -1]}, {dense: 3}]", "one -1 only");
  expect_refused("model: [{reshape: [2.5, 2]}, {dense: 3}]", "found '2.5' (expected an integer");
  expect_refused("model: [{reshape: [0, 12]}, {dense: 3}]", "positive integers, or -1");
  expect_refused("model: [{reshape: []}, {dense: 3}]", "found 0 numbers (expected 1 to 4)");
  expect_refused("model: [{reshape: [1, 1, 1, 1, 12]}, {dense: 3}]",
                 "found 5 numbers (expected 1 to 4)");
}

int main(void) {
  if (ls_compute_start() != LS_OK) return 1;
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(streams),         cmocka_unit_test(gaussian), cmocka_unit_test(box_muller),
      cmocka_unit_test(salt_and_pepper), cmocka_unit_test(reshape),  cmocka_unit_test(refusals),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
