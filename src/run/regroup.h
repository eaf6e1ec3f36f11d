/* Whether groups leave their trials at the end of an epoch, so that larger ones go on with them:
 * once there are fewer trials than groups. It is invisible in the results, which depend on the
 * number of shards and not on that of ranks. A group leaves only when all that have a trial are
 * ready to, for then none waits for another for longer than an epoch. Local; for leaders. */
#ifndef LS_RUN_REGROUP_H
#define LS_RUN_REGROUP_H

#include "run/packing.h"

/* What a group's leader knows at the end of an epoch. */
typedef struct regroup {
  const ls_packing *packing;
  size_t ranks;    /* of the world */
  int64_t counter; /* the board's counter (trial_queue.h), as it was a moment ago */
  const ls_plan *plan;
  size_t shards, epochs_left;
  double epoch_seconds;
} regroup;

/* The number of ranks that each trial would have if all groups left; that of now where there are
 * no more, and where `reduction: allreduce` would make a difference visible. */
size_t regroup_ranks(const regroup *s);

/* Whether the trial gains more by these ranks than it costs to begin again. */
bool regroup_pays(const regroup *s);

/* Whether every group has ended or is ready to leave. */
bool regroup_agreed(const regroup *s);

#endif
