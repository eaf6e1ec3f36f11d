/* A model as the attribute `model_config` of a Keras model file describes it. Local. */
#ifndef LS_STORE_CHECKPOINT_KERAS_CONFIG_H
#define LS_STORE_CHECKPOINT_KERAS_CONFIG_H

#include "base/preprocessing.h"
#include "nn/model/model.h"

#include <stddef.h>

/* The model's own layers in the equivalent Keras model, in the order in which Keras reads their
 * weights from a file. Left out are layers that are an argument of the layer before them in Keras,
 * and layers that Keras lacks and that do nothing outside training. Returns their number; `layers`
 * has room for all of the model's. */
size_t keras_layers(const ls_model *model, const ls_layer **layers);

/* The JSON text, to be freed. The layers that do the preprocessing come first, those that undo
 * the scaling of targets last. */
int keras_config(char **out, const ls_model *model, const ls_preprocessing *preprocessing);

#endif
