/* Transforms y = (x - mean - remainder) * factor, element by element. Their values are the means,
 * then the remainders, then the factors, each [element]. */
#ifndef LS_DATA_TRANSFORMS_AFFINE_H
#define LS_DATA_TRANSFORMS_AFFINE_H

#include "data/transform.h"

/* See ls_transform_type. */
void affine_apply(const ls_transform *t, size_t n, ls_real *x, ls_real *y);
void affine_describe(const ls_transform *t, ls_input_map *map);

#endif
