/* What losses of probabilities share: Keras's clipping and label smoothing. */
#ifndef LS_NN_LOSSES_PROBABILITY_H
#define LS_NN_LOSSES_PROBABILITY_H

#include "lockstep/layer.h"

/* Keras's epsilon: probabilities below it or above 1 minus it are clipped. */
#define LS_PROBABILITY_EPSILON 1e-7

/* A NaN stays one. */
static inline double ls_clip_probability(double p) {
  const double low = LS_PROBABILITY_EPSILON, high = 1 - LS_PROBABILITY_EPSILON;
  return p < low ? low : p > high ? high : p;
}

/* The argument, a double of the struct `type`, NaN if it is left out. */
#define LS_LABEL_SMOOTHING_ARG(type)                                                               \
  {                                                                                                \
    "label_smoothing", LS_ARG_REAL, offsetof(type, label_smoothing), "null",                       \
        "how far targets are moved towards equal probabilities: 0, the default, not at all; 1 "    \
        "completely",                                                                              \
        .min = 0, .max = 1                                                                         \
  }

/* The value of the argument. */
static inline double ls_label_smoothing(double given) {
  return given > 0 ? given : 0;
}

/* The target of class j of `width` classes. */
static inline double ls_smoothed_class(size_t width, int32_t label, size_t j, double smoothing) {
  double others = smoothing / (double)width;
  return j == (size_t)label ? 1 - smoothing + others : others;
}

/* The target of a value from 0 to 1. */
static inline ls_real ls_smoothed_value(ls_real t, double smoothing) {
  return t * (ls_real)(1 - smoothing) + (ls_real)(smoothing / 2);
}

#endif
