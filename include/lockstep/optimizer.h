/* Optimisers and learning-rate schedules: what their authors and the training loop need.
 *
 * Both are components over flat arrays: they know neither layers nor ranks. To add one: write
 * src/optim/optimizers/NAME.c that defines `const ls_optimizer_type ls_optimizer_NAME`, and add
 * NAME to LS_OPTIMIZERS below; schedules likewise. All functions are local and cannot fail. */
#ifndef LOCKSTEP_OPTIMIZER_H
#define LOCKSTEP_OPTIMIZER_H

#include "lockstep/component.h"
#include "lockstep/real.h"

#include <stddef.h>
#include <stdint.h>

/* ---- Schedules: the learning rate as a function of the step ------------------------------------
 */

typedef struct ls_schedule_type {
  ls_component component;
  /* The rate of step `step` (from 0) of a training of `steps` steps. */
  double (*rate)(const void *args, int64_t step, int64_t steps);
} ls_schedule_type;

/* The rate of a chosen schedule. */
double ls_schedule_rate(const ls_choice *schedule, int64_t step, int64_t steps);

/* ---- Optimisers --------------------------------------------------------------------------------
 */

/* What every optimiser's arguments begin with. */
typedef struct ls_optimizer_args {
  ls_choice learning_rate; /* a member of ls_schedules */
} ls_optimizer_args;

typedef struct ls_optimizer_type {
  ls_component component;
  /* How many arrays as large as the weights it keeps from step to step. They start at 0. */
  size_t (*slots)(const void *args);
  /* Updates n weights from their gradient. slots[k] points at the matching part of array k. */
  void (*update)(const void *args, double learning_rate, size_t n, ls_real *weights,
                 const ls_real *gradient, ls_real *const *slots);
} ls_optimizer_type;

enum { LS_MAX_SLOTS = 4 };

/* The argument that stands first in every optimiser's table. */
#define LS_LEARNING_RATE_ARG(fallback)                                                             \
  {                                                                                                \
    "learning_rate", LS_ARG_CHOICE, offsetof(ls_optimizer_args, learning_rate), fallback,          \
        "a number or a schedule", .family = &ls_schedules                                          \
  }

/* ---- The lists: one line each. The first schedule is what a plain number stands for. ------------
 */

#define LS_SCHEDULES(X)                                                                            \
  X(constant)                                                                                      \
  X(piecewise_constant_decay)                                                                      \
  X(exponential_decay)                                                                             \
  X(cosine_decay)                                                                                  \
  X(warmup)

#define LS_OPTIMIZERS(X) X(sgd)

#define LS_DECLARE_SCHEDULE(name) extern const ls_schedule_type ls_schedule_##name;
#define LS_DECLARE_OPTIMIZER(name) extern const ls_optimizer_type ls_optimizer_##name;
LS_SCHEDULES(LS_DECLARE_SCHEDULE)
LS_OPTIMIZERS(LS_DECLARE_OPTIMIZER)

extern const ls_family ls_schedules, ls_optimizers;

#endif
