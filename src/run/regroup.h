/* Whether groups leave their trials at the end of an epoch, so that larger groups resume them, when
 * there are fewer trials than groups. Results do not show it, since they depend on the number of
 * shards and not on that of ranks. A group leaves only when all groups that have a trial are ready
 * to, so none waits for another for longer than an epoch. Once they agree no group takes a trial
 * any more (run/taking.h). Local; for leaders. */
#ifndef LS_RUN_REGROUP_H
#define LS_RUN_REGROUP_H

#include "run/packing.h"

/* What a group's leader knows at the end of an epoch. */
typedef struct regroup_state {
  const ls_packing *packing;
  size_t ranks;  /* of the world */
  int64_t queue; /* the trial queue (trial_queue.h), as last read */
  const ls_plan *plan;
  size_t shards, epochs_left;
  double epoch_seconds;
} regroup_state;

/* Returns the ranks that each trial would have if all groups left: as many as now if there are no
 * idle ones, or if results would show it (`reduction: allreduce`). */
size_t regroup_ranks(const regroup_state *s);

/* Returns whether the trial gains more by these ranks than resuming it costs. */
bool regroup_pays(const regroup_state *s);

/* Returns whether every group has finished or is ready to leave. */
bool regroup_agreed(const regroup_state *s);

#endif
