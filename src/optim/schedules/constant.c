/* constant: the same learning rate in every step; a plain number is short for it. */
#include "optim/families.h"

typedef struct constant_args {
  double value;
} constant_args;

static const ls_arg args[] = {
    {"value", LS_ARG_REAL, offsetof(constant_args, value), NULL, "rate", .min = 0, .max = 1e30},
    {NULL},
};

static double rate(const void *a, int64_t step, int64_t steps) {
  (void)step, (void)steps;
  return ((const constant_args *)a)->value;
}

const ls_schedule_type ls_schedule_constant = {
    {"constant", "the same rate at every step; what a plain number stands for",
     sizeof(constant_args), args},
    rate};
