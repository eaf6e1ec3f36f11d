/* The layers that change images at random in training: compared with SciPy where nothing is random,
 * and with exact shifts and turns; and properties that all of them have. Distributions are tested
 * in augment_random_test.c. */
#include "augmenter.h"

static const double tolerance = sizeof(ls_real) == 4 ? 2e-5 : 1e-8;

static void fill_images(augmenter *a) {
  for (size_t i = 0; i < CAPACITY * a->size; i++) a->x[i] = some_number(i);
}

static void expect_same(const ls_real *a, const ls_real *b, size_t count) {
  for (size_t i = 0; i < count; i++) expect_near((double)a[i], (double)b[i], 0);
}

static bool same(const ls_real *a, const ls_real *b, size_t count) {
  return memcmp(a, b, count * sizeof *a) == 0;
}

/* ---- Against SciPy --------------------------------------------------------------------------- */

enum { HEIGHT = 5, WIDTH = 7, MOST = HEIGHT * WIDTH * 2 };

#define MODES(name, layer, factors)                                                                \
  {name "_reflect", "{" layer ": {" factors "}}", 1},                                              \
      {name "_constant", "{" layer ": {" factors ", fill_mode: constant, fill_value: 0.25}}", 1},  \
  {                                                                                                \
    name "_nearest", "{" layer ": {" factors ", fill_mode: nearest}}", 1                           \
  }

/* The settings of tests/reference/make_augment.py. */
static const struct {
  const char *name, *layer;
  int64_t channels;
} references[] = {
    MODES("translation", "random_translation",
          "height_factor: [0.3, 0.3], width_factor: [-0.45, -0.45]"),
    MODES("rotation", "random_rotation", "factor: [0.07, 0.07]"),
    MODES("zoom", "random_zoom", "height_factor: [0.9, 0.9], width_factor: [0.35, 0.35]"),
    {"zoom_in", "{random_zoom: {height_factor: [-0.4, -0.4]}}", 1},
    {"channels", "{random_rotation: {factor: [-0.2, -0.2]}}", 2},
    {"nearest_pixel", "{random_rotation: {factor: [0.07, 0.07], interpolation: nearest}}", 1},
    {"affine",
     "{random_affine: {rotation: [0.1, 0.1], shear: [0.3, 0.3], height_zoom: [0.2, 0.2],"
     " width_zoom: [-0.1, -0.1], height_translation: [0.1, 0.1], width_translation: [0.2, 0.2]}}",
     1},
    {"elastic", "{elastic_transform: {alpha: 12, sigma: 1.3}}", 1},
    {"elastic_wide", "{elastic_transform: {alpha: 60, sigma: 5, fill_mode: nearest}}", 1},
};

/* Reads the next array of the reference, which must have this name. */
static void read_next(FILE *file, const char *name, size_t count, double *values) {
  char found[64];
  size_t length = 0;
  assert_int_equal(fscanf(file, "%63s %zu", found, &length), 2);
  assert_string_equal(found, name);
  assert_int_equal(length, count);
  for (size_t i = 0; i < count; i++) assert_int_equal(fscanf(file, "%lf", &values[i]), 1);
}

static void as_scipy(void **state) {
  (void)state;
  FILE *file = fopen("tests/reference/augment.txt", "r");
  if (!file) fail_msg("no tests/reference/augment.txt (run this in the project's folder)");
  for (size_t k = 0; k < COUNT_OF(references); k++) {
    double expected[MOST];
    augmenter a = make_augmenter(references[k].layer, HEIGHT, WIDTH, references[k].channels);
    read_next(file, references[k].name, a.size, expected);
    for (size_t i = 0; i < a.size; i++) a.x[i] = (ls_real)sin(1 + (double)(i * i));
    a.pass.seed = (uint64_t)7 << 32 | 5;
    a.pass.epoch = 3;
    run_sample(&a, 11);
    for (size_t i = 0; i < a.size; i++) {
      if (fabs((double)a.y[i] - expected[i]) <= tolerance) continue;
      fail_msg("%s: element %zu is %g, expected %g", references[k].name, i, (double)a.y[i],
               expected[i]);
    }
    free_augmenter(&a);
  }
  fclose(file);
}

/* ---- All of them ----------------------------------------------------------------------------- */

/* With factors so large that no two images are equal. */
static const char *const layers[] = {
    "{random_translation: {height_factor: 0.3, width_factor: 0.2, fill_mode: constant}}",
    "{random_rotation: {factor: 0.5, fill_mode: nearest}}",
    "{random_zoom: {height_factor: 0.3, width_factor: 0.3}}",
    "{random_affine: {rotation: 0.1, shear: 0.2, height_zoom: 0.2, fill_mode: constant}}",
    "elastic_transform",
    "{random_erasing: {factor: [1, 1]}}",
    "random_flip",
};

static augmenter make_common(size_t which) {
  augmenter a = make_augmenter(layers[which], 6, 5, 3);
  fill_images(&a);
  a.pass.n = CAPACITY;
  for (size_t i = 0; i < CAPACITY; i++) a.ids[i] = (uint32_t)(90 - 7 * i);
  return a;
}

static void nothing_outside_of_training(void **state) {
  (void)state;
  for (size_t k = 0; k < COUNT_OF(layers); k++) {
    augmenter a = make_common(k);
    a.pass.training = false;
    run(&a);
    expect_same(a.y, a.x, CAPACITY * a.size);
    free_augmenter(&a);
  }
}

/* A sample's output does not depend on the other samples, nor on working in place. */
static void depends_on_sample_alone(void **state) {
  (void)state;
  for (size_t k = 0; k < COUNT_OF(layers); k++) {
    augmenter whole = make_common(k), one = make_common(k);
    run(&whole);
    for (size_t i = 0; i < CAPACITY; i++) {
      memcpy(one.x, whole.x + i * one.size, one.size * sizeof *one.x);
      run_sample(&one, whole.ids[i]);
      expect_same(one.y, whole.y + i * one.size, one.size);
    }
    whole.pass.y = whole.x;
    whole.layer->type->forward(whole.layer, &whole.pass);
    expect_same(whole.x, whole.y, CAPACITY * whole.size);
    free_augmenter(&whole);
    free_augmenter(&one);
  }
}

static void differs_by_stream(void **state) {
  (void)state;
  for (size_t k = 0; k < COUNT_OF(layers); k++) {
    augmenter a = make_common(k), b = make_common(k);
    size_t count = CAPACITY * a.size;
    run(&a);
    b.pass.epoch = 1;
    run(&b);
    assert_false(same(a.y, b.y, count));
    b.pass.epoch = 0, b.pass.seed++;
    run(&b);
    assert_false(same(a.y, b.y, count));
    b.pass.seed--, b.s.model->layers[0].index = 1;
    run(&b);
    assert_false(same(a.y, b.y, count));
    b.s.model->layers[0].index = 0;
    for (size_t i = 0; i < CAPACITY; i++) b.ids[i] += 1000;
    run(&b);
    assert_false(same(a.y, b.y, count));
    free_augmenter(&a);
    free_augmenter(&b);
  }
}

/* Forward is A x + b, and backward has to be A's transpose: v (A x) = (A^T v) x. */
static void backward_is_transpose(void **state) {
  (void)state;
  for (size_t k = 0; k < COUNT_OF(layers); k++) {
    augmenter a = make_common(k), zero = make_common(k);
    size_t count = CAPACITY * a.size;
    ls_real *v = new_array(count, sizeof *v), *dx = new_array(count, sizeof *dx);
    memset(zero.x, 0, count * sizeof *zero.x);
    run(&a);
    run(&zero);
    double forward = 0, backward = 0;
    for (size_t i = 0; i < count; i++) {
      v[i] = some_number(5000 + i);
      dx[i] = (ls_real)NAN; /* is set, not added to */
      forward += (double)v[i] * ((double)a.y[i] - (double)zero.y[i]);
    }
    a.pass.dy = v, a.pass.dx = dx;
    a.layer->type->backward(a.layer, &a.pass);
    for (size_t i = 0; i < count; i++) backward += (double)dx[i] * (double)a.x[i];
    expect_near(backward, forward, 20 * tolerance);
    a.pass.dx = v; /* in place */
    a.layer->type->backward(a.layer, &a.pass);
    expect_same(v, dx, count);
    free(v);
    free(dx);
    free_augmenter(&a);
    free_augmenter(&zero);
  }
}

static void keeps_nan(void **state) {
  (void)state;
  for (size_t k = 0; k < COUNT_OF(layers); k++) {
    augmenter a = make_common(k);
    for (size_t i = 0; i < CAPACITY * a.size; i++) a.x[i] = (ls_real)NAN;
    run(&a);
    for (size_t i = 0; i < CAPACITY; i++) {
      bool found = false;
      for (size_t j = 0; j < a.size; j++) found |= isnan(a.y[i * a.size + j]);
      assert_true(found);
    }
    free_augmenter(&a);
  }
}

/* ---- Exact ----------------------------------------------------------------------------------- */

static void whole_pixels_are_a_shift(void **state) {
  (void)state;
  augmenter a = make_augmenter("{random_translation: {height_factor: [0.25, 0.25], width_factor:"
                               " [-0.125, -0.125], fill_mode: constant, fill_value: 9}}",
                               8, 8, 1);
  fill_images(&a);
  run_sample(&a, 1);
  for (size_t i = 0; i < 8; i++) {
    for (size_t j = 0; j < 8; j++) {
      double expected = i < 2 || j == 7 ? 9 : (double)a.x[8 * (i - 2) + j + 1];
      expect_near((double)a.y[8 * i + j], expected, 0);
    }
  }
  free_augmenter(&a);
}

/* Counter-clockwise: the right edge becomes the top edge. */
static void right_angles_are_exact(void **state) {
  (void)state;
  static const char *const turns[] = {"{random_rotation: {factor: [0.25, 0.25]}}",
                                      "{random_rotation: {factor: [0.5, 0.5]}}",
                                      "{random_rotation: {factor: [-0.25, -0.25]}}"};
  for (size_t k = 0; k < 3; k++) {
    augmenter a = make_augmenter(turns[k], 6, 6, 1);
    fill_images(&a);
    run_sample(&a, 1);
    for (size_t i = 0; i < 6; i++) {
      for (size_t j = 0; j < 6; j++) {
        size_t from[] = {6 * j + 5 - i, 6 * (5 - i) + 5 - j, 6 * (5 - j) + i};
        expect_near((double)a.y[6 * i + j], (double)a.x[from[k]], 0);
      }
    }
    free_augmenter(&a);
  }
}

static void no_strength_is_no_change(void **state) {
  (void)state;
  static const char *const idle[] = {"{elastic_transform: {alpha: 0}}", "random_affine",
                                     "{random_rotation: 0}", "{random_erasing: {factor: 0}}"};
  for (size_t k = 0; k < COUNT_OF(idle); k++) {
    augmenter a = make_augmenter(idle[k], 6, 5, 3);
    fill_images(&a);
    run_sample(&a, 1);
    expect_same(a.y, a.x, a.size);
    free_augmenter(&a);
  }
}

/* ---- What is refused ------------------------------------------------------------------------- */

static void expect_refusal(const char *layer, const char *message) {
  char text[256];
  fragment values = {0};
  ls_job *job = NULL;
  ls_model *model = NULL;
  snprintf(text, sizeof text, "model: [%s, flatten, {dense: 4}]", layer);
  int status = ls_job_read(&job, "fragment", text, NULL, 0, &fragment_component);
  if (status == LS_OK) status = ls_job_bind(job, 0, &values);
  if (status == LS_OK) {
    ls_head_spec head = fragment_head(&values, 4);
    status = ls_model_create(&model, &values.model, &head, 1, &(ls_shape){1, {25}});
    ls_component_clear(&fragment_component, &values);
  }
  assert_int_equal(status, LS_INVALID);
  if (!strstr(ls_error_message(), message)) fail_msg("%s", ls_error_message());
  ls_job_free(&job);
}

static void refuses_what_makes_no_sense(void **state) {
  (void)state;
  expect_refusal("{random_rotation: 0.1}", "takes images");
  expect_refusal("elastic_transform", "takes images");
  expect_refusal("random_flip", "takes images");
  expect_refusal("random_erasing", "takes images");
  expect_refusal("{random_rotation: {factor: [0, 0.1, 0.2]}}",
                 "factor: found 3 numbers (expected 1 or 2)");
  expect_refusal("{random_affine: {shear: []}}", "found 0 numbers (expected 1 or 2)");
  expect_refusal("{random_erasing: {scale: []}}", "found 0 numbers (expected 1 or 2)");
  expect_refusal("{random_zoom: 1.5}", "1.5 is too large");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(as_scipy),
      cmocka_unit_test(nothing_outside_of_training),
      cmocka_unit_test(depends_on_sample_alone),
      cmocka_unit_test(differs_by_stream),
      cmocka_unit_test(backward_is_transpose),
      cmocka_unit_test(keeps_nan),
      cmocka_unit_test(whole_pixels_are_a_shift),
      cmocka_unit_test(right_angles_are_exact),
      cmocka_unit_test(no_strength_is_no_change),
      cmocka_unit_test(refuses_what_makes_no_sense),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
