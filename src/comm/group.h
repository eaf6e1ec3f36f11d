/* Groups of ranks, agreement among them, and the collective calls that the program makes.
 *
 * A group owns a communicator whose errors are returned, not fatal. What could differ between its
 * ranks (a file that opens on one and not on another) is agreed on before any of them continues, so
 * that no rank waits for one that has failed. Outside this folder only h5/, which opens files on a
 * communicator, and the program's start call MPI. */
#ifndef LS_COMM_GROUP_H
#define LS_COMM_GROUP_H

#include "base/peers.h"
#include "lockstep/types.h"

#include <mpi.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct ls_group {
  MPI_Comm comm; /* owned */
  int rank, size;
  int node_ranks; /* ranks of each node, which share memory, if all nodes have the same number of
                     them, consecutive in the group; else 1 */
} ls_group;

/* Makes a group of the ranks of `parent` that give the same `color`, in the same order. A negative
 * color makes a group of size 0 with no communicator. Collective over `parent`. */
int ls_group_create(ls_group *group, MPI_Comm parent, int color);

/* Returns whether all ranks are on one node, and so can share memory. Local. */
static inline bool ls_group_on_one_node(const ls_group *group) {
  return group->node_ranks == group->size;
}

/* Makes a group of the ranks of `parent` on this node; where these cannot share memory, a group of
 * this rank alone. Collective over `parent`. */
int ls_group_create_node(ls_group *group, MPI_Comm parent);

/* Collective over the group. */
void ls_group_free(ls_group *group);

/* Returns LS_OK if every rank gives LS_OK; else, on all ranks, the status and the recorded message
 * of the lowest rank that gives another. Also a barrier. Collective. */
int ls_group_agree(const ls_group *group, int status);

/* ---- Collective calls ---------------------------------------------------------------------------
 *
 * Each returns the same status on all ranks: where MPI fails on one, all get its message. If even
 * ls_group_agree fails, only the ranks on which it does know, and the others wait until the
 * watchdog ends the job. Ranks give the same counts. */

/* Copies `bytes` bytes from rank `root` to all others. For plain data: no pointers. */
int ls_group_broadcast(const ls_group *group, void *data, size_t bytes, int root);

/* Copies rank 0's text to all others, where *text is set to a copy to be freed. NULL on rank 0 is
 * NULL everywhere. */
int ls_group_broadcast_text(const ls_group *group, char **text);

/* Copies `bytes` bytes from each rank to all: `all` is [rank][bytes]. */
int ls_group_allgather(const ls_group *group, const void *own, size_t bytes, void *all);

/* Replaces each of `count` values by the sum over ranks. Where at most one rank gives another value
 * than 0 the sum is exact. */
int ls_group_sum(const ls_group *group, double *values, size_t count);

/* Replaces each of `count` values by the largest over ranks. */
int ls_group_max(const ls_group *group, double *values, size_t count);
int ls_group_max_int(const ls_group *group, int *values, size_t count);

/* Sets *same on all ranks: whether all gave the same number. */
int ls_group_same(const ls_group *group, uint64_t number, bool *same);

/* Waits, mostly asleep, until all ranks have called it. Until then calls `idle` about 30 times a
 * second; that may not make collective calls. */
int ls_group_wait(const ls_group *group, void (*idle)(void *context), void *context);

/* ---- Within a training step ---------------------------------------------------------------------
 *
 * Collective as well, but for speed each returns this rank's own status. */

/* Replaces each of `count` values by the sum over ranks, in an order of the MPI library's. */
int ls_group_allreduce(const ls_group *group, ls_real *values, size_t count);

/* The same of doubles. Where at most one rank gives another value than 0 the sum is exact. */
int ls_group_allreduce_doubles(const ls_group *group, double *values, size_t count);

/* Replaces the flags by their union over ranks. */
int ls_group_or(const ls_group *group, uint32_t *flags);

/* ---- Views ----------------------------------------------------------------------------------- */

/* The group (borrowed) as the operations that data/ and study/ need. Its ranks share files if all
 * are on one node, unless `messages` forbids it. Local. */
ls_peers ls_group_peers(const ls_group *group, bool messages);

/* Name and version of the MPI library, such as "Open MPI v4.1.4", and MPI's name of this host.
 * Local. */
enum { LS_MPI_VERSION = 256, LS_MPI_HOST = 256 };
void ls_mpi_version(char version[LS_MPI_VERSION]);
void ls_mpi_host(char host[LS_MPI_HOST]);

/* Has MPI progress messages and serve requests of other ranks; never waits. Local. */
void ls_mpi_serve(void);

#endif
