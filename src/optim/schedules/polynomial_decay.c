/* polynomial_decay: from initial_learning_rate to end_learning_rate as (1 - step / decay_steps) ^
 * power; with cycle, decay_steps becomes the next of its multiples each time it is passed. As
 * keras.optimizers.schedules.PolynomialDecay, where decay_steps has to be given. */
#include "optim/families.h"

#include <math.h>

typedef struct polynomial_args {
  double initial, end, power;
  int64_t decay_steps;
  bool cycle;
} polynomial_args;

static const ls_arg args[] = {
    {"initial_learning_rate", LS_ARG_REAL, offsetof(polynomial_args, initial), NULL,
     "the rate at the start", .min = 0, .max = 1e30},
    {"decay_steps", LS_ARG_INTEGER, offsetof(polynomial_args, decay_steps), "null",
     "steps until the end rate; left out: all of the training", .min = 1, .max = 1e15},
    {"end_learning_rate", LS_ARG_REAL, offsetof(polynomial_args, end), "0.0001",
     "the rate at the end", .min = 0, .max = 1e30},
    {"power", LS_ARG_REAL, offsetof(polynomial_args, power), "1", "exponent; 1: a straight line",
     .min = 0, .max = 1e30},
    {"cycle", LS_ARG_BOOLEAN, offsetof(polynomial_args, cycle), "false",
     "go up again after decay_steps"},
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
  return (a->initial - a->end) * pow(1 - at / length, a->power) + a->end;
}

const ls_schedule_type ls_schedule_polynomial_decay = {
    {"polynomial_decay", "a straight line, or a power of it", sizeof(polynomial_args), args}, rate};
