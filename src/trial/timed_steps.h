/* The training steps of a trial by themselves, to be timed: as in a run, but without validation,
 * checkpoints and results. */
#ifndef LS_TRIAL_TIMED_STEPS_H
#define LS_TRIAL_TIMED_STEPS_H

#include "comm/group.h"
#include "trial/plan.h"

typedef struct ls_timed_steps ls_timed_steps;

/* Collective: loads the samples and prepares the model. Plan and group are borrowed. */
int ls_timed_steps_create(ls_timed_steps **out, const ls_plan *plan, size_t shards,
                          const ls_group *group);
void ls_timed_steps_free(ls_timed_steps **steps);

/* Collective: goes on with the trial by `times` steps, its epochs following one another for ever.
 * *seconds is what they took on this rank, without the shuffling before an epoch; steps with fewer
 * samples than a minibatch are done as well but not counted, unless an epoch has no others.
 * LS_FAILED where the loss is not finite. */
int ls_timed_steps_run(ls_timed_steps *steps, size_t times, double *seconds);

#endif
