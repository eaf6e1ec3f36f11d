/* A watchdog: a thread of each rank that ends the job, saying why, when ranks get no further.
 *
 * Ranks note what they do (note.h) in memory shared by those of a node, so that each sees all of
 * them: it also works if the rank that is stuck has been stopped as a process, thread and all. The
 * thread makes no MPI call, since another rank may never answer it; it leaves the process, with
 * which the launcher ends the job. */
#ifndef LS_RUN_WATCHDOG_H
#define LS_RUN_WATCHDOG_H

#include "comm/group.h"

typedef struct watchdog watchdog;

/* `seconds` without a note are too many; or 20 times the longest that there were between two notes
 * when doing the same, or when training, if that is more. 0: none is made, and *out is NULL; the
 * others do nothing then. `trials` is their number, to be told. All ranks work together at first,
 * at opening the results. Collective over the world. */
int watchdog_create(watchdog **out, double seconds, size_t trials, const ls_group *world);

/* From now on groups of so many consecutive ranks of the world work by themselves; from now on all
 * work together again, at closing the results. To be called by all. Local. */
void watchdog_divide(watchdog *dog, size_t ranks_per_group);
void watchdog_unite(watchdog *dog);

/* Collective over the world. */

void watchdog_free(watchdog **dog);

#endif
