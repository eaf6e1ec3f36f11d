/* Random numbers of one generated image, drawn in order. Local. */
#ifndef LS_PREPARE_DRAWS_H
#define LS_PREPARE_DRAWS_H

#include "lockstep/random.h"

#include <assert.h>
#include <stddef.h>

enum { LS_DRAWS = 128 }; /* more than any image needs */

typedef struct draws {
  ls_real values[LS_DRAWS];
  size_t next;
} draws;

static inline draws draws_of(ls_stream stream) {
  draws d = {.next = 0};
  ls_random_uniform(stream, 0, LS_DRAWS, d.values);
  return d;
}

/* Returns the next number, uniform over [low, high). Never draw twice in one expression: the order
 * of evaluation is unspecified in C, and images must not depend on the compiler. */
static inline float draw(draws *d, float low, float high) {
  assert(d->next < LS_DRAWS);
  return low + (high - low) * (float)d->values[d->next++];
}

#endif
