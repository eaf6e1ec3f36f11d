/* Writing model files. Format: keras/src/saving/legacy/hdf5_format.py of Keras 2.15, whose version
 * and backend the file therefore names; readers choose by them how to read old files. */
#include "lockstep/model_file.h"

#include "keras_config.h"
#include "lockstep/error.h"
#include "lockstep/h5.h"
#include "lockstep/memory.h"
#include "lockstep/paths.h"
#include "lockstep/text.h"
#include "names.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static int set_format(hid_t object) {
  int status = ls_h5_set_text(object, ".", "keras_version", "2.15.0");
  return status == LS_OK ? ls_h5_set_text(object, ".", "backend", "tensorflow") : status;
}

/* ---- Weights -----------------------------------------------------------------------------------
 */

enum { WEIGHT_NAME = LS_MAX_NAME + 64 };

static int write_param(hid_t group, const char *name, const ls_param *param, const ls_real *flat) {
  hsize_t extent[LS_MAX_DIMS];
  for (int i = 0; i < param->shape.rank; i++) extent[i] = (hsize_t)param->shape.extent[i];
  int status = ls_h5_make(group, name, real_type(), param->shape.rank, extent, NULL);
  return status == LS_OK ? ls_h5_write(group, name, real_type(), flat + param->offset) : status;
}

/* Learnt arrays first, as Keras has them, then running means. Datasets lie in a group of the
 * layer's name within the layer's group: a weight's name is a path. */
static int write_layer(hid_t weights, const ls_layer *layer, const ls_real *flat) {
  char paths[LS_MAX_PARAMS][WEIGHT_NAME];
  const char *names[LS_MAX_PARAMS];
  size_t count = 0;
  hid_t group = -1, inner = -1;
  int status = ls_h5_make_group(&group, weights, layer->name);
  if (status == LS_OK && layer->param_count > 0) {
    status = ls_h5_make_group(&inner, group, layer->name);
  }
  for (int state = 0; state < 2; state++) {
    for (size_t i = 0; i < layer->param_count && status == LS_OK; i++) {
      const ls_param *param = &layer->params[i];
      if (param->state != state) continue;
      snprintf(paths[count], WEIGHT_NAME, "%s/%s:0", layer->name, param->name);
      names[count] = paths[count];
      count++;
      status = write_param(group, paths[count - 1], param, flat);
    }
  }
  if (status == LS_OK) status = ls_h5_set_texts(group, ".", WEIGHT_NAMES, count, names);
  ls_h5_close(&inner);
  ls_h5_close(&group);
  return status;
}

static int write_weights(hid_t file, const ls_model *model, const ls_real *flat) {
  hid_t group = -1;
  size_t count = 0;
  const ls_layer **layers = ls_new(model->layer_count, sizeof *layers);
  const char **names = ls_new(model->layer_count, sizeof *names);
  int status = layers && names ? ls_h5_make_group(&group, file, WEIGHTS_GROUP) : LS_FAILED;
  if (status == LS_OK) status = set_format(group);
  if (status == LS_OK) count = keras_layers(model, layers);
  for (size_t i = 0; i < count && status == LS_OK; i++) {
    names[i] = layers[i]->name;
    status = write_layer(group, layers[i], flat);
  }
  if (status == LS_OK) status = ls_h5_set_texts(group, ".", LAYER_NAMES, count, names);
  ls_h5_close(&group);
  free(layers);
  free(names);
  return status;
}

/* ---- Where they come from ----------------------------------------------------------------------
 */

static int write_metrics(hid_t own, const ls_model_file_origin *origin) {
  hid_t group = -1;
  int status = ls_h5_make_group(&group, own, "metrics");
  for (size_t i = 0; i < origin->metric_count && status == LS_OK; i++) {
    const ls_model_file_metric *m = &origin->metrics[i];
    status = ls_h5_set_values(group, ".", m->name, H5T_NATIVE_DOUBLE, 1, &m->value);
  }
  ls_h5_close(&group);
  return status;
}

static int write_origin(hid_t file, const ls_model_file_origin *origin) {
  const int64_t trial = (int64_t)origin->trial + 1, epoch = (int64_t)origin->epoch;
  hid_t own = -1;
  int status = ls_h5_make_group(&own, file, OWN_GROUP);
  if (status == LS_OK) status = ls_h5_set_text(own, ".", "source", "lockstep " LS_VERSION);
  if (status == LS_OK) status = ls_h5_set_text(own, ".", "job", origin->job);
  if (status == LS_OK) status = ls_h5_set_text(own, ".", "trial_name", origin->trial_name);
  if (status == LS_OK) status = ls_h5_set_text(own, ".", "dataset", origin->dataset);
  if (status == LS_OK) status = ls_h5_set_values(own, ".", "trial", H5T_NATIVE_INT64, 1, &trial);
  if (status == LS_OK) status = ls_h5_set_values(own, ".", "epoch", H5T_NATIVE_INT64, 1, &epoch);
  if (status == LS_OK) {
    status =
        ls_h5_set_values(own, ".", "weights_hash", H5T_NATIVE_UINT64, 1, &origin->weights_hash);
  }
  if (status == LS_OK) status = write_metrics(own, origin);
  ls_h5_close(&own);
  return status;
}

/* ---- The whole ---------------------------------------------------------------------------------
 */

static int write_all(hid_t file, const ls_model *model, const ls_real *weights,
                     const ls_model_file_origin *origin) {
  char *config = NULL;
  int status = keras_config(&config, model);
  if (status == LS_OK) status = set_format(file);
  if (status == LS_OK) status = ls_h5_set_text(file, ".", "model_config", config);
  if (status == LS_OK) status = write_weights(file, model, weights);
  if (status == LS_OK) status = write_origin(file, origin);
  free(config);
  return status;
}

int ls_model_file_write(const char *path, const ls_model *model, const ls_real *weights,
                        const ls_model_file_origin *origin) {
  hid_t file = -1;
  ls_text name = {0};
  ls_text_add(&name, "%s.new", path);
  char *unfinished = ls_text_take(&name);
  if (!unfinished) return LS_FAILED;
  int status = ls_h5_create(&file, unfinished);
  if (status == LS_OK) status = write_all(file, model, weights, origin);
  int closed = ls_h5_close(&file);
  if (status == LS_OK) status = closed;
  if (status == LS_OK) status = ls_replace_file(unfinished, path);
  if (status != LS_OK) unlink(unfinished);
  free(unfinished);
  return status;
}
