/* A model as the attribute `model_config` of a Keras model file describes it. Local. */
#ifndef LS_STORE_CHECKPOINT_KERAS_CONFIG_H
#define LS_STORE_CHECKPOINT_KERAS_CONFIG_H

#include "nn/model/model.h"

#include <stddef.h>

/* The layers that Keras's model has, in the order in which it takes their weights from a file:
 * without those that stand behind another, whose arguments they are there, and those that Keras
 * lacks and that do nothing outside training. Returns how many; `layers` has room for all of the
 * model's. */
size_t keras_layers(const ls_model *model, const ls_layer **layers);

/* The JSON text, to be freed. */
int keras_config(char **out, const ls_model *model);

#endif
