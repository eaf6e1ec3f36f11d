/* cosine_decay: half a cosine from initial_learning_rate down to alpha times it, as
 * keras.optimizers.schedules.CosineDecay without its warm-up (see `warmup`). Loshchilov and Hutter,
 * "SGDR", 2017. */
#include "optim/families.h"

#include "base/elementary.h"

#include <math.h>

typedef struct cosine_args {
  double initial, alpha;
  int64_t decay_steps;
} cosine_args;

static const ls_arg args[] = {
    {"initial_learning_rate", LS_ARG_REAL, offsetof(cosine_args, initial), NULL, "initial rate",
     .min = 0, .max = 1e30},
    {"decay_steps", LS_ARG_INTEGER, offsetof(cosine_args, decay_steps), "null",
     "steps until the lowest rate; default: the whole training", .min = 1, .max = 1e15,
     .flags = LS_WHOLE_TRAINING},
    {"alpha", LS_ARG_REAL, offsetof(cosine_args, alpha), "0",
     "lowest rate as a fraction of the initial one", .min = 0, .max = 1},
    {NULL},
};

static double rate(const void *args_, int64_t step, int64_t steps) {
  const cosine_args *a = args_;
  double length = (double)(a->decay_steps > 0 ? a->decay_steps : steps);
  double share = (double)step < length ? (double)step / length : 1;
  double cosine, sine;
  ls_cos_sin(share / 2, &cosine, &sine);
  cosine = 0.5 * (1 + cosine);
  return a->initial * ((1 - a->alpha) * cosine + a->alpha);
}

const ls_schedule_type ls_schedule_cosine_decay = {
    {"cosine_decay", "half a cosine down to alpha times the initial rate", sizeof(cosine_args),
     args},
    rate};
