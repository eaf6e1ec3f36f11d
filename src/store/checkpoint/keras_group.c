/* Groups of layers with weights. */
#include "store/checkpoint/keras_group.h"

#include "lockstep/error.h"
#include "store/checkpoint/names.h"

#include <stdio.h>

int keras_group_create(keras_group *group, hid_t weights, const char *name, bool has_arrays) {
  hid_t inner = -1;
  *group = (keras_group){.id = -1, .name = name};
  int status = ls_h5_create_group(&group->id, weights, name);
  if (status == LS_OK && has_arrays) status = ls_h5_create_group(&inner, group->id, name);
  ls_h5_close(&inner);
  return status;
}

const char *keras_group_add(keras_group *group, const char *array) {
  char *path = group->paths[group->count++];
  snprintf(path, KERAS_WEIGHT_NAME, "%s/%s:0", group->name, array);
  return path;
}

int keras_group_close(keras_group *group, int status) {
  const char *names[LS_MAX_PARAMS];
  for (size_t i = 0; i < group->count; i++) names[i] = group->paths[i];
  if (status == LS_OK) {
    status = ls_h5_set_texts(group->id, ".", WEIGHT_NAMES, group->count, names);
  }
  ls_h5_close(&group->id);
  return status;
}
