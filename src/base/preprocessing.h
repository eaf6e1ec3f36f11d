/* What is done to inputs between a dataset and a model, and to outputs behind it, as plain data:
 * for files that describe it to other programs, whose writers do not know the transforms
 * themselves. */
#ifndef LS_BASE_PREPROCESSING_H
#define LS_BASE_PREPROCESSING_H

#include "lockstep/types.h"

#include <stddef.h>
#include <stdint.h>

typedef enum ls_input_map_kind {
  LS_MAP_STANDARDIZATION, /* y[k] = (x[k] - mean[k] - remainder[k]) factor[k] */
  LS_MAP_PROJECTION,      /* y = (x - mean - remainder) matrix */
  LS_MAP_PERMUTATION,     /* y[k, c] = x[order[k], c], of pixels k with channels c */
} ls_input_map_kind;

/* One transform. The arrays that its kind has are borrowed. */
typedef struct ls_input_map {
  ls_input_map_kind kind;
  ls_shape input, output;
  const ls_real *mean, *remainder; /* [element of input] */
  const ls_real *factor;           /* [element of input] */
  const ls_real *matrix;           /* [element of input, element of output] */
  const uint32_t *order;           /* [pixel] */
  size_t pixels;
} ls_input_map;

/* How the target of an output is scaled for the loss: (t - mean - remainder) * factor. The arrays
 * [element] are borrowed; NULL: it is not scaled. */
typedef struct ls_target_scaling {
  const ls_real *mean, *remainder, *factor;
} ls_target_scaling;

enum { LS_MOST_MAPS = 8, LS_MOST_SCALINGS = 8 };

/* Inputs are multiplied by `scale`, then transformed. Outputs whose targets were scaled are brought
 * back to the units of the data. */
typedef struct ls_preprocessing {
  ls_shape input; /* of the dataset; of rank 0: unknown */
  double scale;
  size_t count;
  ls_input_map maps[LS_MOST_MAPS];
  ls_target_scaling targets[LS_MOST_SCALINGS]; /* [output] */
} ls_preprocessing;

#endif
