/* Appending layers in the form of Keras's get_config(). */
#include "store/checkpoint/keras_chain.h"

#include <stdio.h>

void keras_unused_name(const ls_model *model, const char *base, char name[LS_MAX_NAME]) {
  snprintf(name, LS_MAX_NAME, "%s", base);
  for (size_t k = 1; ls_model_layer(model, name); k++) {
    snprintf(name, LS_MAX_NAME, "%s_%zu", base, k);
  }
}

void keras_append(keras_chain *c, const char *class_name, const char *name, json_t *config) {
  const char *type = sizeof(ls_real) == sizeof(float) ? "float32" : "float64";
  json_t *layer = json_pack("{s:s, s:{s:s, s:s}}", "class_name", class_name, "config", "name", name,
                            "dtype", type);
  bool done = layer && config && json_object_update(json_object_get(layer, "config"), config) == 0;
  if (done && c->functional) {
    done = json_object_set_new(layer, "name", json_string(name)) == 0;
    json_t *nodes = *c->last ? json_pack("[[[s, i, i, {}]]]", c->last, 0, 0) : json_array();
    done &= json_object_set_new(layer, "inbound_nodes", nodes) == 0;
  }
  json_decref(config);
  if (json_array_append_new(c->layers, layer) != 0 || !done) c->failed = true;
  snprintf(c->last, sizeof c->last, "%s", name);
}

void keras_append_input(keras_chain *c, const ls_shape *input) {
  char name[LS_MAX_NAME];
  keras_unused_name(c->model, "input_1", name);
  json_t *shape = json_pack("[n]");
  for (int i = 0; i < input->rank; i++) {
    json_array_append_new(shape, json_integer(input->extent[i]));
  }
  keras_append(c, "InputLayer", name,
               json_pack("{s:o, s:b, s:b}", "batch_input_shape", shape, "sparse", 0, "ragged", 0));
}
