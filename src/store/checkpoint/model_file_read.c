/* Reading model files, including Keras's own: a layer's arrays are found by the names in its
 * attribute weight_names, through any groups that these name (`dense/kernel:0`,
 * `sequential/dense/kernel`). */
#include "store/checkpoint/model_file.h"

#include "base/paths.h"
#include "base/text.h"
#include "h5/h5.h"
#include "lockstep/error.h"
#include "store/checkpoint/names.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* An open model file. */
typedef struct source {
  const char *where; /* the place in the job that names the file, or NULL */
  const char *path;
  const char *folder; /* that the paths of the job start from, or NULL */
  hid_t file;
  hid_t weights; /* the group of all layers */
  char **names;  /* of the layers */
  size_t count;
} source;

/* Fails with the place in the job, if any, and the file. */
static int fail(const source *s, const char *format, ...) {
  char what[768];
  va_list args;
  va_start(args, format);
  vsnprintf(what, sizeof what, format, args);
  va_end(args);
  return ls_fail(LS_INVALID, "%s%s%s: %s", s->where ? s->where : "", s->where ? ".weights: " : "",
                 s->path, what);
}

static void free_texts(char **texts, size_t count) {
  for (size_t i = 0; i < count; i++) free(texts[i]);
  free(texts);
}

/* ---- The file -------------------------------------------------------------------------------- */

static void close_source(source *s) {
  ls_h5_close(&s->weights);
  ls_h5_close(&s->file);
  free_texts(s->names, s->count);
  s->names = NULL;
  s->count = 0;
}

/* The layers are in a group of a model's file, or at the top of a file of weights alone. */
static int open_source(source *s) {
  s->file = s->weights = -1;
  if (access(s->path, R_OK) != 0) {
    int error = errno;
    char places[256] = "";
    if (error == ENOENT) ls_looked_in(places, s->folder, s->path);
    return fail(s, "cannot open: %s%s", strerror(error), places);
  }
  bool found = ls_h5_open(&s->file, s->path) == LS_OK;
  if (found) {
    const char *group = ls_h5_has(s->file, WEIGHTS_GROUP) ? WEIGHTS_GROUP : "/";
    found = ls_h5_open_group(&s->weights, s->file, group) == LS_OK &&
            ls_h5_has_attribute(s->weights, ".", LAYER_NAMES) &&
            ls_h5_get_texts(s->weights, ".", LAYER_NAMES, &s->names, &s->count) == LS_OK;
  }
  if (found) return LS_OK;
  if (s->weights >= 0 && ls_h5_has(s->file, "layers")) { /* by save_weights of Keras 3 */
    return fail(s, "holds weights without a model (expected one written by a run or by Keras's "
                   "model.save(\"NAME.h5\"))");
  }
  return fail(s, "is not a model file (expected one written by a run, or an HDF5 file of Keras)");
}

/* ---- A layer --------------------------------------------------------------------------------- */

/* Fails with the names of the file's layers. */
static int no_such_layer(const source *s, const char *name) {
  const char *nearest = ls_nearest_name(name, (const char *const *)s->names, s->count);
  if (nearest) return fail(s, "has no layer '%s' (did you mean '%s'?)", name, nearest);
  char list[512] = "";
  size_t used = 0;
  for (size_t i = 0; i < s->count && used < sizeof list; i++) {
    used +=
        (size_t)snprintf(list + used, sizeof list - used, "%s%s", i > 0 ? ", " : "", s->names[i]);
  }
  return fail(s, "has no layer '%s' (expected one of %s)", name, list);
}

/* Whether the last part of a path such as "sequential/dense/kernel:0" is `name`. */
static bool is_called(const char *path, const char *name) {
  const char *last = ls_file_name(path);
  size_t length = strcspn(last, ":");
  return strlen(name) == length && strncmp(last, name, length) == 0;
}

static void shape_text(char out[64], int rank, const int64_t *extent) {
  size_t used = (size_t)snprintf(out, 64, "[");
  for (int i = 0; i < rank && used < 60; i++) {
    used += (size_t)snprintf(out + used, 64 - used, "%s%" PRId64, i > 0 ? ", " : "", extent[i]);
  }
  if (used < 63) snprintf(out + used, 64 - used, "]");
}

/* Reads one array to `to`; NULL: only checks that it could. */
static int read_array(const source *s, hid_t group, const char *path, const ls_layer *layer,
                      const ls_param *param, ls_real *to) {
  ls_h5_shape shape;
  int64_t extent[LS_H5_MAX_RANK];
  char there[64], expected[64];
  if (ls_h5_describe(group, path, &shape) != LS_OK) {
    return fail(s, "cannot read the %s of its layer '%s': %s", param->name, layer->name,
                ls_error_message());
  }
  if (shape.class_id != H5T_FLOAT) {
    return fail(s, "the %s of its layer '%s' is not an array of numbers", param->name, layer->name);
  }
  bool same = shape.rank == param->shape.rank;
  for (int i = 0; i < shape.rank; i++) {
    extent[i] = (int64_t)shape.extent[i];
    same = same && extent[i] == param->shape.extent[i];
  }
  if (!same) {
    shape_text(there, shape.rank, extent);
    shape_text(expected, param->shape.rank, param->shape.extent);
    return fail(s, "the %s of its layer '%s' is %s (expected %s)", param->name, layer->name, there,
                expected);
  }
  if (!to || ls_h5_read(group, path, real_type(), to) == LS_OK) return LS_OK;
  return fail(s, "cannot read the %s of its layer '%s'", param->name, layer->name);
}

/* Reads the arrays with the given names, which must be those of the layer. */
static int read_arrays(const source *s, hid_t group, char **names, size_t count,
                       const ls_layer *layer, ls_real *weights) {
  int status = LS_OK;
  if (count != layer->param_count) {
    return fail(s, "its layer '%s' has %zu arrays (expected %zu)", layer->name, count,
                layer->param_count);
  }
  for (size_t i = 0; i < count && status == LS_OK; i++) {
    const ls_param *param = &layer->params[i];
    size_t k = 0;
    while (k < count && !is_called(names[k], param->name)) k++;
    if (k == count) return fail(s, "its layer '%s' has no %s", layer->name, param->name);
    status = read_array(s, group, names[k], layer, param, weights ? weights + param->offset : NULL);
  }
  return status;
}

static int read_layer(const source *s, const ls_layer *layer, ls_real *weights) {
  size_t i = 0;
  while (i < s->count && strcmp(s->names[i], layer->name) != 0) i++;
  if (i == s->count) return no_such_layer(s, layer->name);
  hid_t group = -1;
  char **names = NULL;
  size_t count = 0;
  int status = LS_OK;
  if (ls_h5_open_group(&group, s->weights, layer->name) != LS_OK ||
      ls_h5_get_texts(group, ".", WEIGHT_NAMES, &names, &count) != LS_OK) {
    status = fail(s, "cannot read which arrays its layer '%s' has", layer->name);
  }
  if (status == LS_OK) status = read_arrays(s, group, names, count, layer, weights);
  free_texts(names, count);
  ls_h5_close(&group);
  return status;
}

/* ---- Models ---------------------------------------------------------------------------------- */

int ls_model_file_read(const char *path, const ls_model *model, ls_real *weights) {
  source s = {.path = path};
  int status = open_source(&s);
  for (size_t i = 0; i < model->layer_count && status == LS_OK; i++) {
    if (model->layers[i].param_count > 0) status = read_layer(&s, &model->layers[i], weights);
  }
  close_source(&s);
  return status;
}

const char *ls_model_file_of(const ls_layer *layer) {
  return layer->args && layer->param_count > 0 ? ((const ls_layer_args *)layer->args)->weights
                                               : NULL;
}

bool ls_model_file_wanted(const ls_model *model) {
  for (size_t i = 0; i < model->layer_count; i++) {
    if (ls_model_file_of(&model->layers[i])) return true;
  }
  return false;
}

/* Reads the weights of a layer from the file that it names. */
static int read_named(const ls_layer *layer, const char *folder, ls_real *weights) {
  char *path = NULL;
  int status = ls_find_file(&path, NULL, folder, ls_model_file_of(layer));
  if (status != LS_OK) return status;
  source s = {.where = layer->where, .path = path, .folder = folder};
  status = open_source(&s);
  if (status == LS_OK) status = read_layer(&s, layer, weights);
  close_source(&s);
  free(path);
  return status;
}

int ls_model_file_read_layers(const ls_model *model, const char *folder, ls_real *weights) {
  int status = LS_OK;
  for (size_t i = 0; i < model->layer_count && status == LS_OK; i++) {
    const ls_layer *layer = &model->layers[i];
    if (ls_model_file_of(layer)) status = read_named(layer, folder, weights);
  }
  return status;
}

int ls_model_file_job(const char *path, char **job, size_t *trial) {
  source s = {.path = path};
  *job = NULL;
  hid_t own = -1;
  double number = 0;
  int status = open_source(&s);
  if (status == LS_OK) {
    bool found =
        ls_h5_has(s.file, OWN_GROUP) && ls_h5_open_group(&own, s.file, OWN_GROUP) == LS_OK &&
        ls_h5_get_text(own, ".", "job", job) == LS_OK &&
        ls_h5_get_number(own, ".", "trial", &number) == LS_OK && number >= 1 && number <= 0x1p53;
    if (!found) status = fail(&s, "has no job (expected a model file written by a run)");
  }
  if (status == LS_OK) {
    *trial = (size_t)number - 1;
  } else {
    free(*job);
    *job = NULL;
  }
  ls_h5_close(&own);
  close_source(&s);
  return status;
}

int ls_model_file_digests(ls_digests *digests, const char *path) {
  hid_t file = -1;
  *digests = (ls_digests){0};
  int status = ls_h5_open(&file, path);
  if (status == LS_OK && ls_h5_has(file, OWN_GROUP)) {
    status = ls_digests_read(digests, file, OWN_GROUP);
  }
  ls_h5_close(&file);
  return status;
}

int ls_model_file_has_learnt(bool *has, const char *path) {
  hid_t file = -1;
  int status = ls_h5_open(&file, path);
  *has =
      status == LS_OK && ls_h5_has(file, OWN_GROUP) && ls_h5_has(file, OWN_GROUP "/" LEARNT_GROUP);
  ls_h5_close(&file);
  return status;
}

/* Reads `count` values of a dataset; `whose` learnt them, for messages. */
static int read_learnt(const char *path, const char *dataset, const char *whose, const char *name,
                       size_t count, ls_real *values) {
  hid_t file = -1;
  ls_h5_shape shape = {0};
  int status = ls_h5_open(&file, path);
  if (status == LS_OK) status = ls_h5_describe(file, dataset, &shape);
  if (status == LS_OK && (shape.rank != 1 || shape.extent[0] != count)) {
    status =
        ls_fail(LS_INVALID, "%s: its %s '%s' has learnt other values than data of this shape need",
                path, whose, name);
  }
  if (status == LS_OK) status = ls_h5_read(file, dataset, real_type(), values);
  ls_h5_close(&file);
  return status;
}

int ls_model_file_learnt(const char *path, size_t index, const char *name, size_t count,
                         ls_real *values) {
  char dataset[64];
  snprintf(dataset, sizeof dataset, OWN_GROUP "/" LEARNT_GROUP "/%zu", index + 1);
  return read_learnt(path, dataset, "transform", name, count, values);
}

int ls_model_file_learnt_of_target(const char *path, size_t head, const char *name, size_t count,
                                   ls_real *values) {
  char dataset[64];
  snprintf(dataset, sizeof dataset, OWN_GROUP "/" TARGET_SCALING_GROUP "/%zu", head + 1);
  return read_learnt(path, dataset, "target_scaling", name, count, values);
}
