/* Applying and describing transforms that subtract and multiply. */
#include "data/transforms/affine.h"

void affine_apply(const ls_transform *t, size_t n, ls_real *x, ls_real *y) {
  const size_t size = (size_t)ls_shape_size(&t->input);
  const ls_real *mean = t->values, *remainder = mean + size, *factor = remainder + size;
  for (size_t i = 0; i < n; i++, x += size, y += size) {
    for (size_t k = 0; k < size; k++) y[k] = (x[k] - mean[k] - remainder[k]) * factor[k];
  }
}

void affine_describe(const ls_transform *t, ls_input_map *map) {
  const size_t size = (size_t)ls_shape_size(&t->input);
  map->kind = LS_MAP_STANDARDIZATION;
  map->mean = t->values;
  map->remainder = map->mean + size;
  map->factor = map->remainder + size;
}
