/* The training steps of a trial without validation, checkpoints and results, for measuring time. */
#ifndef LS_TRIAL_TIMED_STEPS_H
#define LS_TRIAL_TIMED_STEPS_H

#include "comm/group.h"
#include "trial/plan.h"

typedef struct ls_timed_steps ls_timed_steps;

/* Collective: loads the samples and creates the trainer. Plan and group are borrowed. */
int ls_timed_steps_create(ls_timed_steps **out, const ls_plan *plan, size_t shards,
                          const ls_group *group);

/* Collective. */
void ls_timed_steps_free(ls_timed_steps **steps);

/* Collective: trains `times` more steps; after the last epoch the first follows again. Sets
 * *seconds to their duration on this rank, without the shuffling before an epoch. Steps with fewer
 * samples than a minibatch are trained but not counted, unless an epoch has no others. LS_FAILED
 * where the loss is not finite. */
int ls_timed_steps_run(ls_timed_steps *steps, size_t times, double *seconds);

#endif
