/* Groups of ranks that work on one trial, and agreement among them.
 *
 * A group owns a communicator whose errors are returned, not fatal. Whatever could differ between
 * its ranks (a file that opens on one and not on another) is agreed on before anyone goes on, so
 * that no rank waits for one that has failed. */
#ifndef LS_COMM_GROUP_H
#define LS_COMM_GROUP_H

#include "base/peers.h"

#include <mpi.h>
#include <stdbool.h>
#include <stddef.h>

typedef struct ls_group {
  MPI_Comm comm; /* owned */
  int rank, size;
  int node_ranks; /* how many ranks can share memory: on each node as many, one after another in the
                     group; 1 if that isn't so */
} ls_group;

/* Collective over `parent`: ranks that give the same `color` form a group, in the order of their
 * ranks. A negative color makes a group of size 0 with no communicator. */
int ls_group_create(ls_group *group, MPI_Comm parent, int color);

/* Whether all ranks can share memory. Local. */
static inline bool ls_group_on_one_node(const ls_group *group) {
  return group->node_ranks == group->size;
}

/* Collective over `parent`: the ranks that can share memory with this one. */
int ls_group_create_node(ls_group *group, MPI_Comm parent);

/* Collective over the group. */
void ls_group_free(ls_group *group);

/* Collective: returns LS_OK if every rank gave LS_OK; else, on all ranks, the status and the
 * recorded message of the lowest rank that gave another. */
int ls_group_agree(const ls_group *group, int status);

/* Collective: hands rank 0's text to all. On rank 0 *text is borrowed and left as it is; elsewhere
 * it is set to a copy to be freed. A NULL on rank 0 is NULL everywhere. */
int ls_group_share_text(const ls_group *group, char **text);

/* Collective: replaces each of `count` values by the sum over ranks. Where at most one rank gives
 * another value than 0 the sum is exact. */
int ls_group_sum(const ls_group *group, double *values, size_t count);

/* The ranks of the group (borrowed) as what the data module needs of them. They share memory if all
 * are on one node, unless `messages` asks for exchanges all the same. Local. */
ls_peers ls_group_peers(const ls_group *group, bool messages);

/* Turns an MPI return code into LS_OK or a recorded LS_FAILED. Local. */
int ls_mpi_check(int code, const char *doing);

/* Lets MPI get on with what other ranks ask of this one; never waits. Local. */
void ls_mpi_serve(void);

#endif
