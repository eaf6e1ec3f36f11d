/* cosine_decay_restarts: half a cosine again and again, each t_mul times as long and m_mul times as
 * high as the one before, down to alpha times initial_learning_rate; as
 * keras.optimizers.schedules.CosineDecayRestarts. Loshchilov and Hutter, "SGDR", 2017. */
#include "optim/families.h"

#include "base/elementary.h"

#include <math.h>

typedef struct restarts_args {
  double initial, t_mul, m_mul, alpha;
  int64_t first_decay_steps;
} restarts_args;

static const ls_arg args[] = {
    {"initial_learning_rate", LS_ARG_REAL, offsetof(restarts_args, initial), NULL, "initial rate",
     .min = 0, .max = 1e30},
    {"first_decay_steps", LS_ARG_INTEGER, offsetof(restarts_args, first_decay_steps), NULL,
     "steps until the first restart", .min = 1, .max = 1e15},
    {"t_mul", LS_ARG_REAL, offsetof(restarts_args, t_mul), "2", "factor of the steps at a restart",
     .min = 1, .max = 1e30},
    {"m_mul", LS_ARG_REAL, offsetof(restarts_args, m_mul), "1", "factor of the rate at a restart",
     .min = 0, .max = 1e30},
    {"alpha", LS_ARG_REAL, offsetof(restarts_args, alpha), "0",
     "lowest rate as a fraction of the initial one", .min = 0, .max = 1},
    {NULL},
};

static double rate(const void *args_, int64_t step, int64_t steps) {
  (void)steps;
  const restarts_args *a = args_;
  double length = (double)a->first_decay_steps, at = (double)step, restarts = 0;
  if (a->t_mul == 1) {
    restarts = floor(at / length);
    at -= restarts * length;
  }
  for (; at >= length; restarts++, length *= a->t_mul) at -= length;
  double cosine, sine;
  ls_cos_sin(at / length / 2, &cosine, &sine);
  cosine = 0.5 * ls_power(a->m_mul, restarts) * (1 + cosine);
  return a->initial * ((1 - a->alpha) * cosine + a->alpha);
}

const ls_schedule_type ls_schedule_cosine_decay_restarts = {
    {"cosine_decay_restarts",
     "half a cosine, repeated with t_mul times as many steps and m_mul times the rate",
     sizeof(restarts_args), args},
    rate};
