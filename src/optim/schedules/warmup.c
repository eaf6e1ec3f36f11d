/* warmup: grows linearly from 0 to where another schedule begins, which then runs over the
 * remaining steps; before cosine_decay as keras.optimizers.schedules.CosineDecay with warmup_steps.
 * Goyal et al., "Accurate, large minibatch SGD", 2017. */
#include "optim/families.h"

typedef struct warmup_args {
  int64_t steps;
  ls_choice then;
} warmup_args;

static const ls_arg args[] = {
    {"warmup_steps", LS_ARG_INTEGER, offsetof(warmup_args, steps), NULL,
     "steps until the full rate", .min = 1, .max = 1e15},
    {"then", LS_ARG_CHOICE, offsetof(warmup_args, then), NULL, "the schedule that follows",
     .family = &ls_schedules},
    {NULL},
};

static double rate(const void *args_, int64_t step, int64_t steps) {
  const warmup_args *a = args_;
  int64_t left = steps > a->steps ? steps - a->steps : 1;
  if (step >= a->steps) return ls_schedule_rate(&a->then, step - a->steps, left);
  return ls_schedule_rate(&a->then, 0, left) * (double)step / (double)a->steps;
}

const ls_schedule_type ls_schedule_warmup = {{"warmup",
                                              "grows linearly from 0, the rate of the first step, "
                                              "to that at which another schedule begins, which "
                                              "takes the remaining steps",
                                              sizeof(warmup_args), args},
                                             rate};
