/* polynomial_decay: from initial_learning_rate to end_learning_rate as (1 - step / decay_steps) ^
 * power; with cycle, decay_steps becomes the next of its multiples each time it is passed. As
 * keras.optimizers.schedules.PolynomialDecay, where decay_steps has to be given. */
#include "optim/families.h"

#include "base/elementary.h"

#include <math.h>

typedef struct polynomial_args {
  double initial, end, power;
  int64_t decay_steps;
  bool cycle;
} polynomial_args;

static const ls_arg args[] = {
    {"initial_learning_rate", LS_ARG_REAL, offsetof(polynomial_args, initial), NULL, "initial rate",
     .min = 0, .max = 1e30},
    {"decay_steps", LS_ARG_INTEGER, offsetof(polynomial_args, decay_steps), "null",
     "steps until the end rate; default: the whole training", .min = 1, .max = 1e15,
     .flags = LS_WHOLE_TRAINING},
    {"end_learning_rate", LS_ARG_REAL, offsetof(polynomial_args, end), "0.0001", "end rate",
     .min = 0, .max = 1e30},
    {"power", LS_ARG_REAL, offsetof(polynomial_args, power), "1", "exponent; 1: a straight line",
     .min = 0, .max = 1e30},
    {"cycle", LS_ARG_BOOLEAN, offsetof(polynomial_args, cycle), "false",
     "whether the rate rises again after decay_steps, which become the next of their multiples"},
    {NULL},
};

static double rate(const void *args_, int64_t step, int64_t steps) {
  const polynomial_args *a = args_;
  double length = (double)(a->decay_steps > 0 ? a->decay_steps : steps), at = (double)step;
  if (a->cycle && at > length) {
    length *= ceil(at / length);
  } else if (at > length) {
    at = length;
  }
  return (a->initial - a->end) * ls_power(1 - at / length, a->power) + a->end;
}

const ls_schedule_type ls_schedule_polynomial_decay = {
    {"polynomial_decay", "falls to end_learning_rate as (1 - step / decay_steps) to a power",
     sizeof(polynomial_args), args},
    rate};
