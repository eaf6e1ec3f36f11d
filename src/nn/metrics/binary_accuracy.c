/* binary_accuracy: the share of the output's elements for which 1 if above the threshold, else 0,
 * equals the target; targets between 0 and 1 are never met, as in Keras. A NaN counts as wrong. */
#include "nn/families.h"

typedef struct binary_accuracy_args {
  double threshold;
} binary_accuracy_args;

static const ls_arg args[] = {
    {"threshold", LS_ARG_REAL, offsetof(binary_accuracy_args, threshold), "0.5",
     "outputs above it count as 1"},
    {NULL},
};

static double evaluate(const void *a, const ls_outputs *o) {
  const ls_real threshold = (ls_real)((const binary_accuracy_args *)a)->threshold;
  size_t right = 0;
  for (size_t i = 0; i < o->n * o->width; i++) {
    right +=
        (o->y[i] > threshold && o->values[i] == 1) || (o->y[i] <= threshold && o->values[i] == 0);
  }
  return (double)right / (double)o->width;
}

const ls_metric_type ls_metric_binary_accuracy = {
    .component =
        {"binary_accuracy",
         "for values of 0 and 1: fraction of the elements on the correct side of the threshold",
         sizeof(binary_accuracy_args), args},
    .target = LS_VALUES,
    .evaluate = evaluate,
    .higher_is_better = true,
};

static binary_accuracy_args halves = {0.5};
const ls_choice ls_metric_binary_accuracy_defaults = {&ls_metric_binary_accuracy.component, &halves,
                                                      ""};
