/* Whole workspaces: every layer's output is kept, nothing else differs, and a model can be run from
 * after any layer. */
#include "fragment.h"

#include <string.h>

enum { N = 3, CLASSES = 4 };
static const ls_shape image = {3, {6, 6, 2}};

/* Layers that write over their inputs, views of them, and some that do neither. */
static const char *const text =
    "model: [{dropout: 0.5}, {conv2d: {filters: 3, kernel_size: 3, activation: relu}},"
    " batch_normalization, {dropout: 0.2}, flatten, {dense: {units: 5, activation: tanh,"
    " activity_regularizer: l2}}, {dense: {units: 4, activation: softmax}}]";

static size_t size_of(const ls_model *model, size_t layer) {
  return N * (size_t)ls_shape_size(&model->layers[layer].output);
}

/* The same model and batch in a whole workspace. */
static subject make_whole(void) {
  subject s = make_subject(text, image, CLASSES, N);
  ls_workspace_free(&s.workspace);
  assert_int_equal(ls_workspace_create_separate(&s.workspace, s.model, N), LS_OK);
  fill_batch(&s, N, CLASSES);
  return s;
}

static void expect_same(const ls_real *a, const ls_real *b, size_t count) {
  assert_memory_equal(a, b, count * sizeof *a);
}

/* Each layer, run by itself on the output of the layer before it, gives the output that was kept.
 * */
static void outputs_stay(void **state) {
  (void)state;
  subject s = make_whole();
  const ls_batch *batch = ls_workspace_batch(s.workspace);
  ls_real x[N * 72], y[N * 72];
  memcpy(x, batch->x, sizeof x);
  ls_model_forward(s.model, s.workspace, s.weights, false, 0, 0);
  expect_same(batch->x, x, N * 72);
  for (size_t i = 0; i < s.model->layer_count; i++) {
    const ls_layer *layer = &s.model->layers[i];
    ls_real *own = ls_workspace_output(s.workspace, i);
    memcpy(y, own, size_of(s.model, i) * sizeof *y);
    if (layer->memory != LS_VIEW) memset(own, 0xff, size_of(s.model, i) * sizeof *own);
    ls_model_forward_from(s.model, s.workspace, s.weights, false, i);
    expect_same(ls_workspace_output(s.workspace, i), y, size_of(s.model, i));
  }
  free_subject(&s);
}

/* Outputs, losses and gradients have the same bits as without a whole workspace. */
static void same_bits(void **state) {
  (void)state;
  subject whole = make_whole(), other = make_subject(text, image, CLASSES, N);
  fill_batch(&other, N, CLASSES);
  double sums[2][LS_MAX_MEASURES] = {{0}};
  subject *both[] = {&whole, &other};
  for (int i = 0; i < 2; i++) {
    subject *s = both[i];
    ls_model_forward(s->model, s->workspace, s->weights, true, 5, 2);
    ls_model_add_metrics(s->model, s->workspace, sums[i], NULL);
    ls_model_backward(s->model, s->workspace, s->weights, (ls_real)0.25, s->gradient, sums[i]);
  }
  assert_memory_equal(sums[0], sums[1], sizeof sums[0]);
  expect_same(whole.gradient, other.gradient, whole.model->param_count);
  expect_same(ls_model_outputs(whole.model, whole.workspace, 0).y,
              ls_model_outputs(other.model, other.workspace, 0).y, N * CLASSES);
  free_subject(&whole);
  free_subject(&other);
}

/* The activation that the loss fuses. */
static void activated(void **state) {
  (void)state;
  subject s = make_whole();
  ls_model_forward(s.model, s.workspace, s.weights, false, 0, 0);
  ls_outputs raw = ls_model_outputs(s.model, s.workspace, 0);
  ls_outputs outputs = ls_model_activated(s.model, s.workspace, 0);
  assert_true(raw.logits && !outputs.logits);
  for (size_t i = 0; i < N; i++) {
    double sum = 0;
    for (size_t j = 0; j < CLASSES; j++) sum += exp((double)raw.y[i * CLASSES + j]);
    for (size_t j = 0; j < CLASSES; j++) {
      expect_near((double)outputs.y[i * CLASSES + j], exp((double)raw.y[i * CLASSES + j]) / sum,
                  1e-6);
    }
  }
  free_subject(&s);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(outputs_stay),
      cmocka_unit_test(same_bits),
      cmocka_unit_test(activated),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
