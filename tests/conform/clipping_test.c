/* Updates that depend on the whole gradient: clipping, weight decay, and optimisers that scale
 * their steps by norms. One step of training is compared with the formulas, for the gradient that a
 * step of plain gradient descent at rate 1 shows. The vector has several blocks, and parameters
 * begin within blocks. */
#include "training.h"

#include "nn/compute.h"

enum { SAMPLES = 23, INPUTS = 6, CLASSES = 3, MOST = 16384 };

#ifdef LS_DOUBLE
static const double tolerance = 1e-10;
#else
static const double tolerance = 1e-4;
#endif

/* The step for a clipped gradient. */
typedef enum method { SGD, LARS, LAMB } method;

static const struct {
  const char *optimizer;
  method method;
  double rate, clipvalue, clipnorm, global_clipnorm, decay;
} cases[] = {
    {"sgd: {learning_rate: 0.5, clipvalue: 0.004}", SGD, 0.5, .clipvalue = 0.004},
    {"sgd: {learning_rate: 0.5, clipnorm: 0.3}", SGD, 0.5, .clipnorm = 0.3},
    {"sgd: {learning_rate: 0.5, clipnorm: 1000}", SGD, 0.5, .clipnorm = 1000},
    {"sgd: {learning_rate: 0.5, global_clipnorm: 0.4}", SGD, 0.5, .global_clipnorm = 0.4},
    {"sgd: {learning_rate: 0.5, global_clipnorm: 1000}", SGD, 0.5, .global_clipnorm = 1000},
    {"sgd: {learning_rate: 0.5, weight_decay: 0.2}", SGD, 0.5, .decay = 0.2},
    {"sgd: {learning_rate: 0.5, weight_decay: 0.2, global_clipnorm: 0.4}", SGD, 0.5,
     .global_clipnorm = 0.4, .decay = 0.2},
    {"lars: {learning_rate: 20, weight_decay: 0.3}", LARS, 20, .decay = 0.3},
    {"lars: {learning_rate: 20, weight_decay: 0.3, clipnorm: 0.2}", LARS, 20, .clipnorm = 0.2,
     .decay = 0.3},
    {"lamb: {learning_rate: 0.5, epsilon: 0.01}", LAMB, 0.5},
    {"lamb: {learning_rate: 0.5, epsilon: 0.01, weight_decay: 0.2, clipvalue: 0.004}", LAMB, 0.5,
     .clipvalue = 0.004, .decay = 0.2},
    {"lamb: {learning_rate: 0.5, epsilon: 0.01, weight_decay: 0.2, global_clipnorm: 0.4}", LAMB,
     0.5, .global_clipnorm = 0.4, .decay = 0.2},
};

static const char *const models[] = {
    "{dense: {units: 500, activation: tanh, kernel_regularizer: {l2: 0.01}}}",
    /* Not trained, so no part of norms. */
    "{dense: {units: 500, activation: tanh, trainable: false, kernel_regularizer: {l2: 0.01}}}",
    /* Running means, likewise. */
    "{dense: {units: 500, activation: tanh}}, batch_normalization",
};

static char dataset_path[64];

static int make_dataset(void **state) {
  (void)state;
  write_waves(dataset_path, SAMPLES, INPUTS, CLASSES);
  return 0;
}

static int remove_dataset(void **state) {
  (void)state;
  return unlink(dataset_path);
}

/* One step over all samples. The caller looks at the model and ends the training. */
static void take_step(training *t, const char *model, const char *optimizer, const char *reduction,
                      size_t shards, double *before, double *after) {
  char text[1024];
  snprintf(text, sizeof text,
           "name: clipping\n"
           "dataset: {file: %s}\n"
           "model: [%s, {dense: {units: 3, activation: softmax}}]\n"
           "train: {epochs: 1, batch_size: 1000, optimizer: {%s}, reduction: %s,\n"
           "        loss: categorical_crossentropy}\n",
           dataset_path, model, optimizer, reduction);
  start_training(t, text, shards);
  size_t count = t->plan->model->param_count;
  double means[2];
  assert_true(count > 2 * LS_BLOCK && count <= MOST);
  for (size_t i = 0; i < count; i++) before[i] = 0.2 * sin(3.7 * (double)(i + 1));
  set_weights(t, before);
  const ls_real *weights = ls_reducer_weights(t->trainer.reducer);
  for (size_t i = 0; i < count; i++) before[i] = (double)weights[i];
  train_epoch(t, 0, means);
  for (size_t i = 0; i < count; i++) after[i] = (double)weights[i];
}

static double norm(size_t count, const double *x) {
  double sum = 0;
  for (size_t i = 0; i < count; i++) sum += x[i] * x[i];
  return sqrt(sum);
}

static double shrink(double norm_, double most) {
  return most > 0 && norm_ > most ? most / norm_ : 1;
}

/* The step of one parameter for its gradient, which may be overwritten. */
static void expect_param(size_t which, double global_norm, const ls_param *param, double *w,
                         double *g) {
  const size_t n = param->count;
  const double rate = cases[which].rate, most = cases[which].clipvalue;
  const bool lars = cases[which].method == LARS, adapted = !lars || param->shape.rank > 1;
  const double factor =
      shrink(norm(n, g), cases[which].clipnorm) * shrink(global_norm, cases[which].global_clipnorm);
  for (size_t i = 0; i < n; i++) {
    g[i] *= factor;
    if (most > 0) g[i] = fmax(-most, fmin(most, g[i]));
    if (!lars) w[i] -= rate * cases[which].decay * w[i];
    if (cases[which].method == LAMB)
      g[i] /= fabs(g[i]) + 0.01; /* its first step's corrected means */
  }
  double trust = 1;
  if (cases[which].method == LAMB) trust = norm(n, w) / norm(n, g);
  if (lars && adapted) {
    trust = 0.001 * norm(n, w) / (norm(n, g) + cases[which].decay * norm(n, w));
    for (size_t i = 0; i < n; i++) g[i] += cases[which].decay * w[i];
  }
  for (size_t i = 0; i < n; i++) w[i] -= rate * trust * g[i];
}

/* Computes the expected weights from weights and gradient. */
static void expect_step(size_t which, const ls_model *model, double *w, double *g) {
  double global_norm = norm(model->param_count, g);
  for (size_t i = 0; i < model->layer_count; i++) {
    const ls_layer *layer = &model->layers[i];
    for (size_t k = 0; k < layer->param_count && !layer->frozen; k++) {
      const ls_param *param = &layer->params[k];
      if (param->state) continue;
      expect_param(which, global_norm, param, w + param->offset, g + param->offset);
    }
  }
}

/* Running means do not depend on the optimiser: their gradient is removed, and their expected
 * values are those after the plain step. */
static void take_out_state(const ls_model *model, double *w, const double *after, double *g) {
  for (size_t i = 0; i < model->layer_count; i++) {
    const ls_layer *layer = &model->layers[i];
    for (size_t k = 0; k < layer->param_count; k++) {
      const ls_param *param = &layer->params[k];
      for (size_t j = param->offset; param->state && j < param->offset + param->count; j++) {
        g[j] = 0;
        w[j] = after[j];
      }
    }
  }
}

static void check_case(size_t which, const char *model, const char *reduction, size_t shards) {
  static double before[MOST], plain[MOST], gradient[MOST], after[MOST];
  training t;
  take_step(&t, model, "sgd: {learning_rate: 1}", reduction, shards, before, plain);
  size_t count = t.plan->model->param_count;
  for (size_t i = 0; i < count; i++) gradient[i] = before[i] - plain[i];
  end_training(&t);
  static double expected[MOST];
  take_step(&t, model, cases[which].optimizer, reduction, shards, before, after);
  memcpy(expected, before, sizeof expected);
  take_out_state(t.plan->model, expected, plain, gradient);
  expect_step(which, t.plan->model, expected, gradient);
  end_training(&t);
  double worst = 0, moved = 0;
  for (size_t i = 0; i < count; i++) {
    double error = fabs(after[i] - expected[i]);
    if (!(error <= worst)) worst = error;
    moved = fmax(moved, fabs(expected[i] - before[i]));
  }
  if (worst <= tolerance * fmax(moved, 0.1)) return;
  fail_msg("%s: off by %g of %g with %s, %zu shards, %s", cases[which].optimizer, worst, moved,
           reduction, shards, model);
}

static void steps(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT_OF(cases); i++) {
    for (size_t m = 0; m < COUNT_OF(models); m++) {
      check_case(i, models[m], "auto", 1);
      check_case(i, models[m], "exchange", 5);
      check_case(i, models[m], "allreduce", 3);
    }
  }
}

/* A job can clip in one way only. */
static void ways(void **state) {
  (void)state;
  ls_job *job;
  int status = ls_job_read(&job, "job.yaml",
                           "name: both\n"
                           "dataset: {name: digits}\n"
                           "model: [{dense: {units: 10, activation: softmax}}]\n"
                           "train: {epochs: 1, loss: categorical_crossentropy,\n"
                           "  optimizer: {adam: {clipvalue: 1, clipnorm: 2}}}\n",
                           NULL, 0, &ls_recipe_component);
  assert_int_equal(status, LS_INVALID);
  assert_non_null(strstr(ls_error_message(), "adam: has more than one of clipvalue"));
}

int main(int argc, char **argv) {
  if (ls_compute_start() != LS_OK) return 1;
  MPI_Init(&argc, &argv);
  const struct CMUnitTest tests[] = {cmocka_unit_test(steps), cmocka_unit_test(ways)};
  int failed = cmocka_run_group_tests(tests, make_dataset, remove_dataset);
  MPI_Finalize();
  return failed;
}
