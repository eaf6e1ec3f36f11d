/* The group of a layer in a Keras model file. Its arrays, if it has any, are in a group of the
 * layer's name within it, and `weight_names` has their paths, such as "dense/kernel:0". Local. */
#ifndef LS_STORE_CHECKPOINT_KERAS_GROUP_H
#define LS_STORE_CHECKPOINT_KERAS_GROUP_H

#include "h5/h5.h"
#include "lockstep/layer.h"

enum { KERAS_WEIGHT_NAME = LS_MAX_NAME + 64 };

typedef struct keras_group {
  hid_t id;         /* where paths begin */
  const char *name; /* of the layer, borrowed */
  size_t count;
  char paths[LS_MAX_PARAMS][KERAS_WEIGHT_NAME];
} keras_group;

/* Creates the group of a layer, for arrays if it `has_arrays`. */
int keras_group_create(keras_group *group, hid_t weights, const char *name, bool has_arrays);

/* Adds an array to the list and returns its path, where the caller creates it. */
const char *keras_group_add(keras_group *group, const char *array);

/* Writes the list if all went well so far, and closes the group. Returns the status. */
int keras_group_close(keras_group *group, int status);

#endif
