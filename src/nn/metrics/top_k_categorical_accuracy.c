/* top_k_categorical_accuracy: the share of samples whose class has fewer than k outputs above its
 * own, so that all of equal ones are in, as in TensorFlow's in_top_k; outputs that hold a NaN or an
 * infinity count as wrong. */
#include "nn/families.h"

#include <limits.h>
#include <math.h>

typedef struct top_k_args {
  int64_t k;
} top_k_args;

static const ls_arg args[] = {
    {"k", LS_ARG_INTEGER, offsetof(top_k_args, k), "5", "number of classes that count", .min = 1,
     .max = INT_MAX},
    {NULL},
};

static double evaluate(const void *a, const ls_outputs *o) {
  const size_t k = (size_t)((const top_k_args *)a)->k;
  size_t right = 0;
  for (size_t i = 0; i < o->n; i++) {
    const ls_real *row = o->y + i * o->width, own = row[o->labels[i]];
    size_t above = 0;
    bool finite = true;
    for (size_t j = 0; j < o->width; j++) {
      above += row[j] > own;
      finite &= isfinite(row[j]) != 0;
    }
    right += finite && above < k;
  }
  return (double)right;
}

const ls_metric_type ls_metric_top_k_categorical_accuracy = {
    .component = {"top_k_categorical_accuracy",
                  "for classes: fraction of the samples whose class is among the k largest outputs",
                  sizeof(top_k_args), args},
    .evaluate = evaluate,
    .higher_is_better = true,
    .takes_logits = true,
};
