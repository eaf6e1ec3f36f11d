/* inverse_time_decay: initial_learning_rate / (1 + decay_rate step / decay_steps), the quotient of
 * steps whole with staircase, as keras.optimizers.schedules.InverseTimeDecay. */
#include "optim/families.h"

#include <math.h>

typedef struct inverse_args {
  double initial, decay_rate;
  int64_t decay_steps;
  bool staircase;
} inverse_args;

static const ls_arg args[] = {
    {"initial_learning_rate", LS_ARG_REAL, offsetof(inverse_args, initial), NULL, "initial rate",
     .min = 0, .max = 1e30},
    {"decay_steps", LS_ARG_INTEGER, offsetof(inverse_args, decay_steps), NULL,
     "steps that add decay_rate to the denominator", .min = 1, .max = 1e15},
    {"decay_rate", LS_ARG_REAL, offsetof(inverse_args, decay_rate), NULL,
     "growth of the denominator", .min = 0, .max = 1e30},
    {"staircase", LS_ARG_BOOLEAN, offsetof(inverse_args, staircase), "false",
     "whether step / decay_steps is rounded down"},
    {NULL},
};

static double rate(const void *args_, int64_t step, int64_t steps) {
  (void)steps;
  const inverse_args *a = args_;
  double times = (double)step / (double)a->decay_steps;
  return a->initial / (1 + a->decay_rate * (a->staircase ? floor(times) : times));
}

const ls_schedule_type ls_schedule_inverse_time_decay = {
    {"inverse_time_decay", "the initial rate divided by 1 + decay_rate times step / decay_steps",
     sizeof(inverse_args), args},
    rate};
