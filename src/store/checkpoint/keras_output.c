/* Outputs in the units of the data, as layers of Keras. */
#include "store/checkpoint/keras_output.h"

#include <stdio.h>

/* Element k of what the layer multiplies by, or adds. */
typedef double element(const ls_target_scaling *scaling, size_t k);

static double scale_of(const ls_target_scaling *s, size_t k) {
  return 1 / (double)s->factor[k];
}

static double offset_of(const ls_target_scaling *s, size_t k) {
  return (double)s->mean[k] + (double)s->remainder[k];
}

/* Elements in nested lists of the shape's dimensions from `dimension` on, the first being number
 * `at`. */
static json_t *nested(const ls_target_scaling *s, element *value, const ls_shape *shape,
                      int dimension, size_t at) {
  if (dimension == shape->rank) return json_real(value(s, at));
  json_t *list = json_array();
  size_t size = 1;
  for (int i = dimension + 1; i < shape->rank; i++) size *= (size_t)shape->extent[i];
  for (size_t k = 0; k < (size_t)shape->extent[dimension]; k++) {
    json_array_append_new(list, nested(s, value, shape, dimension + 1, at + k * size));
  }
  return list;
}

void keras_output_append(keras_chain *c, size_t head, const ls_target_scaling *scaling) {
  const ls_shape *shape = &c->model->heads[head].output;
  if (!scaling->factor) return;
  char base[48], name[LS_MAX_NAME];
  snprintf(base, sizeof base, "target_rescaling_%zu", head + 1);
  keras_unused_name(c->model, base, name);
  /* A single number stands for itself: Keras 2 reads lists of any length. */
  const int first = ls_shape_size(shape) == 1 ? shape->rank : 0;
  json_t *scale = nested(scaling, scale_of, shape, first, 0);
  json_t *offset = nested(scaling, offset_of, shape, first, 0);
  keras_append(c, "Rescaling", name, json_pack("{s:o, s:o}", "scale", scale, "offset", offset));
}
