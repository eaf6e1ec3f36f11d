/* Checks of how the ranks were started, before training. */
#ifndef LS_CLI_LAUNCH_H
#define LS_CLI_LAUNCH_H

#include "comm/group.h"
#include "job/job.h"

/* LS_INVALID if srun has started several processes as separate worlds, because it lacks PMIx.
 * Local. */
int launch_check_world(const ls_group *world);

/* Whether this process prints messages: rank 0; of several such worlds the first. Local. */
bool launch_prints(const ls_group *world);

/* Collective: LS_INVALID, naming hosts, if ranks have other versions of the program, of the job or
 * of a dataset file; warnings if ranks were bound to the same cores while others are free, and if
 * those of one host cannot share memory. */
int launch_check(const ls_job *job, const ls_group *world);

#endif
