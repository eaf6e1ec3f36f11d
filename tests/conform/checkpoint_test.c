/* Checkpoints with a valid checksum: what is read equals what was written; files of another
 * training, or with values out of range, are refused with the reason. */
#include "fragment.h"

#include "h5/h5.h"
#include "store/checkpoint/checkpoint.h"
#include "store/checkpoint/checksum.h"
#include "store/checkpoint/model_file.h"

#include <string.h>
#include <unistd.h>

enum { CLASSES = 4, CURVES = 2, EPOCHS = 5, DONE = 3, SUMS = 2 };

static const char *const curve_names[CURVES] = {"loss", "val_loss"};
static char path[64];
static ls_group alone;
static subject net;

static int make_path(void **state) {
  (void)state;
  snprintf(path, sizeof path, "/tmp/lockstep-checkpoint-XXXXXX");
  int file = mkstemp(path);
  net = make_subject("model: [{dense: {units: 4, activation: softmax}}]", (ls_shape){1, {3}},
                     CLASSES, 1);
  return file < 0 ? -1 : close(file);
}

static int remove_path(void **state) {
  (void)state;
  free_subject(&net);
  return unlink(path);
}

/* Memory for a checkpoint with one slot. */
static ls_checkpoint allocate(void) {
  size_t count = net.model->param_count;
  ls_checkpoint c = {.job = "name: some\n",
                     .trial_name = "",
                     .dataset = "some.h5",
                     .shards = 2,
                     .partition = ls_block_cyclic_all(count),
                     .slot_count = 1,
                     .rows = new_array(EPOCHS * CURVES, sizeof(double)),
                     .curve_count = CURVES,
                     .row_capacity = EPOCHS,
                     .curve_names = curve_names,
                     .sums = new_array(SUMS, sizeof(double)),
                     .sum_count = SUMS};
  ls_snapshot *snapshots[] = {&c.now, &c.best};
  for (int i = 0; i < 2; i++) {
    snapshots[i]->weights = new_array(count, sizeof(ls_real));
    snapshots[i]->slots[0] = new_array(count, sizeof(ls_real));
  }
  return c;
}

static void release(ls_checkpoint *c) {
  free(c->rows);
  free(c->sums);
  free(c->now.weights);
  free(c->now.slots[0]);
  free(c->best.weights);
  free(c->best.slots[0]);
}

/* A snapshot after three epochs and `step` steps, the best epoch being `best`. Every scalar has a
 * value of its own. */
static ls_checkpoint make_content(size_t step, size_t best) {
  ls_checkpoint c = allocate();
  c.now.scalars = (ls_snapshot_scalars){
      .weights_hash = 0x123456789abcdef0,
      .epoch = DONE,
      .step = step,
      .updates = ((int64_t)1 << 53) - 1,
      .seconds = 12.25,
      .epoch_seconds = 0.5,
      .stopping = {.best = -0.5, .best_epoch = best, .waited = 17},
      .plateau = {.started = true, .best = INFINITY, .waited = 3, .cooldown = 4, .scale = 0.125},
      .ended = LS_TRIAL_STOPPED_EARLY};
  c.best.scalars = c.now.scalars;
  if (best != DONE) c.best.scalars.weights_hash = 7;
  c.best.scalars.epoch = best;
  for (size_t i = 0; i < c.partition.end; i++) {
    c.now.weights[i] = some_number(i);
    c.now.slots[0][i] = some_number(i + 50);
    c.best.weights[i] = some_number(best == DONE ? i : i + 90);
    c.best.slots[0][i] = some_number(best == DONE ? i + 50 : i + 130);
  }
  for (size_t i = 0; i < DONE * CURVES; i++) c.rows[i] = (double)i / 3;
  for (size_t i = 0; i < SUMS; i++) c.sums[i] = 1 + (double)i / 7;
  return c;
}

static void write_it(const ls_checkpoint *c) {
  int status = ls_checkpoint_write(path, NULL, net.model, c, &alone);
  if (status != LS_OK) fail_msg("%s", ls_error_message());
}

static void expect_scalars(const ls_snapshot_scalars *found, const ls_snapshot_scalars *expected) {
  assert_int_equal(found->weights_hash, expected->weights_hash);
  assert_int_equal(found->epoch, expected->epoch);
  assert_int_equal(found->step, expected->step);
  assert_int_equal(found->updates, expected->updates);
  assert_true(found->seconds == expected->seconds);
  assert_true(found->epoch_seconds == expected->epoch_seconds);
  assert_true(found->stopping.best == expected->stopping.best);
  assert_int_equal(found->stopping.best_epoch, expected->stopping.best_epoch);
  assert_int_equal(found->stopping.waited, expected->stopping.waited);
  assert_int_equal(found->plateau.started, expected->plateau.started);
  assert_true(found->plateau.best == expected->plateau.best);
  assert_int_equal(found->plateau.waited, expected->plateau.waited);
  assert_int_equal(found->plateau.cooldown, expected->plateau.cooldown);
  assert_true(found->plateau.scale == expected->plateau.scale);
  assert_int_equal(found->ended, expected->ended);
}

static void expect_snapshot(const ls_snapshot *found, const ls_snapshot *expected, size_t count) {
  expect_scalars(&found->scalars, &expected->scalars);
  assert_memory_equal(found->weights, expected->weights, count * sizeof(ls_real));
  assert_memory_equal(found->slots[0], expected->slots[0], count * sizeof(ls_real));
}

/* With steps of the next epoch and without, the best epoch being an earlier one, or the last. */
static void round_trip(void **state) {
  (void)state;
  static const size_t steps[] = {0, 6, 0}, bests[] = {1, 1, DONE};
  for (int i = 0; i < 3; i++) {
    ls_checkpoint written = make_content(steps[i], bests[i]), read = allocate();
    write_it(&written);
    int status = ls_checkpoint_read(path, net.model, &read, &alone);
    if (status != LS_OK) fail_msg("%s", ls_error_message());
    expect_snapshot(&read.now, &written.now, read.partition.end);
    expect_snapshot(&read.best, &written.best, read.partition.end);
    assert_memory_equal(read.rows, written.rows, DONE * CURVES * sizeof(double));
    if (steps[i] > 0) assert_memory_equal(read.sums, written.sums, SUMS * sizeof(double));
    release(&written);
    release(&read);
  }
}

/* A partition of two blocks, the first within the layer's kernel, the second its bias; of a whole
 * vector of weights, or packed. */
static void partitions(void **state) {
  (void)state;
  const ls_block_cyclic partition = {4, 4, 8, 16};
  for (int k = 0; k < 8; k++) {
    ls_checkpoint written = make_content(0, k & 4 ? DONE : 1), read = allocate();
    assert_int_equal(written.partition.end, partition.end);
    written.partition = read.partition = partition;
    written.now.whole = k & 1;
    read.now.whole = k & 2;
    write_it(&written);
    int status = ls_checkpoint_read(path, net.model, &read, &alone);
    if (status != LS_OK) fail_msg("%s", ls_error_message());
    for (size_t i = 0; i < 8; i++) {
      size_t element = i < 4 ? 4 + i : 8 + i;
      ls_real weight = written.now.weights[k & 1 ? element : i];
      assert_true(read.now.weights[k & 2 ? element : i] == weight);
      assert_true(read.best.weights[i] == (k & 4 ? weight : written.best.weights[i]));
      assert_true(read.now.slots[0][i] == written.now.slots[0][i]);
      assert_true(read.best.slots[0][i] == (k & 4 ? written.now : written.best).slots[0][i]);
    }
    assert_true(!(k & 2) || (read.now.weights[3] == 0 && read.now.weights[8] == 0));
    release(&written);
    release(&read);
  }
}

static void expect_refused(ls_checkpoint *wanted, const char *expected) {
  ls_error_clear();
  assert_int_equal(ls_checkpoint_read(path, net.model, wanted, &alone), LS_INVALID);
  const char *message = ls_error_message();
  if (strncmp(message, path, strlen(path)) != 0 || !strstr(message, expected)) {
    fail_msg("'%s' (expected '%s')", message, expected);
  }
}

static void of_another_training(void **state) {
  (void)state;
  ls_checkpoint written = make_content(6, 1), read = allocate();
  write_it(&written);
  read.shards = 3;
  expect_refused(&read, "was written with 2 shards (expected 3)");
  read.shards = 2;
  read.row_capacity = 2;
  expect_refused(&read, "is of epoch 3 (expected at most 2)");
  read.row_capacity = EPOCHS;
  read.curve_count = 1;
  expect_refused(&read, "/lockstep/rows: its shape is not that of this trial");
  read.curve_count = CURVES;
  read.sum_count = 1;
  expect_refused(&read, "/lockstep/sums: its shape is not that of this trial");
  read.sum_count = SUMS;
  read.slot_count = 0;
  expect_refused(&read, "was written with an optimiser with more slots");
  read.slot_count = 2;
  expect_refused(&read, "optimizer/slot_2: cannot open the dataset");
  release(&written);
  release(&read);
}

/* Sets a number within the file, and writes its checksum anew. */
static void change(const char *group, const char *attribute, double number) {
  hid_t file = -1;
  assert_int_equal(ls_h5_open_writable(&file, path), LS_OK);
  assert_int_equal(ls_h5_set_values(file, group, attribute, H5T_NATIVE_DOUBLE, 1, &number), LS_OK);
  assert_int_equal(ls_h5_close(&file), LS_OK);
  assert_int_equal(checksum_write(path), LS_OK);
}

static void out_of_range(void **state) {
  (void)state;
  static const struct {
    const char *group, *attribute;
    double number;
    const char *expected;
  } cases[] = {
      {"lockstep", "epoch", 0.5, "its 'epoch' is 0.5 (expected an integer of 0 or more)"},
      {"lockstep", "step", -1, "its 'step' is -1 (expected an integer of 0 or more)"},
      {"lockstep", "updates", NAN, "its 'updates' is nan (expected an integer of 0 or more)"},
      {"lockstep", "stopping_waited", INFINITY, "its 'stopping_waited' is inf"},
      {"lockstep", "stopping_best_epoch", 0x1p54, "its 'stopping_best_epoch' is 1.8"},
      {"lockstep", "seconds", -1, "its 'seconds' is -1 (expected a number of 0 or more)"},
      {"lockstep", "plateau_started", 2, "its 'plateau_started' is 2 (expected 0 or 1)"},
      {"lockstep", "plateau_scale", 1.5, "is 1.5 (expected a number from 0 to 1)"},
      {"lockstep", "ended", 77, "its 'ended' is 77 (expected the number of a trial's status)"},
      {"lockstep/best", "epoch", 1e300, "its 'epoch' is 1e+300"}};
  ls_checkpoint written = make_content(6, 1), read = allocate();
  for (size_t i = 0; i < COUNT_OF(cases); i++) {
    write_it(&written);
    change(cases[i].group, cases[i].attribute, cases[i].number);
    expect_refused(&read, cases[i].expected);
  }
  release(&written);
  release(&read);
}

static void impossible_trials(void **state) {
  (void)state;
  static const double trials[] = {0, -3, NAN, INFINITY, 1e300};
  ls_checkpoint written = make_content(0, 1);
  write_it(&written);
  for (size_t i = 0; i < COUNT_OF(trials); i++) {
    char *job = NULL;
    size_t trial = 0;
    change("lockstep", "trial", trials[i]);
    assert_int_equal(ls_model_file_job(path, &job, &trial), LS_INVALID);
    assert_non_null(strstr(ls_error_message(), "has no job"));
    assert_null(job);
  }
  release(&written);
}

int main(int argc, char **argv) {
  setenv("OMPI_MCA_io", "romio321", 0);
  MPI_Init(&argc, &argv);
  if (ls_group_create(&alone, MPI_COMM_SELF, 0) != LS_OK) return 1;
  const struct CMUnitTest tests[] = {cmocka_unit_test(round_trip), cmocka_unit_test(partitions),
                                     cmocka_unit_test(of_another_training),
                                     cmocka_unit_test(out_of_range),
                                     cmocka_unit_test(impossible_trials)};
  int failed = cmocka_run_group_tests(tests, make_path, remove_path);
  ls_group_free(&alone);
  MPI_Finalize();
  return failed;
}
