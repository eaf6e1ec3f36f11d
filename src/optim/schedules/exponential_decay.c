/* exponential_decay: initial_learning_rate * decay_rate ^ (step / decay_steps), the exponent whole
 * with staircase, as keras.optimizers.schedules.ExponentialDecay. */
#include "optim/families.h"

#include <math.h>

typedef struct exponential_args {
  double initial, decay_rate;
  int64_t decay_steps;
  bool staircase;
} exponential_args;

static const ls_arg args[] = {
    {"initial_learning_rate", LS_ARG_REAL, offsetof(exponential_args, initial), NULL,
     "the rate at the start", .min = 0, .max = 1e30},
    {"decay_steps", LS_ARG_INTEGER, offsetof(exponential_args, decay_steps), NULL,
     "steps after which the rate has changed by decay_rate", .min = 1, .max = 1e15},
    {"decay_rate", LS_ARG_REAL, offsetof(exponential_args, decay_rate), NULL, "factor", .min = 0,
     .max = 1e30},
    {"staircase", LS_ARG_BOOLEAN, offsetof(exponential_args, staircase), "false",
     "change at whole multiples of decay_steps only"},
    {NULL},
};

static double rate(const void *args_, int64_t step, int64_t steps) {
  (void)steps;
  const exponential_args *a = args_;
  double exponent = (double)step / (double)a->decay_steps;
  return a->initial * pow(a->decay_rate, a->staircase ? floor(exponent) : exponent);
}

const ls_schedule_type ls_schedule_exponential_decay = {
    {"exponential_decay", "shrinks by a factor", sizeof(exponential_args), args}, rate};
