/* Whole models: numbers of parameters, names, independence of the samples of a batch, dropout, NaN,
 * penalties. */
#include "fragment.h"

#include "nn/compute.h"

#include <string.h>

static const ls_shape image = {3, {28, 28, 1}};

static void parameter_counts(void **state) {
  (void)state;
  static const struct {
    const char *yaml;
    size_t count;
  } cases[] = {
      {"model: [{dense: 64}, {dense: 64}, {dense: 10}]", 55050},
      {"model: [{dense: 500}, {dense: 300}, {dense: 10}]", 545810},
      {"model: [{dense: 125}, {dense: 100}, {dense: 50}, {dense: 10}]", 116285},
      {"model: [{dense: {units: 100, activation: sigmoid}}, {dense: 10}]", 79510},
      {"model: [{dense: {units: 10, use_bias: false}}]", 7840},
  };
  for (size_t i = 0; i < COUNT_OF(cases); i++) {
    subject s = make_subject(cases[i].yaml, image, 10, 1);
    assert_int_equal(s.model->param_count, cases[i].count);
    free_subject(&s);
  }
}

/* Names are Keras's; the activation that is fused with the loss is left out. */
static void structure(void **state) {
  (void)state;
  static const char *const names[] = {"flatten", "dense", "activation", "dropout", "dense_1"};
  subject s = make_subject("model: [{dense: {units: 8, activation: relu}}, {dropout: 0.5},"
                           " {dense: {units: 10, activation: softmax}}]",
                           image, 10, 1);
  assert_int_equal(s.model->layer_count, COUNT_OF(names));
  for (size_t i = 0; i < COUNT_OF(names); i++) {
    assert_string_equal(s.model->layers[i].name, names[i]);
  }
  assert_true(s.model->heads[0].fused);
  assert_true(s.model->heads[0].output.rank == 1 && s.model->heads[0].output.extent[0] == 10);
  expect_near(s.model->flops, 2.0 * (784 * 8 + 8 * 10), 0);
  free_subject(&s);
}

static void expect_refused(const char *yaml, ls_shape input, const char *expected) {
  fragment values;
  ls_job *job = NULL;
  ls_model *model = NULL;
  assert_int_equal(ls_job_read(&job, "job.yaml", yaml, NULL, 0, &fragment_component), LS_OK);
  assert_int_equal(ls_job_bind(job, 0, &values), LS_OK);
  ls_head_spec head = fragment_head(&values, 10);
  assert_int_equal(ls_model_create(&model, &values.model, &head, 1, &input), LS_INVALID);
  assert_null(model);
  if (!strstr(ls_error_message(), expected)) fail_msg("'%s'", ls_error_message());
  ls_component_clear(&fragment_component, &values);
  ls_job_free(&job);
}

static void refusals(void **state) {
  (void)state;
  expect_refused("model: [{dense: 9}]", image,
                 "job.yaml:1: model[0].dense: has 9 outputs, but the data has 10 classes");
  expect_refused("model: [flatten]", image, "the model has nothing to train");
  expect_refused("model: [{dropout: 0.1}, {dense: 10}]", image,
                 "model[1].dense: takes vectors, not inputs of 3 dimensions");
  expect_refused("model: [{dense: 2000000000}, {dense: 2000000000}, {dense: 10}]",
                 (ls_shape){1, {2000000000}}, "more elements than memory can hold");
}

/* A sample's outputs do not depend on the other samples. */
static void independent_samples(void **state) {
  (void)state;
  enum { N = 6 };
  subject s = make_subject("model: [{dense: {units: 20, activation: relu}}, {dense: {units: 10,"
                           " activation: softmax}}]",
                           (ls_shape){1, {12}}, 10, N);
  ls_batch *batch = ls_workspace_batch(s.workspace);
  ls_real together[N * 10], x[N * 12];
  fill_batch(&s, N, 10);
  memcpy(x, batch->x, sizeof x);
  ls_outputs outputs = run_forward(&s, false, 0, 0);
  memcpy(together, outputs.y, sizeof together);
  double loss = run_loss(&s), sum = 0;
  for (size_t i = 0; i < N; i++) {
    fill_batch(&s, 1, 10);
    memcpy(batch->x, x + i * 12, 12 * sizeof *x);
    batch->labels[0][0] = (int32_t)((3 * i + 1) % 10);
    outputs = run_forward(&s, false, 0, 0);
    for (size_t k = 0; k < 10; k++) {
      expect_near((double)outputs.y[k], (double)together[10 * i + k], 1e-5);
    }
    sum += run_loss(&s);
  }
  expect_near(sum, loss, 1e-5);
  free_subject(&s);
}

/* NaN in the input makes the loss NaN, through any layer, so that training ends. */
static void not_a_number(void **state) {
  (void)state;
  for (size_t i = 0; i < ls_activations.count; i++) {
    char yaml[256];
    snprintf(yaml, sizeof yaml,
             "model: [{dense: {units: 6, activation: %s}}, {dropout: 0},"
             " {dense: {units: 4, activation: %s}}]",
             ls_activations.members[i]->name, i % 2 ? "softmax" : "sigmoid");
    subject s = make_subject(yaml, (ls_shape){1, {5}}, 4, 3);
    fill_batch(&s, 3, 4);
    ls_workspace_batch(s.workspace)->x[7] = (ls_real)NAN;
    run_forward(&s, true, 1, 0);
    double loss = run_backward(&s, 1);
    if (!isnan(loss)) fail_msg("loss %g of %s", loss, yaml);
    free_subject(&s);
  }
}

/* ---- Backward -------------------------------------------------------------------------------- */

/* The gradient at each call by which backward reports a part as complete. */
typedef struct told {
  const ls_real *gradient;
  ls_real kept[256];
  size_t first[16], calls, end;
} told;

static void keep_complete(void *context, size_t first) {
  told *t = context;
  assert_true(first <= t->end && t->calls < COUNT_OF(t->first));
  memcpy(t->kept + first, t->gradient + first, (t->end - first) * sizeof *t->kept);
  t->end = t->first[t->calls++] = first;
}

/* Layer by layer; what was reported as complete does not change afterwards. */
static void expect_told(subject *s, const size_t *first, size_t calls) {
  told t = {.gradient = s->gradient, .end = s->model->param_count};
  assert_true(s->model->param_count <= COUNT_OF(t.kept));
  fill_batch(s, 3, 4);
  for (size_t h = 1; h < s->model->head_count; h++) {
    memcpy(ls_workspace_batch(s->workspace)->labels[h], ls_workspace_batch(s->workspace)->labels[0],
           3 * sizeof(int32_t));
  }
  ls_workspace_on_gradient(s->workspace, keep_complete, &t);
  run_forward(s, true, 1, 0);
  run_backward(s, 1);
  assert_int_equal(t.calls, calls);
  for (size_t i = 0; i < calls; i++) assert_int_equal(t.first[i], first[i]);
  assert_memory_equal(t.kept + t.end, s->gradient + t.end,
                      (s->model->param_count - t.end) * sizeof *t.kept);
}

#define CHAIN(first)                                                                               \
  "model: [{dense: {units: 6" first "}}, {dropout: 0.1}, batch_normalization,"                     \
  " {dense: {units: 4, activation: tanh}}, {dense: {units: 4, activation: softmax}}]"

static void complete_in_backward(void **state) {
  (void)state;
  /* 36 parameters, none, 24, 28, none, 20. */
  subject s = make_subject(CHAIN(""), (ls_shape){1, {5}}, 4, 3);
  expect_told(&s, (const size_t[]){88, 88, 60, 36, 36, 0}, 6);
  free_subject(&s);
  s = make_subject(CHAIN(", trainable: false"), (ls_shape){1, {5}}, 4, 3);
  expect_told(&s, (const size_t[]){88, 88, 60, 36}, 4);
  free_subject(&s);
}

/* The first head's layers are before those of the second, whose backward comes later. */
static void complete_with_heads(void **state) {
  (void)state;
  subject s = make_subject("model: [{dense: 6}]", (ls_shape){1, {5}}, 6, 3);
  subject one = make_subject("model: [{dense: 5}, {dense: 4}]", (ls_shape){1, {6}}, 4, 1);
  subject two = make_subject("model: [{dense: 4}]", (ls_shape){1, {6}}, 4, 1);
  ls_head_spec heads[] = {fragment_head(&one.values, 4), fragment_head(&two.values, 4)};
  heads[0].layers = &one.values.model;
  heads[1].layers = &two.values.model;
  heads[0].name = "one";
  heads[1].name = "two";
  ls_workspace_free(&s.workspace);
  ls_model_free(&s.model);
  free(s.gradient);
  free(s.weights);
  assert_int_equal(ls_model_create(&s.model, &s.values.model, heads, 2, &(ls_shape){1, {5}}),
                   LS_OK);
  assert_int_equal(ls_workspace_create(&s.workspace, s.model, 3, 1), LS_OK);
  s.gradient = new_array(s.model->param_count, sizeof(ls_real));
  s.weights = new_array(s.model->param_count, sizeof(ls_real));
  ls_model_initialize(s.model, 1, s.weights);
  assert_int_equal(s.model->param_count, 36 + 35 + 24 + 28);
  expect_told(&s, (const size_t[]){123, 123, 95, 0}, 4);
  free_subject(&s);
  free_subject(&one);
  free_subject(&two);
}

/* ---- Dropout --------------------------------------------------------------------------------- */

enum { WIDTH = 1000, DROPPED_SAMPLES = 40 };

/* The dropout's output for inputs of 1, with sample numbers `first`, `first` - 1, ... */
static void drop(subject *s, bool training, uint64_t seed, uint32_t epoch, uint32_t first,
                 ls_real *out) {
  ls_batch *batch = ls_workspace_batch(s->workspace);
  size_t count = (size_t)DROPPED_SAMPLES * WIDTH;
  batch->n = DROPPED_SAMPLES;
  for (size_t i = 0; i < count; i++) batch->x[i] = 1;
  for (uint32_t i = 0; i < DROPPED_SAMPLES; i++) batch->ids[i] = first - i;
  ls_outputs outputs = run_forward(s, training, seed, epoch);
  memcpy(out, outputs.y, count * sizeof *out);
}

/* Two dropouts behind a layer that passes its input on, of which `which` drops. */
static subject make_dropout(int which) {
  char yaml[256];
  snprintf(yaml, sizeof yaml,
           "model: [{dense: {units: %d, use_bias: false}}, {dropout: %g}, {dropout: %g}]", WIDTH,
           which == 0 ? 0.3 : 0, which == 1 ? 0.3 : 0);
  subject s = make_subject(yaml, (ls_shape){1, {WIDTH}}, 10, DROPPED_SAMPLES);
  for (size_t i = 0; i < s.model->param_count; i++) {
    s.weights[i] = i % (WIDTH + 1) == 0; /* the identity */
  }
  return s;
}

static void dropout_masks(void **state) {
  (void)state;
  size_t bytes = (size_t)DROPPED_SAMPLES * WIDTH * sizeof(ls_real);
  ls_real *mask = new_array(1, bytes), *other = new_array(1, bytes);
  subject s = make_dropout(0), second = make_dropout(1);
  drop(&s, true, 5, 2, 70, mask);
  size_t dropped = 0;
  for (size_t i = 0; i < (size_t)DROPPED_SAMPLES * WIDTH; i++) {
    dropped += mask[i] == 0;
    if (mask[i] != 0) expect_near((double)mask[i], 1 / 0.7, 1e-6);
  }
  double n = (double)DROPPED_SAMPLES * WIDTH;
  expect_near((double)dropped, 0.3 * n, 5 * sqrt(0.3 * 0.7 * n));

  drop(&s, true, 5, 2, 70, other);
  assert_memory_equal(mask, other, bytes);
  drop(&s, true, 5, 2, 71, other); /* each sample one place further on, with its own mask */
  assert_memory_equal(mask, other + WIDTH, bytes - WIDTH * sizeof *mask);
  drop(&s, true, 6, 2, 70, other);
  assert_memory_not_equal(mask, other, bytes);
  drop(&s, true, 5, 3, 70, other);
  assert_memory_not_equal(mask, other, bytes);
  drop(&second, true, 5, 2, 70, other);
  assert_memory_not_equal(mask, other, bytes);
  drop(&s, false, 5, 2, 70, other);
  for (size_t i = 0; i < (size_t)DROPPED_SAMPLES * WIDTH; i++) assert_true(other[i] == 1);
  free_subject(&s);
  free_subject(&second);
  free(mask);
  free(other);
}

/* ---- Penalties ------------------------------------------------------------------------------- */

/* The term that each regulariser adds to the loss for a kernel of weights w. */
static const struct {
  const char *member, *yaml;
  double l1, l2;
} penalty_cases[] = {
    {"l1", "l1", 0.01, 0},    {"l1", "{l1: 0.5}", 0.5, 0},
    {"l2", "l2", 0, 0.01},    {"l2", "{l2: 0.25}", 0, 0.25},
    {"l1_l2", "l1_l2", 0, 0}, {"l1_l2", "{l1_l2: {l1: 0.5, l2: 0.25}}", 0.5, 0.25}};

static void check_penalty(size_t which) {
  char yaml[256];
  snprintf(yaml, sizeof yaml,
           "model: [{dense: {units: 700, kernel_regularizer: %s}}, {dense: {units: 10,"
           " bias_regularizer: %s}}]",
           penalty_cases[which].yaml, penalty_cases[which].yaml);
  subject s = make_subject(yaml, (ls_shape){1, {7}}, 10, 1);
  double sum = 0, squares = 0;
  for (size_t i = 0; i < s.model->param_count; i++) {
    s.weights[i] = some_number(i);
    bool counts = i < 700 * 7 || i >= s.model->param_count - 10;
    if (counts) sum += fabs((double)s.weights[i]);
    if (counts) squares += (double)s.weights[i] * (double)s.weights[i];
  }
  double expected = penalty_cases[which].l1 * sum + penalty_cases[which].l2 * squares;
  expect_near(ls_model_penalty(s.model, s.weights), expected, 1e-6 * expected);
  free_subject(&s);
}

static void penalties(void **state) {
  (void)state;
  for (size_t i = 0; i < ls_regularizers.count; i++) {
    size_t tested = 0;
    for (size_t k = 0; k < COUNT_OF(penalty_cases); k++) {
      if (strcmp(penalty_cases[k].member, ls_regularizers.members[i]->name) != 0) continue;
      check_penalty(k);
      tested++;
    }
    if (tested == 0) fail_msg("the regulariser %s has no case", ls_regularizers.members[i]->name);
  }
}

int main(void) {
  if (ls_compute_start() != LS_OK) return 1;
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(parameter_counts),
      cmocka_unit_test(structure),
      cmocka_unit_test(refusals),
      cmocka_unit_test(independent_samples),
      cmocka_unit_test(not_a_number),
      cmocka_unit_test(dropout_masks),
      cmocka_unit_test(penalties),
      cmocka_unit_test(complete_in_backward),
      cmocka_unit_test(complete_with_heads),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
