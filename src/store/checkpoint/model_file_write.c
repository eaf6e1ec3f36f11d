/* The structure of a model file. Format: keras/src/saving/legacy/hdf5_format.py of Keras 2.15,
 * whose version and backend the file therefore names; readers choose by them how to read old files.
 */
#include "store/checkpoint/model_file_write.h"

#include "base/memory.h"
#include "lockstep/error.h"
#include "store/checkpoint/keras_config.h"
#include "store/checkpoint/names.h"

#include <stdio.h>
#include <stdlib.h>

static int set_format(hid_t object) {
  int status = ls_h5_set_text(object, ".", "keras_version", "2.15.0");
  return status == LS_OK ? ls_h5_set_text(object, ".", "backend", "tensorflow") : status;
}

enum { WEIGHT_NAME = LS_MAX_NAME + 64 };

static int create_array(hid_t group, const char *name, const ls_param *param) {
  hsize_t extent[LS_MAX_DIMS];
  for (int i = 0; i < param->shape.rank; i++) extent[i] = (hsize_t)param->shape.extent[i];
  return ls_h5_create_dataset(group, name, real_type(), param->shape.rank, extent, NULL);
}

/* Learnt arrays first, as in Keras, then running means. Datasets are in a group of the layer's name
 * within the layer's group: a weight's name is a path. */
static int create_layer(hid_t weights, const ls_layer *layer) {
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
      status = create_array(group, paths[count - 1], param);
    }
  }
  if (status == LS_OK) status = ls_h5_set_texts(group, ".", WEIGHT_NAMES, count, names);
  ls_h5_close(&inner);
  ls_h5_close(&group);
  return status;
}

static int create_weights(hid_t file, const ls_model *model) {
  hid_t group = -1;
  size_t count = 0;
  const ls_layer **layers = ls_new(model->layer_count, sizeof *layers);
  const char **names = ls_new(model->layer_count, sizeof *names);
  int status = layers && names ? ls_h5_create_group(&group, file, WEIGHTS_GROUP) : LS_FAILED;
  if (status == LS_OK) status = set_format(group);
  if (status == LS_OK) count = keras_layers(model, layers);
  for (size_t i = 0; i < count && status == LS_OK; i++) {
    names[i] = layers[i]->name;
    status = create_layer(group, layers[i]);
  }
  if (status == LS_OK) status = ls_h5_set_texts(group, ".", LAYER_NAMES, count, names);
  ls_h5_close(&group);
  free(layers);
  free(names);
  return status;
}

int model_file_create(hid_t file, const ls_model *model) {
  char *config = NULL;
  int status = keras_config(&config, model);
  if (status == LS_OK) status = set_format(file);
  if (status == LS_OK) status = ls_h5_set_text(file, ".", "model_config", config);
  if (status == LS_OK) status = create_weights(file, model);
  free(config);
  return status;
}
