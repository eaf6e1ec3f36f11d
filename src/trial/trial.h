/* Training one trial on one group of ranks. */
#ifndef LS_TRIAL_TRIAL_H
#define LS_TRIAL_TRIAL_H

#include "comm/group.h"
#include "data/pool.h"
#include "store/results/results.h"
#include "trial/callbacks.h"
#include "trial/plan.h"

/* Collective over the group: trains as the plan says, each minibatch cut into `shards` shards, with
 * samples from the group's pools of the dataset's parts. Returns LS_OK with the result (done;
 * stopped early; diverged: a loss was NaN or infinite); LS_STOPPED, with a checkpoint written,
 * where a callback asked to stop; or a failure, the same on all ranks. */
int ls_trial_run(const ls_plan *plan, size_t shards, const ls_group *group, ls_pool *const *pools,
                 const ls_callbacks *callbacks, ls_trial_result *result);

#endif
