/* The gradient of every layer, activation and loss against finite differences
 * of the loss, for several batch sizes. Driven by the families: a member that has no case fails.
 *
 * Central differences in double are good to about 1e-9, so gradients must agree within 1e-6 of the
 * largest. A float build, whose losses carry an error of 1e-7 themselves, takes larger steps and
 * only finds gross mistakes. Weights are set at random, away from the kinks of relu. */
#include "fragment.h"

#include "lockstep/compute.h"

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

static const gradient_case layer_cases[] = {
    {"dense", "model: [{" HEAD "}]", {1, {7}}},
    {"dense", "model: [{dense: {units: 6, use_bias: false}}, {" HEAD "}]", {1, {5}}},
    {"dense",
     "model: [{dense: {units: 6, activation: tanh}}, {dense: {units: 5, activation: sigmoid}},"
     " {" HEAD "}]",
     {3, {2, 2, 3}}},
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
    {"flatten", "model: [flatten, {dense: {units: 5}}, flatten, {" HEAD "}]", {3, {2, 3, 2}}},
};

/* Each between two layers that learn, and as a kept output under one that may overwrite. */
#define WITHIN(name)                                                                               \
  {name, "model: [{dense: {units: 6, activation: " name "}}, {" HEAD "}]", {1, {5}}}, {            \
    name, "model: [{dense: {units: 6, activation: " name "}}, {activation: tanh}, {" HEAD "}]", {  \
      1, {                                                                                         \
        5                                                                                          \
      }                                                                                            \
    }                                                                                              \
  }
static const gradient_case activation_cases[] = {
    WITHIN("linear"), WITHIN("relu"), WITHIN("sigmoid"), WITHIN("tanh"), WITHIN("softmax")};

/* Fused with its activation, kept apart from it by a layer that does nothing, behind another. */
#define LAST(name, last, more)                                                                     \
  {                                                                                                \
    name, "model: [{dense: {units: 4, activation: " last "}}" more "]\nloss: " name, {             \
      1, {                                                                                         \
        5                                                                                          \
      }                                                                                            \
    }                                                                                              \
  }
static const gradient_case loss_cases[] = {
    LAST("categorical_crossentropy", "softmax", ""),
    LAST("categorical_crossentropy", "softmax", ", {dropout: 0}"),
    LAST("categorical_crossentropy", "sigmoid", ""),
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

static void check_batch(subject *s, const gradient_case *c, size_t n) {
  const double scale = 0.5; /* of the loss */
  size_t count = s->model->param_count;
  double largest = 0, worst = 0;
  fill_batch(s, n, CLASSES);
  double loss = loss_of(s);
  for (size_t i = 0; i < count; i++) s->gradient[i] = (ls_real)NAN; /* each is set, not added to */
  double same = run_backward(s, scale);
  expect_near(same, loss, 1e-6 * loss);
  for (size_t i = 0; i < count; i++) {
    double up = shifted_loss(s, n, i, step_size), down = shifted_loss(s, n, i, -step_size);
    double expected = scale * (up - down) / (2 * step_size);
    double error = fabs((double)s->gradient[i] - expected);
    if (!(error <= worst)) worst = error;
    largest = fmax(largest, fabs(expected));
  }
  assert_true(largest > 1e-3); /* or there is nothing to compare */
  if (!(worst <= tolerance * largest)) {
    fail_msg("%zu samples: off by %g of %g\nin %s", n, worst, largest, c->yaml);
  }
}

static void check_case(const gradient_case *c) {
  subject s = make_subject(c->yaml, c->input, CLASSES, CAPACITY);
  for (size_t i = 0; i < s.model->param_count; i++) {
    s.weights[i] = (ls_real)0.8 * some_number(1000 + 3 * i);
  }
  check_batch(&s, c, CAPACITY);
  check_batch(&s, c, 4);
  check_batch(&s, c, 1);
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
  ls_compute_start();
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(layers),
      cmocka_unit_test(activations),
      cmocka_unit_test(losses),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
