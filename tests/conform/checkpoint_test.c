/* Checkpoints whose seal is sound: they come back as they were written; those of another training,
 * or with numbers that none can have, are refused with what is wrong. */
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

/* Memory for all that a training with one slot has. */
static ls_checkpoint make_room(void) {
  size_t count = net.model->param_count;
  ls_checkpoint c = {.job = "name: some\n",
                     .trial_name = "",
                     .dataset = "some.h5",
                     .shards = 2,
                     .share = ls_block_cyclic_all(count),
                     .slot_count = 1,
                     .rows = new_array(EPOCHS * CURVES, sizeof(double)),
                     .curve_count = CURVES,
                     .row_room = EPOCHS,
                     .curve_names = curve_names,
                     .sums = new_array(SUMS, sizeof(double)),
                     .sum_count = SUMS};
  ls_snapshot *moments[] = {&c.now, &c.best};
  for (int i = 0; i < 2; i++) {
    moments[i]->weights = new_array(count, sizeof(ls_real));
    moments[i]->slots[0] = new_array(count, sizeof(ls_real));
  }
  return c;
}

static void free_room(ls_checkpoint *c) {
  free(c->rows);
  free(c->sums);
  free(c->now.weights);
  free(c->now.slots[0]);
  free(c->best.weights);
  free(c->best.slots[0]);
}

/* A moment after three epochs and `step` steps, the best one being that after epoch `best`. */
static ls_checkpoint make_content(double step, double best) {
  ls_checkpoint c = make_room();
  c.now.numbers[LS_SNAPSHOT_EPOCH] = DONE;
  c.now.numbers[LS_SNAPSHOT_STEP] = step;
  c.now.numbers[LS_SNAPSHOT_STOPPING_BEST_EPOCH] = c.best.numbers[LS_SNAPSHOT_EPOCH] = best;
  c.now.numbers[LS_SNAPSHOT_STOPPING_BEST] = -0.5;
  c.now.weights_hash = 0x123456789abcdef0;
  c.best.weights_hash = best == DONE ? c.now.weights_hash : 7;
  for (size_t i = 0; i < c.share.end; i++) {
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

static void expect_moment(const ls_snapshot *found, const ls_snapshot *expected, size_t count) {
  assert_int_equal(found->weights_hash, expected->weights_hash);
  assert_memory_equal(found->weights, expected->weights, count * sizeof(ls_real));
  assert_memory_equal(found->slots[0], expected->slots[0], count * sizeof(ls_real));
}

/* With steps of the next epoch and without, the best moment being another one, or the same. */
static void comes_back(void **state) {
  (void)state;
  static const double steps[] = {0, 6, 0}, bests[] = {1, 1, DONE};
  for (int i = 0; i < 3; i++) {
    ls_checkpoint written = make_content(steps[i], bests[i]), read = make_room();
    write_it(&written);
    int status = ls_checkpoint_read(path, net.model, &read, &alone);
    if (status != LS_OK) fail_msg("%s", ls_error_message());
    assert_memory_equal(read.now.numbers, written.now.numbers, sizeof read.now.numbers);
    assert_true(read.best.numbers[LS_SNAPSHOT_EPOCH] == bests[i]);
    expect_moment(&read.now, &written.now, read.share.end);
    expect_moment(&read.best, &written.best, read.share.end);
    assert_memory_equal(read.rows, written.rows, DONE * CURVES * sizeof(double));
    if (steps[i] > 0) assert_memory_equal(read.sums, written.sums, SUMS * sizeof(double));
    free_room(&written);
    free_room(&read);
  }
}

/* A share of two runs, the first within the layer's kernel, the second its bias: of a whole vector
 * of weights, or packed, as the moment says. */
static void shares_come_back(void **state) {
  (void)state;
  const ls_block_cyclic share = {4, 4, 8, 16};
  for (int k = 0; k < 8; k++) {
    ls_checkpoint written = make_content(0, k & 4 ? DONE : 1), read = make_room();
    assert_int_equal(written.share.end, share.end);
    written.share = read.share = share;
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
    free_room(&written);
    free_room(&read);
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
  ls_checkpoint written = make_content(6, 1), read = make_room();
  write_it(&written);
  read.shards = 3;
  expect_refused(&read, "is of 2 shards (expected 3)");
  read.shards = 2;
  read.row_room = 2;
  expect_refused(&read, "is of epoch 3 (expected at most 2)");
  read.row_room = EPOCHS;
  read.curve_count = 1;
  expect_refused(&read, "/lockstep/rows has another shape than this trial's");
  read.curve_count = CURVES;
  read.sum_count = 1;
  expect_refused(&read, "/lockstep/sums has another shape than this trial's");
  read.sum_count = SUMS;
  read.slot_count = 0;
  expect_refused(&read, "is of another optimiser, with more slots");
  read.slot_count = 2;
  expect_refused(&read, "optimizer/slot_2: cannot open the dataset");
  free_room(&written);
  free_room(&read);
}

/* Sets a number within the file, and seals it. */
static void change(const char *group, const char *attribute, double number) {
  hid_t file = -1;
  assert_int_equal(ls_h5_open_to_change(&file, path), LS_OK);
  assert_int_equal(ls_h5_set_values(file, group, attribute, H5T_NATIVE_DOUBLE, 1, &number), LS_OK);
  assert_int_equal(ls_h5_close(&file), LS_OK);
  assert_int_equal(checksum_append(path), LS_OK);
}

static void impossible_numbers(void **state) {
  (void)state;
  static const struct {
    const char *group, *attribute;
    double number;
    const char *expected;
  } cases[] = {{"lockstep", "epoch", 0.5, "its 'epoch' is 0.5 (expected a whole number)"},
               {"lockstep", "step", -1, "its 'step' is -1 (expected a whole number)"},
               {"lockstep", "updates", NAN, "its 'updates' is nan (expected a whole number)"},
               {"lockstep", "stopping_waited", INFINITY, "its 'stopping_waited' is inf"},
               {"lockstep", "ended", 77, "its 'ended' is 77"},
               {"lockstep/best", "epoch", 1e300, "its 'epoch' is 1e+300"}};
  ls_checkpoint written = make_content(6, 1), read = make_room();
  for (size_t i = 0; i < COUNT_OF(cases); i++) {
    write_it(&written);
    change(cases[i].group, cases[i].attribute, cases[i].number);
    expect_refused(&read, cases[i].expected);
  }
  free_room(&written);
  free_room(&read);
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
    assert_non_null(strstr(ls_error_message(), "holds no job"));
    assert_null(job);
  }
  free_room(&written);
}

int main(int argc, char **argv) {
  setenv("OMPI_MCA_io", "romio321", 0);
  MPI_Init(&argc, &argv);
  if (ls_group_create(&alone, MPI_COMM_SELF, 0) != LS_OK) return 1;
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(comes_back), cmocka_unit_test(shares_come_back),
      cmocka_unit_test(of_another_training), cmocka_unit_test(impossible_numbers),
      cmocka_unit_test(impossible_trials)};
  int failed = cmocka_run_group_tests(tests, make_path, remove_path);
  ls_group_free(&alone);
  MPI_Finalize();
  return failed;
}
