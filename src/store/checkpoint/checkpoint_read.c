/* Reading checkpoints: the seal first, then what it is of, then each rank its share. */
#include "store/checkpoint/checkpoint.h"

#include "lockstep/error.h"
#include "store/checkpoint/checksum.h"
#include "store/checkpoint/ranges.h"
#include "store/checkpoint/model_file.h"
#include "store/checkpoint/names.h"
#include "store/results/results.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* Whether a number of a moment can be what it is: those that count are whole. */
static bool is_possible(size_t i, double number) {
  switch (i) {
  case LS_SNAPSHOT_SECONDS:
  case LS_SNAPSHOT_EPOCH_SECONDS:
  case LS_SNAPSHOT_STOPPING_BEST:
  case LS_SNAPSHOT_PLATEAU_BEST:
  case LS_SNAPSHOT_PLATEAU_SCALE:
    return true;
  case LS_SNAPSHOT_ENDED:
    return number >= 0 && number <= LS_TRIAL_FAILED && number == floor(number);
  default:
    return number >= 0 && number <= 0x1p53 && number == floor(number);
  }
}

static int read_moment(hid_t group, const char *path, ls_snapshot *m) {
  int status = ls_h5_get_hash(group, ".", "weights_hash", &m->weights_hash);
  for (size_t i = 0; i < LS_SNAPSHOT_COUNT && status == LS_OK; i++) {
    const char *name = moment_name(i);
    status = ls_h5_get_number(group, ".", name, &m->numbers[i]);
    if (status == LS_OK && !is_possible(i, m->numbers[i])) {
      status = ls_fail(LS_INVALID, "%s: its '%s' is %g (expected a whole number)", path, name,
                       m->numbers[i]);
    }
  }
  return status;
}

/* LS_INVALID unless the dataset has that shape. */
static int expect_shape(hid_t file, const char *path, const char *name, int rank,
                        const hsize_t *extent) {
  ls_h5_shape shape;
  int status = ls_h5_describe(file, name, &shape);
  if (status != LS_OK) return status;
  if (shape.rank == rank && memcmp(shape.extent, extent, (size_t)rank * sizeof *extent) == 0) {
    return LS_OK;
  }
  return ls_fail(LS_INVALID, "%s: /%s has another shape than this trial's", path, name);
}

static int expect_slots(hid_t file, const char *path, const char *group, size_t count,
                        size_t elements) {
  const hsize_t extent = elements;
  char name[RUN_NAME];
  int status = LS_OK;
  for (size_t k = 0; k < count && status == LS_OK; k++) {
    run_slot_name(name, group, k);
    status = expect_shape(file, path, name, 1, &extent);
  }
  run_slot_name(name, group, count);
  if (status == LS_OK && ls_h5_has(file, name)) {
    status = ls_fail(LS_INVALID, "%s: is of another optimiser, with more slots", path);
  }
  return status;
}

static int read_rows(hid_t file, const char *path, ls_checkpoint *c) {
  const double epochs = c->now.numbers[LS_SNAPSHOT_EPOCH];
  if (!(epochs >= 0 && epochs <= (double)c->row_room)) {
    return ls_fail(LS_INVALID, "%s: is of epoch %g (expected at most %zu)", path, epochs,
                   c->row_room);
  }
  const hsize_t extent[2] = {(hsize_t)epochs, c->curve_count};
  if (extent[0] == 0) return LS_OK;
  int status = expect_shape(file, path, OWN_GROUP "/rows", 2, extent);
  return status == LS_OK ? ls_h5_read(file, OWN_GROUP "/rows", H5T_NATIVE_DOUBLE, c->rows) : status;
}

static int read_sums(hid_t file, const char *path, ls_checkpoint *c) {
  const hsize_t extent = c->sum_count;
  if (c->now.numbers[LS_SNAPSHOT_STEP] == 0) return LS_OK;
  int status = expect_shape(file, path, OWN_GROUP "/sums", 1, &extent);
  return status == LS_OK ? ls_h5_read(file, OWN_GROUP "/sums", H5T_NATIVE_DOUBLE, c->sums) : status;
}

/* The best moment is in a group of its own, or is the one that the file is of. */
static int read_best(hid_t file, const char *path, const ls_model *model, ls_checkpoint *c) {
  c->best.numbers[LS_SNAPSHOT_EPOCH] = 0;
  if (ls_h5_has(file, BEST_GROUP)) {
    const hsize_t extent = model->param_count;
    hid_t group = -1;
    int status = ls_h5_open_group(&group, file, BEST_GROUP);
    if (status == LS_OK) status = read_moment(group, path, &c->best);
    ls_h5_close(&group);
    if (status == LS_OK) status = expect_shape(file, path, BEST_GROUP "/weights", 1, &extent);
    if (status == LS_OK) {
      status = expect_slots(file, path, BEST_GROUP, c->slot_count, model->param_count);
    }
    return status == LS_OK ? runs_of_best(file, c, &c->best, run_read) : status;
  }
  const double *now = c->now.numbers;
  bool same = now[LS_SNAPSHOT_STOPPING_BEST_EPOCH] == now[LS_SNAPSHOT_EPOCH];
  if (now[LS_SNAPSHOT_STEP] > 0 || now[LS_SNAPSHOT_EPOCH] == 0 || !same) return LS_OK;
  memcpy(c->best.numbers, now, sizeof c->best.numbers);
  c->best.weights_hash = c->now.weights_hash;
  size_t bytes = ls_block_cyclic_count(&c->share) * sizeof(ls_real);
  if (c->now.whole) {
    ls_block_cyclic_pack(&c->share, c->now.weights, c->best.weights);
  } else {
    memcpy(c->best.weights, c->now.weights, bytes);
  }
  for (size_t k = 0; k < c->slot_count; k++) memcpy(c->best.slots[k], c->now.slots[k], bytes);
  return LS_OK;
}

static int read_state(hid_t file, const char *path, const ls_model *model, ls_checkpoint *c) {
  hid_t own = -1;
  double shards = 0;
  int status = ls_h5_open_group(&own, file, OWN_GROUP);
  if (status == LS_OK) status = read_moment(own, path, &c->now);
  if (status == LS_OK) status = ls_h5_get_number(own, ".", "shards", &shards);
  ls_h5_close(&own);
  if (status == LS_OK && shards != (double)c->shards) {
    status = ls_fail(LS_INVALID, "%s: is of %g shards (expected %zu)", path, shards, c->shards);
  }
  if (status == LS_OK) status = read_rows(file, path, c);
  if (status == LS_OK) status = read_sums(file, path, c);
  if (status == LS_OK) {
    status = expect_slots(file, path, OWN_GROUP "/optimizer", c->slot_count, model->param_count);
  }
  return status;
}

int ls_checkpoint_read(const char *path, const ls_model *model, ls_checkpoint *c,
                       const ls_group *group) {
  hid_t file = -1;
  int status = group->rank == 0 ? checksum_verify(path) : LS_OK;
  /* The shapes of the layers' arrays, with messages of their own. */
  if (status == LS_OK && group->rank == 0) status = ls_model_file_read(path, model, NULL);
  status = ls_group_agree(group, status);
  if (status != LS_OK) return status;
  status = ls_h5_open(&file, path);
  if (status == LS_OK) status = read_state(file, path, model, c);
  if (status == LS_OK) status = runs_of_now(file, model, c, &c->now, run_read);
  if (status == LS_OK) status = read_best(file, path, model, c);
  ls_h5_close(&file);
  return ls_group_agree(group, status);
}
