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

/* What every optimiser's arguments begin with. Gradients are clipped before the optimiser sees
 * them: NaN where that isn't wanted. */
typedef struct ls_optimizer_args {
  ls_choice learning_rate; /* a member of ls_schedules */
  double clipvalue, clipnorm, global_clipnorm;
} ls_optimizer_args;

enum { LS_MAX_SLOTS = 4, LS_MAX_CONSTANTS = 4 };

/* A run of elements of one parameter, at one step. slots[k] points at the matching part of array
 * k. */
typedef struct ls_update {
  double learning_rate;
  const double *constants; /* see `begin` */
  size_t n;
  ls_real *weights;
  ls_real *gradient; /* may be overwritten */
  ls_real *const *slots;
  /* With by_parameter: the Euclidean norms of the whole parameter's weights and gradient. */
  double weights_norm, gradient_norm;
} ls_update;

typedef struct ls_optimizer_type {
  ls_component component;
  /* How many arrays as large as the weights it keeps from step to step. They start at what
   * slot_start says for array k, or at 0 where that is NULL. */
  size_t (*slots)(const void *args);
  double (*slot_start)(const void *args, size_t k);
  /* Works out what is the same for all weights at step `step` (from 1), once a step, from its own
   * result of the step before (zeroes at first). May be NULL. */
  void (*begin)(const void *args, int64_t step, double constants[LS_MAX_CONSTANTS]);
  /* Replaces the gradient before its norm is taken, with by_parameter only. May be NULL. */
  void (*prepare)(const void *args, const ls_update *u);
  /* Updates the weights. */
  void (*update)(const void *args, const ls_update *u);
  bool by_parameter;
} ls_optimizer_type;

/* The arguments that every optimiser's table begins with, and those before its last entry. */
#define LS_LEARNING_RATE_ARG(fallback)                                                             \
  {                                                                                                \
    "learning_rate", LS_ARG_CHOICE, offsetof(ls_optimizer_args, learning_rate), fallback,          \
        "a number or a schedule", .family = &ls_schedules                                          \
  }
#define LS_CLIP_ARGS                                                                               \
  {"clipvalue",                                                                                    \
   LS_ARG_REAL,                                                                                    \
   offsetof(ls_optimizer_args, clipvalue),                                                         \
   "null",                                                                                         \
   "largest magnitude of an element of the gradient",                                              \
   .min = 0,                                                                                       \
   .max = 1e30,                                                                                    \
   .flags = LS_ABOVE_MIN},                                                                         \
      {"clipnorm",                                                                                 \
       LS_ARG_REAL,                                                                                \
       offsetof(ls_optimizer_args, clipnorm),                                                      \
       "null",                                                                                     \
       "largest norm of a parameter's gradient",                                                   \
       .min = 0,                                                                                   \
       .max = 1e30,                                                                                \
       .flags = LS_ABOVE_MIN},                                                                     \
  {                                                                                                \
    "global_clipnorm", LS_ARG_REAL, offsetof(ls_optimizer_args, global_clipnorm), "null",          \
        "largest norm of the whole gradient", .min = 0, .max = 1e30, .flags = LS_ABOVE_MIN         \
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
