/* Decisions among classes, which metrics count. */
#ifndef LS_NN_METRICS_DECISION_H
#define LS_NN_METRICS_DECISION_H

#include "lockstep/layer.h"

/* The number of classes: one for each unit, or two of a single unit. */
static inline size_t ls_decision_classes(size_t width) {
  return width > 1 ? width : 2;
}

/* The largest of a sample's outputs, the first of equal ones; `width` where one is a NaN. */
static inline size_t ls_largest_output(size_t width, const ls_real *y) {
  size_t best = 0;
  bool ordered = true;
  for (size_t j = 0; j < width; j++) {
    if (y[j] > y[best]) best = j;
    ordered &= y[j] == y[j];
  }
  return ordered ? best : width;
}

/* How a metric of several classes is put together from those of each. */
typedef enum ls_average {
  LS_AVERAGE_OMITTED = -1,
  LS_AVERAGE_MACRO,
  LS_AVERAGE_WEIGHTED,
  LS_AVERAGE_MICRO,
} ls_average;

/* The argument, an int of the struct `type`; `words` is ls_average_words. */
#define LS_AVERAGE_ARG(type)                                                                       \
  {                                                                                                \
    "average", LS_ARG_WORD, offsetof(type, average), "null",                                       \
        "over classes. macro, the default: their mean, without classes that do not occur; "        \
        "weighted: by the numbers of their samples; micro: of all decisions together. Of a "       \
        "single "                                                                                  \
        "output, left out, it is the metric of class 1",                                           \
        .words = ls_average_words                                                                  \
  }
static const char *const ls_average_words[] = {"macro", "weighted", "micro", NULL};

#endif
