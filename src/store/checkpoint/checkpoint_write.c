/* Writing checkpoints. Rank 0 creates the file's structure and allocates all arrays; then every
 * rank overwrites its partition of them, without waiting for others. */
#include "store/checkpoint/checkpoint.h"

#include "base/activity.h"
#include "base/text.h"
#include "h5/h5.h"
#include "lockstep/error.h"
#include "store/checkpoint/checksum.h"
#include "store/checkpoint/keras_input.h"
#include "store/checkpoint/model_file_description.h"
#include "store/checkpoint/model_file_write.h"
#include "store/checkpoint/names.h"
#include "store/checkpoint/ranges.h"
#include "store/checkpoint/replacement.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* ---- The state of training ------------------------------------------------------------------- */

static int create_slots(hid_t group, size_t count, size_t elements) {
  hsize_t extent = elements;
  int status = LS_OK;
  for (size_t k = 0; k < count && status == LS_OK; k++) {
    char name[SLOT_NAME];
    slot_name(name, ".", k);
    status = ls_h5_create_dataset(group, name, real_type(), 1, &extent, NULL);
  }
  return status;
}

/* Whether the best snapshot is stored by itself: there is one, and it isn't the current one. */
static bool stores_best(const ls_checkpoint *c) {
  const size_t best = c->best.scalars.epoch;
  return best > 0 && !snapshot_is_best(&c->now.scalars, best);
}

static int create_best(hid_t own, const ls_checkpoint *c, size_t elements) {
  hid_t group = -1;
  hsize_t extent = elements;
  int status = ls_h5_create_group(&group, own, "best");
  if (status == LS_OK) status = snapshot_write_scalars(group, &c->best.scalars);
  if (status == LS_OK)
    status = ls_h5_create_dataset(group, "weights", real_type(), 1, &extent, NULL);
  if (status == LS_OK) status = create_slots(group, c->slot_count, elements);
  ls_h5_close(&group);
  return status;
}

static int create_optimizer(hid_t own, const ls_checkpoint *c, size_t elements) {
  hid_t group = -1;
  int status = ls_h5_create_group(&group, own, "optimizer");
  if (status == LS_OK) status = create_slots(group, c->slot_count, elements);
  ls_h5_close(&group);
  return status;
}

static int write_doubles(hid_t own, const char *name, int rank, const hsize_t *extent,
                         const double *values) {
  int status = ls_h5_create_dataset(own, name, H5T_NATIVE_DOUBLE, rank, extent, NULL);
  return status == LS_OK ? ls_h5_write(own, name, H5T_NATIVE_DOUBLE, values) : status;
}

/* The curves of the epochs completed, and those of the last one as attributes. */
static int write_rows(hid_t own, const ls_checkpoint *c) {
  const size_t epochs = c->now.scalars.epoch;
  hsize_t extent[2] = {epochs, c->curve_count};
  hid_t group = -1;
  int status = ls_h5_create_group(&group, own, "metrics");
  for (size_t i = 0; epochs > 0 && i < c->curve_count && status == LS_OK; i++) {
    const double *value = &c->rows[(epochs - 1) * c->curve_count + i];
    status = ls_h5_set_values(group, ".", c->curve_names[i], H5T_NATIVE_DOUBLE, 1, value);
  }
  if (status == LS_OK && epochs > 0) status = write_doubles(own, "rows", 2, extent, c->rows);
  ls_h5_close(&group);
  return status;
}

/* What transforms, or heads, have learnt, by their numbers from 1. */
static int write_learnt(hid_t own, const char *name_of_group, const ls_learnt *learnt) {
  hid_t group = -1;
  int status = ls_h5_create_group(&group, own, name_of_group);
  for (size_t i = 0; i < learnt->count && status == LS_OK; i++) {
    const hsize_t extent = learnt->counts[i];
    char name[24];
    if (extent == 0) continue;
    snprintf(name, sizeof name, "%zu", i + 1);
    status = ls_h5_create_dataset(group, name, real_type(), 1, &extent, NULL);
    if (status == LS_OK) status = ls_h5_write(group, name, real_type(), learnt->values[i]);
  }
  ls_h5_close(&group);
  return status;
}

static int set_flag(hid_t own, const char *name) {
  const int64_t one = 1;
  return ls_h5_set_values(own, ".", name, H5T_NATIVE_INT64, 1, &one);
}

static int write_origin(hid_t own, const ls_checkpoint *c) {
  const int64_t trial = (int64_t)c->trial + 1, shards = (int64_t)c->shards;
  int status = ls_h5_set_text(own, ".", "source", "lockstep " LS_VERSION);
  if (status == LS_OK) status = ls_h5_set_text(own, ".", "job", c->job);
  if (status == LS_OK) status = ls_h5_set_text(own, ".", "trial_name", c->trial_name);
  if (status == LS_OK) status = ls_h5_set_text(own, ".", "dataset", c->dataset);
  if (status == LS_OK && keras_input_fits(&c->preprocessing)) status = set_flag(own, RAW_INPUTS);
  if (status == LS_OK && c->data) status = model_file_describe(own, c->data);
  if (status == LS_OK && c->digests) status = ls_digests_write(own, ".", c->digests);
  if (status == LS_OK) status = ls_h5_set_values(own, ".", "trial", H5T_NATIVE_INT64, 1, &trial);
  if (status != LS_OK) return status;
  return ls_h5_set_values(own, ".", "shards", H5T_NATIVE_INT64, 1, &shards);
}

static int write_state(hid_t file, const ls_model *model, const ls_checkpoint *c) {
  hid_t own = -1;
  const hsize_t sums = c->sum_count;
  int status = ls_h5_create_group(&own, file, OWN_GROUP);
  if (status == LS_OK) status = write_origin(own, c);
  if (status == LS_OK) status = write_learnt(own, LEARNT_GROUP, &c->learnt);
  if (status == LS_OK) status = write_learnt(own, TARGET_SCALING_GROUP, &c->learnt_of_targets);
  if (status == LS_OK) status = snapshot_write_scalars(own, &c->now.scalars);
  if (status == LS_OK) status = write_rows(own, c);
  if (status == LS_OK && c->now.scalars.step > 0) {
    status = write_doubles(own, "sums", 1, &sums, c->sums);
  }
  if (status == LS_OK) status = create_optimizer(own, c, model->param_count);
  if (status == LS_OK && stores_best(c)) status = create_best(own, c, model->param_count);
  ls_h5_close(&own);
  return status;
}

/* ---- The file -------------------------------------------------------------------------------- */

/* On rank 0: creates the file, complete but for the arrays' elements. */
static int create_file(const char *path, const ls_model *model, const ls_checkpoint *c) {
  hid_t file = -1;
  int status = ls_h5_create_with_userblock(&file, path, CHECKSUM_BYTES);
  if (status == LS_OK) status = model_file_create(file, model, &c->preprocessing);
  if (status == LS_OK) status = write_state(file, model, c);
  int closed = ls_h5_close(&file);
  return status == LS_OK ? closed : status;
}

/* Applies the action to all that this rank writes. */
static int apply(hid_t file, const ls_model *model, const ls_checkpoint *c, range_action action) {
  if (c->idle) return LS_OK;
  int status = ranges_of_now(file, model, c, action);
  return status == LS_OK && stores_best(c) ? ranges_of_best(file, c, action) : status;
}

/* Collective: every rank writes its partition of the arrays. */
static int fill(const char *path, const ls_model *model, const ls_checkpoint *c,
                const ls_group *group) {
  hid_t file = -1;
  ls_activity_enter_collective();
  int status = ls_h5_open_shared(&file, path, group->comm);
  ls_activity_leave();
  status = ls_group_agree(group, status);
  if (status == LS_OK) {
    status = ls_group_agree(group, apply(file, model, c, range_write));
  }
  if (status != LS_OK) ls_h5_abandon(&file);
  ls_activity_enter_collective();
  int closed = ls_h5_close(&file);
  ls_activity_leave();
  return ls_group_agree(group, status == LS_OK ? closed : status);
}

/* Every rank reads back what it has written: on a full disk a write may be lost without an error.
 */
static int verify(const char *path, const ls_model *model, const ls_checkpoint *c) {
  hid_t file = -1;
  int status = ls_h5_open(&file, path);
  if (status == LS_OK) status = apply(file, model, c, range_compare);
  ls_h5_close(&file);
  return status;
}

/* ---- Write, verify, rename ------------------------------------------------------------------- */

/* Collective: from nothing to the renamed file. */
static int write_file(const ls_model *model, const ls_checkpoint *c, const ls_group *group,
                      replacement *r) {
  const bool first = group->rank == 0;
  int status = ls_group_agree(group, first ? create_file(r->unfinished, model, c) : LS_OK);
  if (status == LS_OK) status = fill(r->unfinished, model, c, group);
  if (status != LS_OK) return status;
  if (first) status = replacement_begin(r);
  if (status == LS_OK) status = verify(r->unfinished, model, c);
  status = ls_group_agree(group, status);
  if (status != LS_OK) return status;
  return ls_group_agree(group, first ? replacement_finish(r) : LS_OK);
}

int ls_checkpoint_write(const char *path, const char *previous, const ls_model *model,
                        const ls_checkpoint *c, const ls_group *group) {
  ls_text name = {0};
  ls_text_add(&name, "%s.new", path);
  char *unfinished = ls_text_take(&name);
  replacement r = {.unfinished = unfinished, .path = path, .previous = previous};
  int status = ls_group_agree(group, unfinished ? LS_OK : LS_FAILED);
  if (status == LS_OK) status = write_file(model, c, group, &r);
  replacement_end(&r);
  if (status != LS_OK && unfinished && group->rank == 0) unlink(unfinished);
  free(unfinished);
  return status;
}
