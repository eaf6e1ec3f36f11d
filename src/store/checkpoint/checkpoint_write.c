/* Writing checkpoints. Rank 0 creates the file's structure and allocates all arrays; then every
 * rank overwrites its partition of them, without waiting for others. Format of the model:
 * keras/src/saving/legacy/hdf5_format.py of Keras 2.15, whose version and backend the file
 * therefore names; readers choose by them how to read old files. */
#include "store/checkpoint/checkpoint.h"

#include "base/activity.h"
#include "base/memory.h"
#include "base/paths.h"
#include "base/task.h"
#include "base/text.h"
#include "h5/h5.h"
#include "lockstep/error.h"
#include "store/checkpoint/checksum.h"
#include "store/checkpoint/keras_config.h"
#include "store/checkpoint/names.h"
#include "store/checkpoint/ranges.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int set_format(hid_t object) {
  int status = ls_h5_set_text(object, ".", "keras_version", "2.15.0");
  return status == LS_OK ? ls_h5_set_text(object, ".", "backend", "tensorflow") : status;
}

/* ---- The model: arrays without values ----------------------------------------------------------
 */

enum { WEIGHT_NAME = LS_MAX_NAME + 64 };

static int make_param(hid_t group, const char *name, const ls_param *param) {
  hsize_t extent[LS_MAX_DIMS];
  for (int i = 0; i < param->shape.rank; i++) extent[i] = (hsize_t)param->shape.extent[i];
  return ls_h5_create_dataset(group, name, real_type(), param->shape.rank, extent, NULL);
}

/* Learnt arrays first, as Keras has them, then running means. Datasets lie in a group of the
 * layer's name within the layer's group: a weight's name is a path. */
static int make_layer(hid_t weights, const ls_layer *layer) {
  char paths[LS_MAX_PARAMS][WEIGHT_NAME];
  const char *names[LS_MAX_PARAMS];
  size_t count = 0;
  hid_t group = -1, inner = -1;
  int status = ls_h5_create_group(&group, weights, layer->name);
  if (status == LS_OK && layer->param_count > 0) {
    status = ls_h5_create_group(&inner, group, layer->name);
  }
  for (int state = 0; state < 2; state++) {
    for (size_t i = 0; i < layer->param_count && status == LS_OK; i++) {
      const ls_param *param = &layer->params[i];
      if (param->state != state) continue;
      snprintf(paths[count], WEIGHT_NAME, "%s/%s:0", layer->name, param->name);
      names[count] = paths[count];
      count++;
      status = make_param(group, paths[count - 1], param);
    }
  }
  if (status == LS_OK) status = ls_h5_set_texts(group, ".", WEIGHT_NAMES, count, names);
  ls_h5_close(&inner);
  ls_h5_close(&group);
  return status;
}

static int make_weights(hid_t file, const ls_model *model) {
  hid_t group = -1;
  size_t count = 0;
  const ls_layer **layers = ls_new(model->layer_count, sizeof *layers);
  const char **names = ls_new(model->layer_count, sizeof *names);
  int status = layers && names ? ls_h5_create_group(&group, file, WEIGHTS_GROUP) : LS_FAILED;
  if (status == LS_OK) status = set_format(group);
  if (status == LS_OK) count = keras_layers(model, layers);
  for (size_t i = 0; i < count && status == LS_OK; i++) {
    names[i] = layers[i]->name;
    status = make_layer(group, layers[i]);
  }
  if (status == LS_OK) status = ls_h5_set_texts(group, ".", LAYER_NAMES, count, names);
  ls_h5_close(&group);
  free(layers);
  free(names);
  return status;
}

static int make_model(hid_t file, const ls_model *model) {
  char *config = NULL;
  int status = keras_config(&config, model);
  if (status == LS_OK) status = set_format(file);
  if (status == LS_OK) status = ls_h5_set_text(file, ".", "model_config", config);
  if (status == LS_OK) status = make_weights(file, model);
  free(config);
  return status;
}

/* ---- The state of training ----------------------------------------------------------------------
 */

static int make_slots(hid_t group, size_t count, size_t elements) {
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
  const ls_snapshot_scalars *now = &c->now.scalars, *best = &c->best.scalars;
  return best->epoch > 0 && (best->epoch != now->epoch || now->step > 0);
}

static int make_best(hid_t own, const ls_checkpoint *c, size_t elements) {
  hid_t group = -1;
  hsize_t extent = elements;
  int status = ls_h5_create_group(&group, own, "best");
  if (status == LS_OK) status = snapshot_write_scalars(group, &c->best.scalars);
  if (status == LS_OK)
    status = ls_h5_create_dataset(group, "weights", real_type(), 1, &extent, NULL);
  if (status == LS_OK) status = make_slots(group, c->slot_count, elements);
  ls_h5_close(&group);
  return status;
}

static int make_optimizer(hid_t own, const ls_checkpoint *c, size_t elements) {
  hid_t group = -1;
  int status = ls_h5_create_group(&group, own, "optimizer");
  if (status == LS_OK) status = make_slots(group, c->slot_count, elements);
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

static int write_origin(hid_t own, const ls_checkpoint *c) {
  const int64_t trial = (int64_t)c->trial + 1, shards = (int64_t)c->shards;
  int status = ls_h5_set_text(own, ".", "source", "lockstep " LS_VERSION);
  if (status == LS_OK) status = ls_h5_set_text(own, ".", "job", c->job);
  if (status == LS_OK) status = ls_h5_set_text(own, ".", "trial_name", c->trial_name);
  if (status == LS_OK) status = ls_h5_set_text(own, ".", "dataset", c->dataset);
  if (status == LS_OK) status = ls_h5_set_values(own, ".", "trial", H5T_NATIVE_INT64, 1, &trial);
  if (status != LS_OK) return status;
  return ls_h5_set_values(own, ".", "shards", H5T_NATIVE_INT64, 1, &shards);
}

static int make_state(hid_t file, const ls_model *model, const ls_checkpoint *c) {
  hid_t own = -1;
  const hsize_t sums = c->sum_count;
  int status = ls_h5_create_group(&own, file, OWN_GROUP);
  if (status == LS_OK) status = write_origin(own, c);
  if (status == LS_OK) status = snapshot_write_scalars(own, &c->now.scalars);
  if (status == LS_OK) status = write_rows(own, c);
  if (status == LS_OK && c->now.scalars.step > 0) {
    status = write_doubles(own, "sums", 1, &sums, c->sums);
  }
  if (status == LS_OK) status = make_optimizer(own, c, model->param_count);
  if (status == LS_OK && stores_best(c)) status = make_best(own, c, model->param_count);
  ls_h5_close(&own);
  return status;
}

/* ---- The file ----------------------------------------------------------------------------------
 */

/* On rank 0: creates the file, complete but for the arrays' elements. */
static int make(const char *path, const ls_model *model, const ls_checkpoint *c) {
  hid_t file = -1;
  int status = ls_h5_create_with_userblock(&file, path, CHECKSUM_BYTES);
  if (status == LS_OK) status = make_model(file, model);
  if (status == LS_OK) status = make_state(file, model, c);
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

/* ---- Renaming the file, and work in the background ---------------------------------------------
 */

/* Paths and background tasks of rank 0. */
typedef struct placing {
  const char *unfinished, *path, *previous;
  ls_task *syncing, *keeping;
} placing;

static int sync_unfinished(void *context) {
  const placing *p = context;
  int file = open(p->unfinished, O_RDONLY | O_CLOEXEC);
  int error = file < 0 || fsync(file) != 0 ? errno : 0;
  if (file >= 0) close(file);
  return error;
}

/* Links the old file to its second name, so that one of them exists at any time. This removes the
 * file before it, which takes as long as the disk needs to free its blocks. */
static int keep_previous(void *context) {
  const placing *p = context;
  if (access(p->path, F_OK) != 0) return 0;
  unlink(p->previous);
  return link(p->path, p->previous) == 0 || rename(p->path, p->previous) == 0 ? 0 : errno;
}

/* Writes the checksum of the verified file and renames it. */
static int put_in_place(placing *p) {
  int status = p->previous ? ls_task_begin(&p->keeping, keep_previous, p) : LS_OK;
  if (status == LS_OK) status = checksum_write(p->unfinished);
  int error = ls_task_end(&p->keeping);
  if (status == LS_OK && error != 0) {
    status =
        ls_fail(LS_FAILED, "%s: cannot keep it as %s: %s", p->path, p->previous, strerror(error));
  }
  error = ls_task_end(&p->syncing);
  if (status == LS_OK && error != 0) {
    status = ls_fail(LS_FAILED, "%s: cannot write to disk: %s", p->unfinished, strerror(error));
  }
  return status == LS_OK ? ls_replace_file(p->unfinished, p->path) : status;
}

/* ---- Write, verify, rename
 * ---------------------------------------------------------------------------------
 */

/* Collective: from nothing to the renamed file. */
static int write_file(const ls_model *model, const ls_checkpoint *c, const ls_group *group,
                      placing *p) {
  const bool first = group->rank == 0;
  int status = ls_group_agree(group, first ? make(p->unfinished, model, c) : LS_OK);
  if (status == LS_OK) status = fill(p->unfinished, model, c, group);
  if (status != LS_OK) return status;
  if (first) status = ls_task_begin(&p->syncing, sync_unfinished, p);
  if (status == LS_OK) status = verify(p->unfinished, model, c);
  status = ls_group_agree(group, status);
  if (status != LS_OK) return status;
  return ls_group_agree(group, first ? put_in_place(p) : LS_OK);
}

int ls_checkpoint_write(const char *path, const char *previous, const ls_model *model,
                        const ls_checkpoint *c, const ls_group *group) {
  ls_text name = {0};
  ls_text_add(&name, "%s.new", path);
  char *unfinished = ls_text_take(&name);
  placing p = {.unfinished = unfinished, .path = path, .previous = previous};
  int status = ls_group_agree(group, unfinished ? LS_OK : LS_FAILED);
  if (status == LS_OK) status = write_file(model, c, group, &p);
  ls_task_end(&p.syncing);
  if (status != LS_OK && unfinished && group->rank == 0) unlink(unfinished);
  free(unfinished);
  return status;
}
