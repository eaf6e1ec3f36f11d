/* exponential_decay: initial_learning_rate * decay_rate ^ (step / decay_steps), the exponent whole
 * with staircase, as keras.optimizers.schedules.ExponentialDecay. */
#include "optim/families.h"

#include "base/elementary.h"

#include <math.h>

typedef struct exponential_args {
  double initial, decay_rate;
  int64_t decay_steps;
  bool staircase;
} exponential_args;

static const ls_arg args[] = {
    {"initial_learning_rate", LS_ARG_REAL, offsetof(exponential_args, initial), NULL,
     "initial rate", .min = 0, .max = 1e30},
    {"decay_steps", LS_ARG_INTEGER, offsetof(exponential_args, decay_steps), NULL,
     "steps in which the rate changes by decay_rate", .min = 1, .max = 1e15},
    {"decay_rate", LS_ARG_REAL, offsetof(exponential_args, decay_rate), NULL, "factor", .min = 0,
     .max = 1e30},
    {"staircase", LS_ARG_BOOLEAN, offsetof(exponential_args, staircase), "false",
     "whether step / decay_steps is rounded down"},
    {NULL},
};

static double rate(const void *args_, int64_t step, int64_t steps) {
  (void)steps;
  const exponential_args *a = args_;
  double exponent = (double)step / (double)a->decay_steps;
  return a->initial * ls_power(a->decay_rate, a->staircase ? floor(exponent) : exponent);
}

const ls_schedule_type ls_schedule_exponential_decay = {
    {"exponential_decay", "the initial rate times decay_rate to the power of step / decay_steps",
     sizeof(exponential_args), args},
    rate};
