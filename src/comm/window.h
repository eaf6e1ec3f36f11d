/* Memory that the ranks of a group share: an MPI-3 shared window, open for loads and stores.
 *
 * MPI_Win_allocate_shared of Open MPI waits for ever on the other ranks where rank 0 can't have the
 * memory, so it is only called where there is room. */
#ifndef LS_COMM_WINDOW_H
#define LS_COMM_WINDOW_H

#include "comm/group.h"

/* Collective over the group, which must be on one node: allocates `bytes` for this rank. */
int window_allocate(MPI_Win *window, const ls_group *group, size_t bytes);

/* Where in this rank's memory the part of a rank (this one or another) begins. Local. */
int window_find(MPI_Win window, int rank, char **start);

/* Collective. Safe on MPI_WIN_NULL. */
void window_free(MPI_Win *window);

#endif
