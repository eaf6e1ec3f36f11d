/* Optimisers and learning-rate schedules: what an author of one needs.
 *
 * Both are components over flat arrays: they know neither layers nor ranks. A program adds its own
 * with ls_optimizer_register and ls_schedule_register. All functions are local; those of an
 * optimiser or a schedule cannot fail. */
#ifndef LOCKSTEP_OPTIMIZER_H
#define LOCKSTEP_OPTIMIZER_H

#include "lockstep/component.h"
#include "lockstep/types.h"
#include "lockstep/visibility.h"

#include <stddef.h>
#include <stdint.h>

LS_BEGIN_DECLARATIONS

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

/* What every optimiser's arguments begin with. Gradients are clipped, and weights decayed by w -=
 * w * weight_decay * learning rate, before the optimiser sees them; not where that is NaN or 0. */
typedef struct ls_optimizer_args {
  ls_choice learning_rate; /* a member of ls_schedules */
  double clipvalue, clipnorm, global_clipnorm;
  double weight_decay;
} ls_optimizer_args;

enum { LS_MAX_SLOTS = 4, LS_MAX_CONSTANTS = 4 };

/* A run of elements of one parameter, at one step. slots[k] points at the matching part of array
 * k. */
typedef struct ls_update {
  double learning_rate;
  const double *constants; /* see `begin` */
  int rank;                /* dimensions of the parameter: 1 for biases */
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

/* The `check` of every optimiser: gradients are clipped in one way at most. */
const char *ls_optimizer_check(const void *args);

/* The arguments that every optimiser's table begins with, and those before its last entry. */
#define LS_LEARNING_RATE_ARG(fallback)                                                             \
  {                                                                                                \
    "learning_rate", LS_ARG_CHOICE, offsetof(ls_optimizer_args, learning_rate), fallback,          \
        "a number or a schedule", .family = &ls_schedules                                          \
  }
#define LS_CLIP_ARG(name, purpose)                                                                 \
  {                                                                                                \
#name, LS_ARG_REAL, offsetof(ls_optimizer_args, name), "null", purpose, .max = 1e30,           \
                                                                            .flags = LS_ABOVE_MIN  \
  }
#define LS_CLIP_ARGS                                                                               \
  LS_CLIP_ARG(clipvalue, "largest magnitude of an element of the gradient"),                       \
      LS_CLIP_ARG(clipnorm, "largest norm of a parameter's gradient"),                             \
      LS_CLIP_ARG(global_clipnorm, "largest norm of the whole gradient")
#define LS_WEIGHT_DECAY_ARG(fallback)                                                              \
  {                                                                                                \
    "weight_decay", LS_ARG_REAL, offsetof(ls_optimizer_args, weight_decay), fallback,              \
        "share of each weight taken off in a step, times the learning rate", .max = 1e30,          \
                                                                             LS_MORE_IS_SIMPLER    \
  }

/* Arguments that several have. `type` is the struct of the optimiser's arguments. */
#define LS_BETA_ARG(type, name, fallback, purpose)                                                 \
  { #name, LS_ARG_REAL, offsetof(type, name), fallback, purpose, .max = 1, .flags = LS_BELOW_MAX }
#define LS_BETA_ARGS(type)                                                                         \
  LS_BETA_ARG(type, beta_1, "0.9", "share of the mean gradient kept"),                             \
      LS_BETA_ARG(type, beta_2, "0.999", "share of its mean square (adamax: maximum) kept")
#define LS_EPSILON_ARG(type, fallback)                                                             \
  {                                                                                                \
    "epsilon", LS_ARG_REAL, offsetof(type, epsilon), fallback,                                     \
        "keeps the denominator away from 0", .max = 1e30                                           \
  }

/* ---- Families ------------------------------------------------------------------------------- */

/* What job files may name: the types that Lockstep has, and those that a program registers. */
extern ls_family ls_schedules, ls_optimizers;

/* Each adds a type of the program's own to its family, under the type's component.name; `type` is
 * borrowed for good. To be called before ls_main (lockstep/program.h), on all ranks alike.
 * LS_INVALID if the family has a member of that name, or the type lacks a function. */
int ls_schedule_register(const ls_schedule_type *type);
int ls_optimizer_register(const ls_optimizer_type *type);

LS_END_DECLARATIONS

#endif
