/* The input shape of a model file, from the first layer of `model_config`. */
#include "store/checkpoint/model_file.h"

#include "h5/h5.h"
#include "lockstep/error.h"
#include "store/checkpoint/names.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

/* The first extent is null: the size of the batch. */
static bool read_shape(const json_t *config, ls_shape *shape) {
  const json_t *layers = json_object_get(json_object_get(config, "config"), "layers");
  const json_t *first = json_object_get(json_array_get(layers, 0), "config");
  const json_t *extents = json_object_get(first, "batch_input_shape");
  size_t count = json_array_size(extents);
  if (count < 2 || count > LS_MAX_DIMS + 1) return false;
  shape->rank = (int)count - 1;
  for (size_t i = 1; i < count; i++) {
    shape->extent[i - 1] = json_integer_value(json_array_get(extents, i));
  }
  return true;
}

int ls_model_file_input(const char *path, ls_shape *shape, bool *raw) {
  hid_t file = -1;
  char *text = NULL;
  int status = ls_h5_open(&file, path);
  if (status == LS_OK) status = ls_h5_get_text(file, ".", "model_config", &text);
  *raw = status == LS_OK && ls_h5_has(file, OWN_GROUP) &&
         ls_h5_has_attribute(file, OWN_GROUP, RAW_INPUTS);
  if (status == LS_OK) {
    json_t *config = json_loads(text, 0, NULL);
    if (!read_shape(config, shape)) {
      status = ls_fail(LS_INVALID, "%s: its model_config has no input shape", path);
    }
    json_decref(config);
  }
  free(text);
  ls_h5_close(&file);
  return status;
}
