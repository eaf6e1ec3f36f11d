/* Lists of layers in the attribute `model_config` of a Keras model file. Local. */
#ifndef LS_STORE_CHECKPOINT_KERAS_CHAIN_H
#define LS_STORE_CHECKPOINT_KERAS_CHAIN_H

#include "nn/model/model.h"

#include <jansson.h>
#include <stdbool.h>

/* A sequence of layers that is being written. */
typedef struct keras_chain {
  const ls_model *model;
  json_t *layers;
  bool functional;
  char last[LS_MAX_NAME]; /* name of the layer before the next one; "" for none */
  bool failed;
} keras_chain;

/* A name that no layer has: `base`, or `base` with a number. */
void keras_unused_name(const ls_model *model, const char *base, char name[LS_MAX_NAME]);

/* Appends a layer; takes ownership of `config`, to which name and dtype are added. */
void keras_append(keras_chain *chain, const char *class_name, const char *name, json_t *config);

/* Appends the layer that takes inputs of that shape. */
void keras_append_input(keras_chain *chain, const ls_shape *shape);

#endif
