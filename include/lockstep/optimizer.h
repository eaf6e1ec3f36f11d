/* Optimisers and learning-rate schedules: the types that an author of one fills in.
 *
 * Both are components that work on flat arrays and know neither layers nor ranks. A program adds
 * types of its own with ls_optimizer_register and ls_schedule_register. All functions are local;
 * those of an optimiser or a schedule cannot fail. */
#ifndef LOCKSTEP_OPTIMIZER_H
#define LOCKSTEP_OPTIMIZER_H

#include "lockstep/component.h"
#include "lockstep/types.h"
#include "lockstep/visibility.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

LS_BEGIN_DECLARATIONS

/* ---- Schedules: the learning rate as a function of the step ---------------------------------- */

typedef struct ls_schedule_type {
  ls_component component;
  /* Returns the learning rate of step `step` (from 0) of a training of `steps` steps. */
  double (*rate)(const void *args, int64_t step, int64_t steps);
} ls_schedule_type;

/* Returns the learning rate of the schedule that a job chose. */
double ls_schedule_rate(const ls_choice *schedule, int64_t step, int64_t steps);

/* ---- Optimisers ------------------------------------------------------------------------------ */

/* The first member of every optimiser's struct of arguments. Clipping and weight decay happen
 * before the optimiser's update; NaN turns each off, and so does a weight_decay of 0. The moving
 * average of the weights is taken after it. */
typedef struct ls_optimizer_args {
  ls_choice learning_rate; /* a member of ls_schedules */
  double clipvalue;        /* largest magnitude of an element of the gradient */
  double clipnorm;         /* largest Euclidean norm of a parameter's gradient */
  double global_clipnorm;  /* largest Euclidean norm of the whole gradient */
  double weight_decay;     /* w -= w * weight_decay * learning rate */
  bool use_ema;            /* training ends with the moving average of the weights */
  double ema_momentum;     /* fraction of the average that is kept in a step */
  int64_t
      ema_overwrite_frequency; /* steps after which the average replaces the weights; 0: never */
} ls_optimizer_args;

/* LS_MAX_ARRAYS: slots, and the moving average of the weights. */
enum { LS_MAX_SLOTS = 4, LS_MAX_ARRAYS = LS_MAX_SLOTS + 1, LS_MAX_CONSTANTS = 4 };

/* Some consecutive elements of one parameter, in one step. */
typedef struct ls_update {
  double learning_rate;    /* of this step */
  const double *constants; /* [LS_MAX_CONSTANTS], set by `begin` */
  int rank;                /* dimensions of the parameter: 1 for biases */
  size_t n;                /* elements */
  ls_real *weights;        /* [n] */
  ls_real *gradient;       /* [n]; may be overwritten */
  ls_real *const *slots;   /* slots[k][n]: the same elements of array k of the optimiser's state */
  double weights_norm;     /* Euclidean norm of the whole parameter; with by_parameter only */
  double gradient_norm;    /* the same of its gradient */
} ls_update;

typedef struct ls_optimizer_type {
  ls_component component;
  /* Returns how many arrays of the size of the weights the optimiser keeps from step to step, at
   * most LS_MAX_SLOTS. */
  size_t (*slots)(const void *args);
  /* Returns the initial value of array k. NULL: 0. */
  double (*slot_start)(const void *args, size_t k);
  /* Computes what is the same for all weights, once in step `step` (from 1). `constants` holds the
   * result of the step before, at first 0. May be NULL. */
  void (*begin)(const void *args, int64_t step, double constants[LS_MAX_CONSTANTS]);
  /* Replaces the gradient before its norm is computed; with by_parameter only. May be NULL. */
  void (*prepare)(const void *args, const ls_update *u);
  /* Updates the weights and slots. */
  void (*update)(const void *args, const ls_update *u);
  /* update and prepare read the norms of whole parameters. */
  bool by_parameter;
} ls_optimizer_type;

/* The `check` of every optimiser: gradients are clipped in at most one way. */
const char *ls_optimizer_check(const void *args);

/* Arguments of all optimisers: a table begins with LS_LEARNING_RATE_ARG and ends with
 * LS_WEIGHT_DECAY_ARG, LS_CLIP_ARGS, LS_EMA_ARGS and {NULL}. */
#define LS_LEARNING_RATE_ARG(fallback)                                                             \
  {                                                                                                \
    "learning_rate", LS_ARG_CHOICE, offsetof(ls_optimizer_args, learning_rate), fallback,          \
        "learning rate: a number or a schedule", .family = &ls_schedules                           \
  }
#define LS_CLIP_ARG(field, text)                                                                   \
  {                                                                                                \
    .name = #field, LS_ARG_REAL, offsetof(ls_optimizer_args, field), "null", text, .max = 1e30,    \
    .flags = LS_ABOVE_MIN                                                                          \
  }
#define LS_CLIP_ARGS                                                                               \
  LS_CLIP_ARG(clipvalue, "largest magnitude of an element of the gradient"),                       \
      LS_CLIP_ARG(clipnorm, "largest norm of a parameter's gradient"),                             \
      LS_CLIP_ARG(global_clipnorm, "largest norm of the whole gradient")
#define LS_EMA_ARGS                                                                                \
  {"use_ema", LS_ARG_BOOLEAN, offsetof(ls_optimizer_args, use_ema), "false",                       \
   "whether training ends with an exponential moving average of the weights; validation during "   \
   "training is of the weights themselves"},                                                       \
      {"ema_momentum",                                                                             \
       LS_ARG_REAL,                                                                                \
       offsetof(ls_optimizer_args, ema_momentum),                                                  \
       "0.99",                                                                                     \
       "fraction of the average that is kept in a step",                                           \
       .max = 1},                                                                                  \
  {                                                                                                \
    "ema_overwrite_frequency", LS_ARG_INTEGER,                                                     \
        offsetof(ls_optimizer_args, ema_overwrite_frequency), "null",                              \
        "steps after which the average replaces the weights; default: never during training",      \
        .min = 1, .max = 1e9                                                                       \
  }
#define LS_WEIGHT_DECAY_ARG(fallback)                                                              \
  {                                                                                                \
    "weight_decay", LS_ARG_REAL, offsetof(ls_optimizer_args, weight_decay), fallback,              \
        "fraction of each weight subtracted in a step, times the learning rate",                   \
        .max = 1e30, .flags = LS_MORE_IS_SIMPLER                                                   \
  }

/* Arguments of several optimisers. `type` is the struct of the optimiser's arguments. */
#define LS_BETA_ARG(type, name, fallback, purpose)                                                 \
  { #name, LS_ARG_REAL, offsetof(type, name), fallback, purpose, .max = 1, .flags = LS_BELOW_MAX }
#define LS_BETA_ARGS(type)                                                                         \
  LS_BETA_ARG(type, beta_1, "0.9", "fraction of the mean gradient that is kept"),                  \
      LS_BETA_ARG(type, beta_2, "0.999",                                                           \
                  "fraction of its mean square (adamax: maximum) that is kept")
#define LS_EPSILON_ARG(type, fallback)                                                             \
  {                                                                                                \
    "epsilon", LS_ARG_REAL, offsetof(type, epsilon), fallback, "keeps denominators away from 0",   \
        .max = 1e30                                                                                \
  }

/* ---- Families ------------------------------------------------------------------------------- */

/* What job files may name: the types that Lockstep has, and those that a program registers. */
extern ls_family ls_schedules, ls_optimizers;

/* Each adds a type to its family, under the name type->component.name. `type` is borrowed until the
 * program ends. Call them before ls_main (lockstep/program.h), on all ranks. LS_INVALID if the
 * family has a member of that name, or the type lacks a function. */
int ls_schedule_register(const ls_schedule_type *type);
int ls_optimizer_register(const ls_optimizer_type *type);

LS_END_DECLARATIONS

#endif
