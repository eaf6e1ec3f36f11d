/* The gradient that training follows, penalties included, against finite differences of the loss
 * that validation reports: one step of plain gradient descent at rate 1 over all samples moves the
 * weights by minus their gradient. Bounds as in gradients_test.c. Gradients are sent during
 * backward. */
#include "training.h"

#include "nn/compute.h"
#include "optim/families.h"

enum { SAMPLES = 23, INPUTS = 6, CLASSES = 3 };

#ifdef LS_DOUBLE
static const double step_size = 1e-5, tolerance = 1e-6;
#else
static const double step_size = 2e-3, tolerance = 2e-2;
#endif

/* One or more for each member of the family. Kernels and biases have penalties of their own. */
static const struct {
  const char *member, *kernel, *bias;
} cases[] = {
    {"l1", "{l1: 0.02}", "{l2: 0.03}"},
    {"l2", "{l2: 0.04}", "null"},
    {"l1_l2", "{l1_l2: {l1: 0.02, l2: 0.05}}", "{l1: 0.01}"},
    {"l1_l2", "null", "l1_l2"},
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

static double validation_loss(training *t, const double *weights) {
  double means[2];
  set_weights(t, weights);
  assert_int_equal(evaluation_run(&t->trainer.validation, t->trainer.workspace,
                                  ls_reducer_weights(t->trainer.reducer), means),
                   LS_OK);
  return means[0];
}

static void check_case(size_t which, size_t shards) {
  char text[1024];
  snprintf(text, sizeof text,
           "name: gradient\n"
           "dataset: {file: %s}\n"
           "model:\n"
           "  - dense: {units: 9, activation: tanh, kernel_regularizer: %s, bias_regularizer: %s}\n"
           "  - dense: {units: 3, activation: softmax, kernel_regularizer: %s}\n"
           "train: {epochs: 1, batch_size: 1000, optimizer: {sgd: {learning_rate: 1}},\n"
           "        loss: categorical_crossentropy}\n",
           dataset_path, cases[which].kernel, cases[which].bias, cases[which].kernel);
  training t;
  start_training(&t, text, shards);
  size_t count = t.plan->model->param_count;
  double *weights = new_array(count, sizeof *weights),
         *gradient = new_array(count, sizeof *weights);
  for (size_t i = 0; i < count; i++) {
    double wave = sin(3.7 * (double)(i + 1)); /* not within a step of 0, where |w| has its kink */
    weights[i] = (double)(ls_real)(wave < 0 ? wave - 0.01 : wave + 0.01);
  }
  double loss = validation_loss(&t, weights), means[2], worst = 0, largest = 0;
  train_epoch(&t, 0, means);
  expect_near(means[0], loss, 1e-6 * loss);
  const ls_real *moved = ls_reducer_weights(t.trainer.reducer);
  for (size_t i = 0; i < count; i++) gradient[i] = weights[i] - (double)moved[i];
  for (size_t i = 0; i < count; i++) {
    double kept = weights[i];
    weights[i] = kept + step_size;
    double up = validation_loss(&t, weights);
    weights[i] = kept - step_size;
    double down = validation_loss(&t, weights);
    weights[i] = kept;
    double expected = (up - down) / (2 * step_size), error = fabs(gradient[i] - expected);
    if (!(error <= worst)) worst = error;
    largest = fmax(largest, fabs(expected));
  }
  if (!(worst <= tolerance * largest)) fail_msg("off by %g of %g in %s", worst, largest, text);
  free(weights);
  free(gradient);
  end_training(&t);
}

static void gradients_with_penalties(void **state) {
  (void)state;
  for (size_t i = 0; i < ls_regularizers.count; i++) {
    size_t tested = 0;
    for (size_t k = 0; k < COUNT_OF(cases); k++) {
      if (strcmp(cases[k].member, ls_regularizers.members[i]->name) != 0) continue;
      check_case(k, 1);
      check_case(k, 5);
      tested++;
    }
    if (tested == 0) fail_msg("the regulariser %s has no case", ls_regularizers.members[i]->name);
  }
}

/* ---- Updates during backward ----------------------------------------------------------------- */

static const training *watched;
static size_t updates, early; /* weights updated; those before the first layer's backward */

static void count_update(const void *args, const ls_update *u) {
  updates += u->n;
  if (watched->trainer.profile.layers[0].backward == 0) early += u->n;
  ls_optimizer_sgd.update(args, u);
}

/* All weights in buckets of later layers alone are updated before the first layer's backward. */
static void updates_in_backward(void **state) {
  (void)state;
  char text[512];
  double means[2];
  training t;
  snprintf(text, sizeof text,
           "name: early\n"
           "dataset: {file: %s}\n"
           "model: [{dense: 200}, {dense: 200}, {dense: {units: 3, activation: softmax}}]\n"
           "train: {epochs: 1, batch_size: 1000, optimizer: sgd,\n"
           "        loss: categorical_crossentropy}\n",
           dataset_path);
  start_training(&t, text, 1);
  ls_optimizer_type type = ls_optimizer_sgd;
  ls_choice spy = *t.trainer.updater.optimizer;
  type.update = count_update;
  spy.type = &type.component;
  t.trainer.updater.optimizer = &spy;
  assert_int_equal(profile_create(&t.trainer.profile, t.plan->model), LS_OK);
  ls_workspace_time_layers(t.trainer.workspace, t.trainer.profile.layers);
  watched = &t;
  updates = early = 0;
  train_epoch(&t, 0, means);
  const size_t count = t.plan->model->param_count,
               second = t.plan->model->layers[1].params[0].offset;
  size_t run, buckets = ls_reducer_buckets(count, 1, 1, &run);
  const size_t first = (second + run * LS_BLOCK - 1) / (run * LS_BLOCK) * run * LS_BLOCK;
  assert_true(buckets > 1 && first < count);
  assert_int_equal(updates, count);
  assert_int_equal(early, count - first);
  end_training(&t);
}

int main(int argc, char **argv) {
  if (ls_compute_start() != LS_OK) return 1;
  MPI_Init(&argc, &argv);
  const struct CMUnitTest tests[] = {cmocka_unit_test(gradients_with_penalties),
                                     cmocka_unit_test(updates_in_backward)};
  int failed = cmocka_run_group_tests(tests, make_dataset, remove_dataset);
  MPI_Finalize();
  return failed;
}
