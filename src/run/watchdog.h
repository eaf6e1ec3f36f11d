/* A watchdog: a thread of each rank that ends the job, with an error message, when ranks hang.
 *
 * Ranks store what they do (base/activity.h) in memory shared by the ranks of their node, so that
 * each can check all of them, also if the process that hangs is stopped with all of its threads.
 * The thread makes no MPI calls, since another rank may never answer; it exits the process, and the
 * launcher ends the job. */
#ifndef LS_RUN_WATCHDOG_H
#define LS_RUN_WATCHDOG_H

#include "comm/group.h"
#include "run/hang.h"

typedef struct watchdog watchdog;

/* Creates a watchdog that ends the job after `seconds` without progress or, if that is longer,
 * after 20 times the longest time without progress so far in the same phase or in training. With 0
 * none is created, *out is NULL, and the other functions do nothing. `trials` is their number, for
 * messages. At first all ranks are one group, and open the results. Collective over the world. */
int watchdog_create(watchdog **out, double seconds, size_t trials, const ls_group *world);

/* Records that from now on each `ranks_per_group` consecutive ranks of the world are a group; that
 * all ranks are one group again, and close the results. To be called by all ranks. Local. */
void watchdog_divide(watchdog *dog, size_t ranks_per_group);
void watchdog_unite(watchdog *dog);

/* The number of the ranks of this node, and of this rank among them; the host of a rank of the
 * world; the activity of this node's ranks, as last checked. For any thread, local. */
size_t watchdog_node_ranks(const watchdog *dog);
int watchdog_node_rank(const watchdog *dog);
const char *watchdog_host(const watchdog *dog, int rank);
void watchdog_read(watchdog *dog, hang_rank *ranks);

/* Collective over the world. */
void watchdog_free(watchdog **dog);

#endif
