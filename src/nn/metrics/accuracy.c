/* accuracy: the share of samples whose largest output is that of their class. The first of equal
 * ones counts; outputs that hold a NaN count as wrong. */
#include "nn/families.h"
#include "nn/metrics/decision.h"

static const ls_arg args[] = {{NULL}};

static double evaluate(const void *a, const ls_outputs *o) {
  (void)a;
  size_t right = 0;
  for (size_t i = 0; i < o->n; i++) {
    right += ls_largest_output(o->width, o->y + i * o->width) == (size_t)o->labels[i];
  }
  return (double)right;
}

const ls_metric_type ls_metric_accuracy = {
    .component = {"accuracy",
                  "for classes: fraction of the samples that are classified correctly; of a single "
                  "output, what binary_accuracy is",
                  0, args},
    .evaluate = evaluate,
    .higher_is_better = true,
    .takes_logits = true,
};
