/* Training one trial on one group of ranks. */
#ifndef LOCKSTEP_TRIAL_H
#define LOCKSTEP_TRIAL_H

#include "lockstep/feed.h"
#include "lockstep/group.h"
#include "lockstep/plan.h"
#include "lockstep/results.h"

#include <stdio.h>

/* Weights worth keeping: those that training ended with ("last"), or those of the best epoch so far
 * ("best"), with the epoch, from 1, after which they were these, and its curves. */
typedef struct ls_snapshot {
  const char *name;
  const ls_real *weights; /* the flat vector */
  size_t epoch;
  const double *curves; /* one value for each curve of the plan */
} ls_snapshot;

/* Who wants to know how it goes. Where `profile` isn't NULL the group's rank 0 prints there in the
 * end where the time of its training steps went. `stop` and `step` are called on every rank once a
 * step, `epoch` on rank 0 of the group with one value for each curve of the plan, `save` there when
 * the trial has ended (NULL: nothing is saved); a failure of these two ends the trial. */
typedef struct ls_watch {
  void *context;
  bool (*stop)(void *context);
  void (*step)(void *context, size_t epoch, size_t step, double loss);
  int (*epoch)(void *context, size_t epoch, const double *curves);
  int (*save)(void *context, const ls_snapshot *snapshot);
  FILE *profile;
} ls_watch;

/* Collective over the group: trains as the plan says, each minibatch cut into `shards` shards,
 * samples taken from the group's pools of the dataset's parts. Returns LS_OK with the result
 * (done, stopped early, diverged: a loss became not a number or infinite); LS_STOPPED where a rank
 * was asked to stop; or a failure, the same on all ranks. */
int ls_trial_run(const ls_plan *plan, size_t shards, const ls_group *group, ls_pool *const *pools,
                 const ls_watch *watch, ls_trial_result *result);

#endif
