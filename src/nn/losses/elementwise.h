/* Losses that are a mean over the elements of a sample's output. */
#ifndef LS_NN_LOSSES_ELEMENTWISE_H
#define LS_NN_LOSSES_ELEMENTWISE_H

#include "lockstep/layer.h"

enum { ELEMENT_BLOCK = 256, ELEMENT_LANES = 16 };

/* The sum in double, in a fixed order that a vector unit can follow. */
static inline double ls_sum(size_t count, const ls_real *values) {
  double lanes[ELEMENT_LANES] = {0}, sum = 0;
  size_t whole = count - count % ELEMENT_LANES;
  for (size_t i = 0; i < whole; i += ELEMENT_LANES) {
    for (size_t k = 0; k < ELEMENT_LANES; k++) lanes[k] += (double)values[i + k];
  }
  for (size_t i = whole; i < count; i++) sum += (double)values[i];
  for (size_t k = 0; k < ELEMENT_LANES; k++) sum += lanes[k];
  return sum;
}

/* Up to ELEMENT_BLOCK elements, with the arguments of the loss: sets losses[i] to that of y[i] with
 * target t[i] and, unless dy is NULL, dy[i] to its derivative times scale; dy may be y. */
typedef void ls_element_loss(const void *args, size_t count, const ls_real *y, const ls_real *t,
                             ls_real scale, ls_real *losses, ls_real *dy);

/* The `evaluate` of such a loss. */
static inline double ls_elementwise(const void *args, const ls_outputs *o, ls_real scale,
                                    ls_real *dy, ls_element_loss *element_loss) {
  size_t count = o->n * o->width;
  double total = 0;
  for (size_t at = 0; at < count; at += ELEMENT_BLOCK) {
    ls_real losses[ELEMENT_BLOCK];
    size_t n = count - at < ELEMENT_BLOCK ? count - at : ELEMENT_BLOCK;
    element_loss(args, n, o->y + at, o->values + at, scale / (ls_real)o->width, losses,
                 dy ? dy + at : NULL);
    total += ls_sum(n, losses);
  }
  return total / (double)o->width;
}

#endif
