/* Plans: a trial's seed, steps, curves, the monitored curve and its direction, and invalid jobs. */
#include "dataset_file.h"
#include "trial/plan_layout.h"
#include "trial/plan_list.h"

#include <string.h>

enum { N = 100, TESTS = 30, SIZE = 4 };

static char dataset_path[64];

static int make_dataset(void **state) {
  (void)state;
  static uint8_t x[N * SIZE];
  static int32_t labels[N];
  make_path(dataset_path);
  file_part train = {"train", H5T_NATIVE_UINT8, 2, {N, SIZE}, x, N, labels, 3};
  file_part test = {"test", H5T_NATIVE_UINT8, 2, {TESTS, SIZE}, x, TESTS, labels, 3};
  write_dataset(dataset_path, &train, &test);
  return 0;
}

static int remove_dataset(void **state) {
  (void)state;
  return unlink(dataset_path);
}

/* A small job, changed by up to two settings (NULL: none). */
static ls_job *read_job(const char *first, const char *second) {
  char text[1024];
  const char *sets[2] = {first, second};
  snprintf(text, sizeof text,
           "name: plan\n"
           "dataset: {file: %s}\n"
           "model: [{dense: {units: 3, activation: softmax}}]\n"
           "train: {epochs: 2, batch_size: 32, optimizer: sgd, loss: categorical_crossentropy}\n",
           dataset_path);
  ls_job *job = NULL;
  int status = ls_job_read(&job, "job.yaml", text, sets,
                           second  ? 2
                           : first ? 1
                                   : 0,
                           &ls_recipe_component);
  if (status != LS_OK) fail_msg("%s", ls_error_message());
  return job;
}

static ls_plan *make_plan(const ls_job *job, size_t trial) {
  ls_plan *plan = NULL;
  if (ls_plan_create(&plan, job, trial) != LS_OK) fail_msg("%s", ls_error_message());
  return plan;
}

static void sizes(void **state) {
  (void)state;
  ls_job *job = read_job("train.seed=7", "sweep={replicates: 3}");
  ls_plan *plan = make_plan(job, 2);
  assert_int_equal(plan->seed, 9);
  assert_true(plan->epochs == 2 && plan->batch == 32 && plan->steps == 4);
  /* One chunk of validation, 16 samples of a batch on a rank. */
  assert_int_equal(ls_plan_capacity(plan, 2, 2), TESTS);
  assert_int_equal(ls_plan_capacity(plan, 2, 1), 32);
  ls_plan_free(&plan);
  ls_job_free(&job);

  job = read_job("train.batch_size=1000", NULL); /* more than there is */
  plan = make_plan(job, 0);
  assert_true(plan->batch == N && plan->steps == 1);
  ls_plan_free(&plan);
  ls_job_free(&job);
}

/* Validation in chunks of at most 256 samples, whose number does not depend on ranks. */
static void validation_pieces(void **state) {
  (void)state;
  ls_job *job = read_job(NULL, NULL);
  ls_plan *plan = make_plan(job, 0);
  plan->split.validation_count = 1000;
  for (size_t ranks = 1; ranks <= 16; ranks++) {
    ls_layout layout = ls_plan_evaluation_layout(plan->split.validation_count, ranks);
    assert_true(layout.shards == 4 && layout.ranks == ranks);
    assert_int_equal(ls_layout_steps(&layout), 1);
    assert_int_equal(ls_layout_largest_shard(&layout), 250);
  }
  ls_plan_free(&plan);
  ls_job_free(&job);
}

static void curves(void **state) {
  (void)state;
  static const char *const names[] = {"loss",         "accuracy",      "val_loss",
                                      "val_accuracy", "learning_rate", "epoch_seconds"};
  ls_job *job = read_job(NULL, NULL);
  ls_plan *plan = make_plan(job, 0);
  assert_int_equal(plan->curve_count, COUNT_OF(names));
  for (size_t i = 0; i < COUNT_OF(names); i++) {
    assert_string_equal(plan->curves[i].name, names[i]);
  }
  assert_int_equal(plan->headline, 3);
  ls_plan_free(&plan);
  ls_job_free(&job);
}

/* The monitored curve, and whether a higher value is better: by default, and by `mode`. */
static void monitors(void **state) {
  (void)state;
  static const struct {
    const char *setting;
    size_t monitor;
    bool higher;
  } cases[] = {
      {NULL, 3, true},
      {"train.early_stopping={}", 2, false},
      {"train.early_stopping={monitor: loss}", 0, false},
      {"train.early_stopping={monitor: accuracy}", 1, true},
      {"train.early_stopping={monitor: val_accuracy, mode: min}", 3, false},
      {"train.early_stopping={monitor: val_loss, mode: max}", 2, true},
      {"train.early_stopping={monitor: val_loss, mode: min}", 2, false},
  };
  for (size_t i = 0; i < COUNT_OF(cases); i++) {
    ls_job *job = read_job(cases[i].setting, NULL);
    ls_plan *plan = make_plan(job, 0);
    assert_int_equal(plan->monitor, cases[i].monitor);
    assert_int_equal(plan->monitor_higher, cases[i].higher);
    ls_plan_free(&plan);
    ls_job_free(&job);
  }
  ls_job *job =
      read_job("train.reduce_lr_on_plateau={monitor: accuracy}", "train.early_stopping={}");
  ls_plan *plan = make_plan(job, 0);
  assert_int_equal(plan->plateau, 1);
  assert_true(plan->plateau_higher);
  assert_int_equal(plan->monitor, 2);
  assert_false(plan->monitor_higher);
  ls_plan_free(&plan);
  ls_job_free(&job);
}

static void refusals(void **state) {
  (void)state;
  static const struct {
    const char *first, *second, *expected;
  } cases[] = {
      {"dataset.file=/no/such.h5", NULL, "dataset.file: cannot open '/no/such.h5'"},
      {"train.early_stopping={monitor: val_acuracy}", NULL,
       "train.early_stopping: monitor: unknown curve 'val_acuracy'"},
      {"train.reduce_lr_on_plateau={monitor: val_los}", NULL,
       "train.reduce_lr_on_plateau: monitor: unknown curve 'val_los'"},
      {"dataset.validation=folds", NULL, "sweep.folds: is missing, but dataset.validation is"},
      {"dataset.validation=test", "sweep={folds: 3}", "sweep.folds: is not used"},
      {"dataset.validation=0.995", NULL, "dataset.validation: leaves 0 training and"},
      {"model=[{dense: 2}]", NULL, "model[0].dense: has 2 outputs, but the data has 3 classes"},
  };
  for (size_t i = 0; i < COUNT_OF(cases); i++) {
    ls_job *job = read_job(cases[i].first, cases[i].second);
    ls_plan *plan = NULL;
    int status = ls_plan_create(&plan, job, 0);
    if (status == LS_OK) fail_msg("%s is taken", cases[i].first);
    assert_int_equal(status, LS_INVALID);
    assert_null(plan);
    if (!strstr(ls_error_message(), cases[i].expected)) fail_msg("'%s'", ls_error_message());
    ls_job_free(&job);
  }
}

/* Trials of one fold share its split and class weights, and all share the dataset; that is what
 * plans of their own would have. */
static void shared_samples(void **state) {
  (void)state;
  enum { FOLDS = 3 };
  ls_job *job = read_job("dataset.validation=folds", "sweep={replicates: 4, folds: 3}");
  ls_job *weighed = read_job("train.class_weight=balanced", "sweep={replicates: 4}");
  ls_plan_list lists[2] = {{.most = LS_MOST_KEPT_PLANS}, {.most = 1}};
  for (size_t trial = 0; trial < ls_job_trials(job); trial++) {
    ls_plan *plans[2], *own = make_plan(job, trial);
    for (size_t i = 0; i < COUNT_OF(lists); i++) {
      assert_int_equal(ls_plan_list_create(&lists[i], &plans[i], job, trial), LS_OK);
      assert_ptr_equal(plans[i]->dataset, lists[i].kept[0]->dataset);
      assert_int_equal(plans[i]->split.train_count, own->split.train_count);
      assert_memory_equal(plans[i]->split.train, own->split.train,
                          own->split.train_count * sizeof *own->split.train);
    }
    assert_int_equal(plans[0]->lender != NULL, trial >= FOLDS);
    assert_int_equal(plans[1]->lender != NULL, trial > 0 && trial % FOLDS == 0);
    for (size_t i = 0; i < COUNT_OF(lists); i++) ls_plan_list_release(&lists[i], &plans[i]);
    ls_plan_free(&own);
  }
  for (size_t i = 0; i < COUNT_OF(lists); i++) ls_plan_list_free(&lists[i]);
  ls_plan *plan = NULL;
  for (size_t trial = 0; trial < 2; trial++) {
    assert_int_equal(ls_plan_list_create(&lists[0], &plan, weighed, trial), LS_OK);
    const double *first = lists[0].kept[0]->class_weights[0];
    assert_memory_equal(plan->class_weights[0], first, 3 * sizeof *first);
    ls_plan_list_release(&lists[0], &plan);
  }
  ls_plan_list_free(&lists[0]);
  ls_job_free(&job);
  ls_job_free(&weighed);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(sizes),    cmocka_unit_test(validation_pieces),
      cmocka_unit_test(curves),   cmocka_unit_test(monitors),
      cmocka_unit_test(refusals), cmocka_unit_test(shared_samples),
  };
  return cmocka_run_group_tests(tests, make_dataset, remove_dataset);
}
