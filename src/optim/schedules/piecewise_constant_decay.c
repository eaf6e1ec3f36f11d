/* piecewise_constant_decay: values[i] up to and with step boundaries[i], the last value afterwards,
 * as keras.optimizers.schedules.PiecewiseConstantDecay. */
#include "optim/families.h"

typedef struct piecewise_args {
  ls_reals boundaries, values;
} piecewise_args;

static const ls_arg args[] = {
    {"boundaries", LS_ARG_REALS, offsetof(piecewise_args, boundaries), NULL,
     "steps at which the rate changes, ascending", .min = 0, .max = 1e15},
    {"values", LS_ARG_REALS, offsetof(piecewise_args, values), NULL,
     "rates, one more than boundaries", .min = 0, .max = 1e30},
    {NULL},
};

static const char *check(const void *values) {
  const piecewise_args *a = values;
  if (a->values.count != a->boundaries.count + 1) {
    return "needs one value more than boundaries";
  }
  for (size_t i = 1; i < a->boundaries.count; i++) {
    if (a->boundaries.values[i] <= a->boundaries.values[i - 1]) {
      return "boundaries must ascend";
    }
  }
  return NULL;
}

static double rate(const void *args_, int64_t step, int64_t steps) {
  (void)steps;
  const piecewise_args *a = args_;
  size_t i = 0;
  while (i < a->boundaries.count && (double)step > a->boundaries.values[i]) i++;
  return a->values.values[i];
}

const ls_schedule_type ls_schedule_piecewise_constant_decay = {
    {"piecewise_constant_decay", "rates that change at given steps", sizeof(piecewise_args), args,
     check},
    rate};
