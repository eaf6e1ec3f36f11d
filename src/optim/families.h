/* The optimisers and learning-rate schedules that Lockstep has: one line each. To add one: write
 * its file, src/optim/optimizers/NAME.c that defines `const ls_optimizer_type ls_optimizer_NAME`,
 * and add NAME to the list below; schedules likewise. A plain number is short for the first
 * schedule. */
#ifndef LS_OPTIM_FAMILIES_H
#define LS_OPTIM_FAMILIES_H

#include "lockstep/optimizer.h"

#define LS_SCHEDULES(X)                                                                            \
  X(constant)                                                                                      \
  X(piecewise_constant_decay)                                                                      \
  X(exponential_decay)                                                                             \
  X(inverse_time_decay)                                                                            \
  X(polynomial_decay)                                                                              \
  X(cosine_decay)                                                                                  \
  X(cosine_decay_restarts)                                                                         \
  X(warmup)

#define LS_OPTIMIZERS(X)                                                                           \
  X(sgd)                                                                                           \
  X(rmsprop)                                                                                       \
  X(adagrad)                                                                                       \
  X(adadelta)                                                                                      \
  X(adam)                                                                                          \
  X(adamw)                                                                                         \
  X(adamax)                                                                                        \
  X(nadam)                                                                                         \
  X(lamb)                                                                                          \
  X(lars)

#define LS_DECLARE_SCHEDULE(name) extern const ls_schedule_type ls_schedule_##name;
#define LS_DECLARE_OPTIMIZER(name) extern const ls_optimizer_type ls_optimizer_##name;
LS_SCHEDULES(LS_DECLARE_SCHEDULE)
LS_OPTIMIZERS(LS_DECLARE_OPTIMIZER)

#endif
