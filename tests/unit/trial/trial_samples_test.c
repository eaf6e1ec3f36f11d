/* The samples of a job's plans: subset, split, transforms, targets. */
#include "dataset_file.h"
#include "trial/plan.h"

#include <stdbool.h>
#include <string.h>

enum { N = 100, TESTS = 30, SIZE = 4, CLASSES = 3 };

static char dataset_path[64], values_path[64];

/* Three classes of 50, 33 and 17 samples, in the order of the file. */
static int32_t label_of(uint32_t i) {
  return i % 2 == 0 ? 0 : i % 6 == 1 ? 2 : 1;
}

/* A file of class labels, and one of values and labels. */
static int make_datasets(void **state) {
  (void)state;
  static uint8_t x[N * SIZE];
  static int32_t labels[N];
  static float values[N];
  for (uint32_t i = 0; i < N; i++) {
    labels[i] = label_of(i);
    x[i * SIZE] = (uint8_t)i;
  }
  make_path(dataset_path);
  file_part train = {"train", H5T_NATIVE_UINT8, 2, {N, SIZE}, x, N, labels, CLASSES};
  file_part test = {"test", H5T_NATIVE_UINT8, 2, {TESTS, SIZE}, x, TESTS, labels, CLASSES};
  write_dataset(dataset_path, &train, &test);

  const hsize_t extent[] = {N, SIZE};
  hid_t file = -1, group = -1;
  make_path(values_path);
  assert_int_equal(ls_h5_create(&file, values_path), LS_OK);
  assert_int_equal(ls_h5_create_group(&group, file, "train"), LS_OK);
  assert_int_equal(ls_h5_create_dataset(group, "x", H5T_NATIVE_UINT8, 2, extent, NULL), LS_OK);
  assert_int_equal(ls_h5_create_dataset(group, "y", H5T_NATIVE_FLOAT, 1, extent, NULL), LS_OK);
  assert_int_equal(ls_h5_write(group, "y", H5T_NATIVE_FLOAT, values), LS_OK);
  ls_h5_close(&group);
  ls_h5_close(&file);
  return 0;
}

static int remove_datasets(void **state) {
  (void)state;
  return unlink(dataset_path) + unlink(values_path);
}

/* A small job with that in its section `dataset`, and an optional setting. */
static ls_job *read_job(const char *path, const char *dataset, const char *setting) {
  char text[1024];
  snprintf(text, sizeof text,
           "name: samples\n"
           "dataset: {file: %s%s%s}\n"
           "model: [{dense: {units: 3, activation: softmax}}]\n"
           "train: {epochs: 2, batch_size: 32, optimizer: sgd, loss: categorical_crossentropy}\n",
           path, *dataset ? ", " : "", dataset);
  ls_job *job = NULL;
  if (ls_job_read(&job, "job.yaml", text, &setting, setting != NULL, &ls_recipe_component) != LS_OK)
    return NULL;
  return job;
}

static ls_plan *make_plan(const char *dataset, const char *setting) {
  ls_plan *plan = NULL;
  ls_job *job = read_job(dataset_path, dataset, setting);
  if (!job || ls_plan_create(&plan, job, 0) != LS_OK) fail_msg("%s", ls_error_message());
  ls_job_free(&job);
  return plan;
}

static void expect_classes(const uint32_t *numbers, size_t count, size_t a, size_t b, size_t c) {
  size_t counts[CLASSES] = {0};
  for (size_t i = 0; i < count; i++) counts[label_of(numbers[i])]++;
  assert_int_equal(counts[0], a);
  assert_int_equal(counts[1], b);
  assert_int_equal(counts[2], c);
}

static void subsets(void **state) {
  (void)state;
  ls_plan *plan = make_plan("subset: {train: 20, test: 0.1}", NULL);
  assert_true(plan->split.train_count == 20 && plan->split.validation_count == 3);
  assert_int_equal(plan->split.train[19], 19);
  ls_plan_free(&plan);

  plan = make_plan("subset: {train: 0.2, stratified: true}", NULL);
  assert_true(plan->split.train_count == 20 && plan->split.validation_count == TESTS);
  expect_classes(plan->split.train, 20, 10, 6, 4); /* proportions 10, 6.6, 3.4 */
  ls_plan_free(&plan);

  plan = make_plan("subset: {train: 20, seed: 0}", NULL);
  ls_plan *other = make_plan("subset: {train: 20, seed: 1}", NULL);
  assert_memory_not_equal(plan->split.train, other->split.train, 20 * sizeof(uint32_t));
  assert_int_not_equal(plan->split.train[19], 19);
  ls_plan_free(&plan);
  ls_plan_free(&other);
}

/* Validation samples are taken from the subset, and so are test samples. */
static void splits_of_subsets(void **state) {
  (void)state;
  ls_plan *plan = make_plan("subset: {train: 50, test: 10}, validation: 0.2", NULL);
  assert_true(plan->split.train_count == 40 && plan->split.validation_count == 10);
  assert_true(plan->split.train[39] == 39 && plan->split.validation[9] == 49);
  assert_int_equal(plan->split.test_count, 10);
  ls_plan_free(&plan);

  plan = make_plan("validation: {fraction: {fraction: 0.5, stratified: true}}", NULL);
  expect_classes(plan->split.train, 50, 25, 16, 9);
  ls_plan_free(&plan);

  plan = make_plan("validation: {fraction: {fraction: 0.5, shuffle: true}}", NULL);
  bool mixed = false;
  for (uint32_t i = 0; i < 50; i++) mixed |= plan->split.train[i] != i;
  assert_true(mixed);
  ls_plan_free(&plan);

  plan = make_plan("subset: {train: 60}, validation: folds", "sweep={folds: 3}");
  assert_true(plan->split.train_count == 40 && plan->split.validation_count == 20);
  for (size_t i = 0; i < 20; i++) assert_true(plan->split.validation[i] < 60);
  expect_classes(plan->split.validation, 20, 10, 7, 3); /* of 30, 20, 10: assigned cyclically */
  ls_plan_free(&plan);
}

static void transforms(void **state) {
  (void)state;
  ls_plan *plan = make_plan("transform: [{pca: {components: 2}}, standardization]", NULL);
  assert_true(plan->input.rank == 1 && plan->input.extent[0] == 2);
  assert_int_equal(plan->model->param_count, 2 * 3 + 3);
  ls_plan_free(&plan);

  plan = make_plan("transform: [{pca: {components: 3}}]",
                   "train={epochs: 1, optimizer: sgd, loss: mean_squared_error, target: input}");
  ls_plan_free(&plan);
}

static void refusals(void **state) {
  (void)state;
  static const struct {
    const char *dataset, *setting, *expected;
    bool values; /* with the file of values */
  } cases[] = {
      {"subset: {}", NULL, "dataset.subset: needs 'train' or 'test'", false},
      {"subset: {train: 2.5}", NULL, "dataset.subset: train: must be whole, or a share", false},
      {"subset: {train: 5, seed: 0.5}", NULL,
       "dataset.subset.seed: found '0.5' (expected an integer from 0 to 9007199254740992)", false},
      {"subset: {train: 101}", NULL, "dataset.subset: train: 101 is 101 samples (expected 1 to 100",
       false},
      {"subset: {test: 0.001}", NULL, "dataset.subset: test: 0.001 is 0 samples (expected 1 to 30",
       false},
      {"subset: {train: 50, stratified: true}, validation: 0.5", NULL,
       "dataset.subset: stratified needs class labels, but", true},
      {"validation: {fraction: {fraction: 0.5, stratified: true}}", NULL,
       "dataset.validation: stratified needs class labels, but", true},
      {"transform: [{pca: {components: 5}}]", NULL,
       "job.yaml:2: dataset.transform[0].pca: 5 components of 100 samples of 4 features are "
       "too many",
       false},
      {"transform: [{pca: {components: 3}}], subset: {train: 2}", NULL, "3 components of 2 samples",
       false},
      {"transform: [{pac: {components: 3}}]", NULL, "did you mean 'pca'?", false},
  };
  for (size_t i = 0; i < COUNT_OF(cases); i++) {
    const char *path = cases[i].values ? values_path : dataset_path;
    ls_job *job = read_job(path, cases[i].dataset, cases[i].setting);
    ls_plan *plan = NULL;
    int status = job ? ls_plan_create(&plan, job, 0) : LS_INVALID;
    if (status == LS_OK) fail_msg("%s is taken", cases[i].dataset);
    assert_int_equal(status, LS_INVALID);
    if (!strstr(ls_error_message(), cases[i].expected)) fail_msg("'%s'", ls_error_message());
    ls_job_free(&job);
  }
}

/* Folds of targets of values are not stratified. */
static void folds_of_values(void **state) {
  (void)state;
  ls_plan *plan = NULL;
  ls_job *job = NULL;
  const char *sets[] = {"sweep={folds: 4}"};
  char text[512];
  snprintf(text, sizeof text,
           "name: samples\n"
           "dataset: {file: %s, validation: folds}\n"
           "model: [{dense: 1}]\n"
           "train: {epochs: 1, optimizer: sgd, loss: mean_squared_error}\n",
           values_path);
  assert_int_equal(ls_job_read(&job, "job.yaml", text, sets, 1, &ls_recipe_component), LS_OK);
  if (ls_plan_create(&plan, job, 1) != LS_OK) fail_msg("%s", ls_error_message());
  assert_true(plan->split.train_count == 75 && plan->split.validation_count == 25);
  ls_plan_free(&plan);
  ls_job_free(&job);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(subsets),  cmocka_unit_test(splits_of_subsets), cmocka_unit_test(transforms),
      cmocka_unit_test(refusals), cmocka_unit_test(folds_of_values),
  };
  return cmocka_run_group_tests(tests, make_datasets, remove_datasets);
}
