/* The number type of weights, activations and gradients, and the shapes of samples. */
#ifndef LOCKSTEP_TYPES_H
#define LOCKSTEP_TYPES_H

#include <stdint.h>

/* float, or double in a build with LS_DOUBLE (for gradient checks). */
#ifdef LS_DOUBLE
typedef double ls_real;
#else
typedef float ls_real;
#endif

enum { LS_MAX_DIMS = 4 };

/* The shape of one sample, without the batch: [784], or [height, width, channel]. */
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
