/* Training one trial on one group of ranks. */
#ifndef LOCKSTEP_TRIAL_H
#define LOCKSTEP_TRIAL_H

#include "lockstep/feed.h"
#include "lockstep/group.h"
#include "lockstep/plan.h"
#include "lockstep/results.h"

#include <stdio.h>

/* Who wants to know how it goes. Where `profile` isn't NULL the group's rank 0 prints there in the
 * end where the time of its training steps went. `stop` and `step` are called on every rank once a step, `epoch` on
 * rank 0 of the group with one value for each curve of the plan; its failure ends the trial. */
typedef struct ls_watch {
  void *context;
  bool (*stop)(void *context);
  void (*step)(void *context, size_t epoch, size_t step, double loss);
  int (*epoch)(void *context, size_t epoch, const double *curves);
  FILE *profile;
} ls_watch;

/* Collective over the group: trains as the plan says, each minibatch cut into `shards` shards,
 * samples taken from the group's pools of the dataset's parts. Returns LS_OK with the result
 * (done, stopped early, diverged: a loss became not a number or infinite); LS_STOPPED where a rank
 * was asked to stop; or a failure, the same on all ranks. */
int ls_trial_run(const ls_plan *plan, size_t shards, const ls_group *group, ls_pool *const *pools,
                 const ls_watch *watch, ls_trial_result *result);

#endif
