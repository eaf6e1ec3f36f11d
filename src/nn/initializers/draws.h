/* Random numbers for a parameter, as a function of the seed and the number of the parameter. */
#ifndef LS_NN_INITIALIZERS_DRAWS_H
#define LS_NN_INITIALIZERS_DRAWS_H

#include "lockstep/layer.h"
#include "lockstep/random.h"

static inline ls_stream draw_stream(const ls_init *init) {
  return (ls_stream){init->seed, LS_RANDOM_INITIALIZER, 0, init->index, 0};
}

/* Standard normal numbers cut at 2: element i takes the first of the numbers i, i + count,
 * i + 2 count, ... that is within the cut. */
static inline void draw_cut_normal(const ls_init *init, size_t count, ls_real *values) {
  ls_random_normal(draw_stream(init), 0, count, values);
  for (size_t i = 0; i < count; i++) {
    for (uint64_t again = 1; !(values[i] >= -2 && values[i] <= 2); again++) {
      ls_random_normal(draw_stream(init), again * count + i, 1, &values[i]);
    }
  }
}

#endif
