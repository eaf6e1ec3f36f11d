/* The structure of a model file. Format: keras/src/saving/legacy/hdf5_format.py of Keras 2.15,
 * whose version and backend the file therefore names; readers choose by them how to read old files.
 */
#include "store/checkpoint/model_file_write.h"

#include "base/memory.h"
#include "lockstep/error.h"
#include "store/checkpoint/keras_config.h"
#include "store/checkpoint/keras_group.h"
#include "store/checkpoint/keras_input.h"
#include "store/checkpoint/names.h"

#include <stdio.h>
#include <stdlib.h>

static int set_format(hid_t object) {
  int status = ls_h5_set_text(object, ".", "keras_version", "2.15.0");
  return status == LS_OK ? ls_h5_set_text(object, ".", "backend", "tensorflow") : status;
}

static int create_array(hid_t group, const char *name, const ls_param *param) {
  hsize_t extent[LS_MAX_DIMS];
  for (int i = 0; i < param->shape.rank; i++) extent[i] = (hsize_t)param->shape.extent[i];
  return ls_h5_create_dataset(group, name, real_type(), param->shape.rank, extent, NULL);
}

/* Learnt arrays first, as in Keras, then running means. */
static int create_layer(hid_t weights, const ls_layer *layer) {
  keras_group group;
  int status = keras_group_create(&group, weights, layer->name, layer->param_count > 0);
  for (int state = 0; state < 2; state++) {
    for (size_t i = 0; i < layer->param_count && status == LS_OK; i++) {
      const ls_param *param = &layer->params[i];
      if (param->state != state) continue;
      status = create_array(group.id, keras_group_add(&group, param->name), param);
    }
  }
  return keras_group_close(&group, status);
}

/* Creates the groups of all layers, whose names are added to `names`; `layers` has room for those
 * of the model. */
static int create_layers(hid_t weights, const ls_model *model, const ls_layer **layers,
                         const char **names, size_t *count) {
  const size_t own = keras_layers(model, layers);
  int status = LS_OK;
  for (size_t i = 0; i < own && status == LS_OK; i++) {
    names[(*count)++] = layers[i]->name;
    status = create_layer(weights, layers[i]);
  }
  return status;
}

static int create_weights(hid_t file, const ls_model *model, const ls_preprocessing *p) {
  hid_t group = -1;
  size_t count = 0;
  char of_input[LS_MOST_MAPS][LS_MAX_NAME];
  const ls_layer **layers = ls_new(model->layer_count, sizeof *layers);
  const char **names = ls_new(LS_MOST_MAPS + model->layer_count, sizeof *names);
  int status = layers && names ? ls_h5_create_group(&group, file, WEIGHTS_GROUP) : LS_FAILED;
  if (status == LS_OK) status = set_format(group);
  if (status == LS_OK && keras_input_fits(p)) {
    status = keras_input_write(group, model, p, of_input);
    for (; count < p->count; count++) names[count] = of_input[count];
  }
  if (status == LS_OK) status = create_layers(group, model, layers, names, &count);
  if (status == LS_OK) status = ls_h5_set_texts(group, ".", LAYER_NAMES, count, names);
  ls_h5_close(&group);
  free(layers);
  free(names);
  return status;
}

int model_file_create(hid_t file, const ls_model *model, const ls_preprocessing *preprocessing) {
  char *config = NULL;
  int status = keras_config(&config, model, preprocessing);
  if (status == LS_OK) status = set_format(file);
  if (status == LS_OK) status = ls_h5_set_text(file, ".", "model_config", config);
  if (status == LS_OK) status = create_weights(file, model, preprocessing);
  free(config);
  return status;
}
