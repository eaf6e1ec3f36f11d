/* Training against PyTorch: the program's own trainer, from the weights and in the order of samples
 * of tests/reference/trajectory.txt, must end with that file's weights, loss and accuracy. Bounds
 * are relative to the largest weight: 1e-5 in single precision, 1e-9 in double. */
#include "training.h"

#include "lockstep/random.h"
#include "nn/compute.h"

enum { SAMPLES = 157, INPUTS = 20, CLASSES = 5, MOST = SAMPLES * INPUTS };

static const double tolerance = sizeof(ls_real) == 4 ? 1e-5 : 1e-9;

/* Reads the reference's array of that name, which must have `count` values. */
static void read_reference(const char *name, size_t count, double *values) {
  FILE *file = fopen("tests/reference/trajectory.txt", "r");
  if (!file) fail_msg("no tests/reference/trajectory.txt (run this in the project's folder)");
  char found[64];
  size_t length;
  double skipped;
  while (fscanf(file, "%63s %zu", found, &length) == 2) {
    bool wanted = strcmp(found, name) == 0;
    if (wanted) assert_int_equal(length, count);
    for (size_t i = 0; i < length; i++) {
      assert_int_equal(fscanf(file, "%lf", wanted ? &values[i] : &skipped), 1);
    }
    if (!wanted) continue;
    fclose(file);
    return;
  }
  fail_msg("no %s in the reference", name);
}

/* The reference's samples as a dataset, at the places where the shuffle of epoch 0 of seed 0 will
 * find them in the reference's order. */
static void write_samples(const char *path) {
  static double x[MOST], labels[SAMPLES];
  static uint8_t placed_x[MOST];
  static int32_t placed_labels[SAMPLES];
  uint32_t order[SAMPLES];
  read_reference("x", MOST, x);
  read_reference("labels", SAMPLES, labels);
  ls_random_permutation((ls_stream){0, LS_RANDOM_SHUFFLE, 0, 0, 0}, SAMPLES, order);
  for (size_t i = 0; i < SAMPLES; i++) {
    for (size_t k = 0; k < INPUTS; k++) {
      placed_x[order[i] * INPUTS + k] = (uint8_t)x[i * INPUTS + k];
    }
    placed_labels[order[i]] = (int32_t)labels[i];
  }
  file_part train = {"train", H5T_NATIVE_UINT8, 2,      {SAMPLES, INPUTS}, placed_x,
                     SAMPLES, placed_labels,    CLASSES};
  file_part test = train;
  test.name = "test";
  write_dataset(path, &train, &test);
}

/* The settings are those in tests/reference/make_trajectory.py. */
#define LAYER(units, activation, l2)                                                               \
  "{dense: {units: " #units ", activation: " #activation ", kernel_regularizer: {l2: " #l2 "}}}"
#define TWO_HIDDEN(activation, l2)                                                                 \
  LAYER(16, activation, l2) ", " LAYER(12, activation, l2) ", " LAYER(5, softmax, l2)

static const struct {
  const char *name, *model, *optimizer;
} cases[] = {
    {"plain", TWO_HIDDEN(relu, 0), "{learning_rate: 0.1}"},
    {"momentum", TWO_HIDDEN(relu, 0.01), "{learning_rate: 0.05, momentum: 0.9}"},
    {"nesterov", TWO_HIDDEN(tanh, 0.003), "{learning_rate: 0.05, momentum: 0.9, nesterov: true}"},
    {"sigmoid", LAYER(10, sigmoid, 0.001) ", " LAYER(5, softmax, 0.001),
     "{learning_rate: 0.5, momentum: 0.5}"},
};

/* Reads an array of a case, "CASE.WHAT". */
static void read_case(size_t which, const char *what, size_t count, double *values) {
  char name[64];
  snprintf(name, sizeof name, "%s.%s", cases[which].name, what);
  read_reference(name, count, values);
}

static void check_case(size_t which, size_t shards, const char *reduction, const char *dataset) {
  static double initial[MOST], final[MOST], means[2], own_means[2];
  char text[1024];
  snprintf(text, sizeof text,
           "name: trajectory\n"
           "dataset: {file: %s}\n"
           "model: [%s]\n"
           "train: {epochs: 1, batch_size: 8, optimizer: {sgd: %s},\n"
           "        loss: categorical_crossentropy, seed: 0, reduction: %s}\n",
           dataset, cases[which].model, cases[which].optimizer, reduction);
  training t;
  start_training(&t, text, shards);
  size_t count = t.plan->model->param_count;
  assert_int_equal(t.plan->steps, 20);
  read_case(which, "initial", count, initial);
  read_case(which, "final", count, final);
  read_case(which, "means", 2, means);

  set_weights(&t, initial);
  train_epoch(&t, 0, own_means);
  const ls_real *weights = ls_reducer_weights(t.trainer.reducer);
  double largest = 0, moved = 0, worst = 0;
  for (size_t i = 0; i < count; i++) {
    double error = fabs((double)weights[i] - final[i]);
    if (!(error <= worst)) worst = error;
    largest = fmax(largest, fabs(final[i]));
    moved = fmax(moved, fabs(final[i] - initial[i]));
  }
  print_message("%s, %zu shards, %s: off by %.2g of %.2g\n", cases[which].name, shards, reduction,
                worst, largest);
  assert_true(moved > 0.1 * largest); /* far more than the bound */
  assert_true(worst <= tolerance * largest);
  expect_near(own_means[0], means[0], tolerance * means[0]);
  expect_near(own_means[1], means[1], 1e-12);
  end_training(&t);
}

/* A step's shards add up to the same gradient, however many they are (9 leave some empty) and
 * however sums travel, if only from a rank to itself. */
static void trajectories(void **state) {
  (void)state;
  static const size_t shards[] = {1, 3, 9};
  static const char *const reductions[] = {"auto", "exchange", "allreduce"};
  char path[64];
  make_path(path);
  write_samples(path);
  for (size_t i = 0; i < COUNT_OF(cases); i++) {
    for (size_t k = 0; k < COUNT_OF(shards); k++) {
      for (size_t r = 0; r < COUNT_OF(reductions); r++) {
        check_case(i, shards[k], reductions[r], path);
      }
    }
  }
  unlink(path);
}

int main(int argc, char **argv) {
  if (ls_compute_start() != LS_OK) return 1;
  MPI_Init(&argc, &argv);
  const struct CMUnitTest tests[] = {cmocka_unit_test(trajectories)};
  int failed = cmocka_run_group_tests(tests, NULL, NULL);
  MPI_Finalize();
  return failed;
}
