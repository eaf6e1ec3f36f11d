/* When groups leave their trials to larger ones. */
#include "comm/reduce.h"
#include "dataset_file.h"
#include "run/regroup.h"
#include "run/trial_queue.h"

static ls_plan *plan;

/* A plan whose products take long enough for more ranks to pay. */
static int make_plan(void **state) {
  (void)state;
  enum { N = 64, SIZE = 16 };
  static uint8_t x[N * SIZE];
  static int32_t labels[N];
  char path[64], text[512];
  make_path(path);
  file_part part = {"train", H5T_NATIVE_UINT8, 2, {N, SIZE}, x, N, labels, 10};
  file_part test = {"test", H5T_NATIVE_UINT8, 2, {N, SIZE}, x, N, labels, 10};
  write_dataset(path, &part, &test);
  snprintf(text, sizeof text,
           "name: regroup\n"
           "dataset: {file: %s}\n"
           "model: [{dense: {units: 4000}}, {dense: {units: 10, activation: softmax}}]\n"
           "train: {epochs: 9, batch_size: 64, shards: 4, optimizer: sgd,\n"
           "        loss: categorical_crossentropy}\n",
           path);
  ls_job *job = NULL;
  if (ls_job_read(&job, "job.yaml", text, NULL, 0, &ls_recipe_component) != LS_OK ||
      ls_plan_create(&plan, job, 0) != LS_OK) {
    fail_msg("%s", ls_error_message());
  }
  ls_job_free(&job);
  return unlink(path);
}

static int free_plan(void **state) {
  (void)state;
  ls_plan_free(&plan);
  return 0;
}

/* 8 ranks, 8 groups, 20 trials; an epoch takes a second, and five are left. */
static const ls_packing packing = {.ranks_per_trial = 1, .groups = 8, .count = 20};

static regroup_state at(int64_t queue) {
  return (regroup_state){.packing = &packing,
                         .ranks = 8,
                         .queue = queue,
                         .plan = plan,
                         .shards = 4,
                         .epochs_left = 5,
                         .epoch_seconds = 1};
}

static void counts_parts(void **state) {
  (void)state;
  int64_t queue = 23 * QUEUE_TAKE + 5 * QUEUE_LEAVE + 2 * QUEUE_IDLE;
  assert_int_equal(queue_taken(queue), 23);
  assert_int_equal(queue_idle(queue), 2);
  assert_false(queue_ends(queue, 8));
  assert_true(queue_ends(queue, 7));
  assert_int_equal(queue_leaving(queue), 5);
  queue += 16000000 * QUEUE_TAKE + 300000 * QUEUE_LEAVE + 200000 * QUEUE_IDLE;
  assert_int_equal(queue_taken(queue), 16000023);
  assert_int_equal(queue_leaving(queue), 300005);
  assert_int_equal(queue_idle(queue), 200002);
}

/* As many as there are for each trial that is left, but no more than it has shards. */
static void divides_ranks(void **state) {
  (void)state;
  static const size_t expected[] = {1, 1, 1, 1, 2, 2, 4, 4};
  for (int64_t idle = 0; idle < 8; idle++) {
    regroup_state s = at(20 * QUEUE_TAKE + idle * QUEUE_IDLE);
    assert_int_equal(regroup_ranks(&s), expected[idle]);
    s.shards = 1;
    assert_int_equal(regroup_ranks(&s), 1);
  }
  regroup_state before = at(3 * QUEUE_TAKE), none = at(8 * QUEUE_IDLE);
  assert_int_equal(regroup_ranks(&before), 1);
  assert_int_equal(regroup_ranks(&none), 1);
}

/* Not for a trial that is about to end, nor for a short one. */
static void weighs_the_gain(void **state) {
  (void)state;
  regroup_state s = at(6 * QUEUE_IDLE);
  assert_true(regroup_pays(&s));
  s.epochs_left = 1;
  assert_false(regroup_pays(&s));
  s.epochs_left = 50;
  s.epoch_seconds = 0.005;
  assert_false(regroup_pays(&s));
  s.epoch_seconds = 0.05;
  assert_true(regroup_pays(&s));
  s.queue = 2 * QUEUE_IDLE; /* 6 groups have a trial still */
  assert_false(regroup_pays(&s));
}

/* Sums in the order of ranks would show in the results. */
static void leaves_other_sums_alone(void **state) {
  (void)state;
  regroup_state s = at(6 * QUEUE_IDLE);
  plan->recipe.train.reduction = LS_REDUCE_ALLREDUCE;
  assert_int_equal(regroup_ranks(&s), 1);
  assert_false(regroup_pays(&s));
  plan->recipe.train.reduction = LS_REDUCE_AUTO;
}

static void waits_for_all(void **state) {
  (void)state;
  regroup_state none = at(6 * QUEUE_IDLE), one = at(6 * QUEUE_IDLE + QUEUE_LEAVE),
                both = at(6 * QUEUE_IDLE + 2 * QUEUE_LEAVE), ended = at(8 * QUEUE_IDLE);
  assert_false(regroup_agreed(&none));
  assert_false(regroup_agreed(&one));
  assert_true(regroup_agreed(&both));
  assert_false(regroup_agreed(&ended)); /* no group is left to leave */
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(counts_parts),    cmocka_unit_test(divides_ranks),
      cmocka_unit_test(weighs_the_gain), cmocka_unit_test(leaves_other_sums_alone),
      cmocka_unit_test(waits_for_all),
  };
  return cmocka_run_group_tests(tests, make_plan, free_plan);
}
