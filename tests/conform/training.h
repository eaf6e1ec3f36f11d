/* The program's trainer on a small dataset, with weights that the test chooses. */
#ifndef TEST_TRAINING_H
#define TEST_TRAINING_H

#include "dataset_file.h"
#include "trial/epoch.h"
#include "trial/step.h"

#include <string.h>

/* Writes a dataset of vectors, the same for training and test, and sets `path` to its name. */
static inline void write_waves(char path[64], size_t samples, size_t inputs, int64_t classes) {
  float *x = new_array(samples * inputs, sizeof *x);
  int32_t *labels = new_array(samples, sizeof *labels);
  for (size_t i = 0; i < samples * inputs; i++) x[i] = (float)sin((double)(7 * i));
  for (size_t i = 0; i < samples; i++) labels[i] = (int32_t)((int64_t)(i * i) % classes);
  make_path(path);
  file_part train = {"train", H5T_NATIVE_FLOAT, 2, {samples, inputs}, x, samples, labels, classes};
  file_part test = train;
  test.name = "test";
  write_dataset(path, &train, &test);
  free(x);
  free(labels);
}

/* A job's trial, ready to train on one rank. */
typedef struct training {
  ls_job *job;
  ls_plan *plan;
  ls_group group;
  ls_peers peers;
  ls_pool *pools[LS_PART_COUNT];
  ls_callbacks callbacks;
  trainer trainer;
} training;

static inline bool never_stops(void *context) {
  (void)context;
  return false;
}

static inline void ignores_step(void *context, size_t epoch, size_t step, double loss) {
  (void)context, (void)epoch, (void)step, (void)loss;
}

/* Takes ownership of the job. */
static inline void start_trial(training *t, ls_job *job, size_t trial, size_t shards) {
  *t = (training){.job = job, .callbacks = {.stop = never_stops, .step = ignores_step}};
  int status = ls_plan_create(&t->plan, t->job, trial);
  if (status == LS_OK) status = ls_group_create(&t->group, MPI_COMM_WORLD, 0);
  if (status == LS_OK) t->peers = ls_group_peers(&t->group, false);
  for (int part = 0; part < LS_PART_COUNT && status == LS_OK; part++) {
    status = ls_pool_load(&t->pools[part], t->plan->dataset, (ls_part)part, &t->peers);
  }
  if (status == LS_OK) {
    status = trainer_create(&t->trainer, t->plan, shards, &t->group, t->pools, &t->callbacks);
  }
  if (status != LS_OK) fail_msg("%s", ls_error_message());
}

static inline void start_training(training *t, const char *text, size_t shards) {
  ls_job *job = NULL;
  int status = ls_job_read(&job, "job.yaml", text, NULL, 0, &ls_recipe_component);
  if (status != LS_OK) fail_msg("%s", ls_error_message());
  start_trial(t, job, 0, shards);
}

static inline void end_training(training *t) {
  trainer_destroy(&t->trainer);
  for (int part = 0; part < LS_PART_COUNT; part++) ls_pool_free(&t->pools[part]);
  ls_plan_free(&t->plan);
  ls_job_free(&t->job);
  ls_group_free(&t->group);
}

static inline void set_weights(training *t, const double *weights) {
  ls_real *own = ls_reducer_weights(t->trainer.reducer);
  for (size_t i = 0; i < t->plan->model->param_count; i++) own[i] = (ls_real)weights[i];
  assert_int_equal(ls_reducer_broadcast(t->trainer.reducer), LS_OK);
}

/* Trains an epoch and returns the means of its curves. */
static inline void train_epoch(training *t, size_t epoch, double *means) {
  uint32_t flags = 0;
  assert_int_equal(trainer_begin_epoch(&t->trainer, epoch), LS_OK);
  for (size_t step = 0; step < t->plan->steps; step++) {
    assert_int_equal(trainer_step(&t->trainer, epoch, step, &flags), LS_OK);
    assert_int_equal(flags, 0);
  }
  assert_int_equal(trainer_end_epoch(&t->trainer, means), LS_OK);
}

#endif
