/* Reading checkpoints: the checksum first, then the scalars and shapes, then each rank its
 * partition of the arrays. */
#include "store/checkpoint/checkpoint.h"

#include "lockstep/error.h"
#include "store/checkpoint/checksum.h"
#include "store/checkpoint/model_file.h"
#include "store/checkpoint/names.h"
#include "store/checkpoint/ranges.h"

#include <string.h>

/* LS_INVALID unless the dataset has that shape. */
static int expect_shape(hid_t file, const char *path, const char *name, int rank,
                        const hsize_t *extent) {
  ls_h5_shape shape;
  int status = ls_h5_describe(file, name, &shape);
  if (status != LS_OK) return status;
  if (shape.rank == rank && memcmp(shape.extent, extent, (size_t)rank * sizeof *extent) == 0) {
    return LS_OK;
  }
  return ls_fail(LS_INVALID, "%s: /%s: its shape is not that of this trial", path, name);
}

static int expect_slots(hid_t file, const char *path, const char *group, size_t count,
                        size_t elements) {
  const hsize_t extent = elements;
  char name[SLOT_NAME];
  int status = LS_OK;
  for (size_t k = 0; k < count && status == LS_OK; k++) {
    slot_name(name, group, k);
    status = expect_shape(file, path, name, 1, &extent);
  }
  slot_name(name, group, count);
  if (status == LS_OK && ls_h5_has(file, name)) {
    status = ls_fail(LS_INVALID, "%s: was written with an optimiser with more slots", path);
  }
  return status;
}

static int read_rows(hid_t file, const char *path, ls_checkpoint *c) {
  const size_t epochs = c->now.scalars.epoch;
  if (epochs > c->row_capacity) {
    return ls_fail(LS_INVALID, "%s: is of epoch %zu (expected at most %zu)", path, epochs,
                   c->row_capacity);
  }
  const hsize_t extent[2] = {epochs, c->curve_count};
  if (epochs == 0) return LS_OK;
  int status = expect_shape(file, path, OWN_GROUP "/rows", 2, extent);
  return status == LS_OK ? ls_h5_read(file, OWN_GROUP "/rows", H5T_NATIVE_DOUBLE, c->rows) : status;
}

static int read_sums(hid_t file, const char *path, ls_checkpoint *c) {
  const hsize_t extent = c->sum_count;
  if (c->now.scalars.step == 0) return LS_OK;
  int status = expect_shape(file, path, OWN_GROUP "/sums", 1, &extent);
  return status == LS_OK ? ls_h5_read(file, OWN_GROUP "/sums", H5T_NATIVE_DOUBLE, c->sums) : status;
}

static void copy_now_to_best(ls_checkpoint *c) {
  const size_t bytes = ls_block_cyclic_count(&c->partition) * sizeof(ls_real);
  c->best.scalars = c->now.scalars;
  if (c->now.whole) {
    ls_block_cyclic_pack(&c->partition, c->now.weights, c->best.weights);
  } else {
    memcpy(c->best.weights, c->now.weights, bytes);
  }
  for (size_t k = 0; k < c->slot_count; k++) memcpy(c->best.slots[k], c->now.slots[k], bytes);
}

static int read_best_group(hid_t file, const char *path, const ls_model *model, ls_checkpoint *c) {
  const hsize_t extent = model->param_count;
  hid_t group = -1;
  int status = ls_h5_open_group(&group, file, BEST_GROUP);
  if (status == LS_OK) status = snapshot_read_scalars(group, path, &c->best.scalars);
  ls_h5_close(&group);
  if (status == LS_OK) status = expect_shape(file, path, BEST_GROUP "/weights", 1, &extent);
  if (status == LS_OK) {
    status = expect_slots(file, path, BEST_GROUP, c->slot_count, model->param_count);
  }
  return status == LS_OK ? ranges_of_best(file, c, range_read) : status;
}

static int read_best(hid_t file, const char *path, const ls_model *model, ls_checkpoint *c) {
  c->best.scalars = (ls_snapshot_scalars){0};
  if (ls_h5_has(file, BEST_GROUP)) return read_best_group(file, path, model, c);
  if (snapshot_is_best(&c->now.scalars, c->now.scalars.stopping.best_epoch)) copy_now_to_best(c);
  return LS_OK;
}

static int read_state(hid_t file, const char *path, const ls_model *model, ls_checkpoint *c) {
  hid_t own = -1;
  double shards = 0;
  int status = ls_h5_open_group(&own, file, OWN_GROUP);
  if (status == LS_OK) status = snapshot_read_scalars(own, path, &c->now.scalars);
  if (status == LS_OK) status = ls_h5_get_number(own, ".", "shards", &shards);
  ls_h5_close(&own);
  if (status == LS_OK && shards != (double)c->shards) {
    status = ls_fail(LS_INVALID, "%s: was written with %g shards (expected %zu)", path, shards,
                     c->shards);
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
  /* Checks the shapes of the layers' arrays. */
  if (status == LS_OK && group->rank == 0) status = ls_model_file_read(path, model, NULL);
  status = ls_group_agree(group, status);
  if (status != LS_OK) return status;
  status = ls_h5_open(&file, path);
  if (status == LS_OK) status = read_state(file, path, model, c);
  if (status == LS_OK) status = ranges_of_now(file, model, c, range_read);
  if (status == LS_OK) status = read_best(file, path, model, c);
  ls_h5_close(&file);
  return ls_group_agree(group, status);
}
