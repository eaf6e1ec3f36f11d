/* Shapes of one sample, without the batch: [784], or [height, width, channel]. */
#ifndef LOCKSTEP_SHAPE_H
#define LOCKSTEP_SHAPE_H

#include <stdint.h>

enum { LS_MAX_DIMS = 4 };

typedef struct ls_shape {
  int rank;
  int64_t extent[LS_MAX_DIMS];
} ls_shape;

/* Number of elements of one sample. */
static inline int64_t ls_shape_size(const ls_shape *shape) {
  int64_t size = 1;
  for (int i = 0; i < shape->rank; i++) size *= shape->extent[i];
  return size;
}

#endif
