/* Memory that the ranks of a group share: an MPI-3 shared window, open for loads and stores.
 *
 * If rank 0 cannot allocate the memory, Open MPI's MPI_Win_allocate_shared never returns on the
 * other ranks, so it is called only after checking that there is enough. */
#ifndef LS_COMM_WINDOW_H
#define LS_COMM_WINDOW_H

#include "comm/group.h"

/* Collective over the group, which must be on one node: allocates `bytes` for this rank. */
int window_allocate(MPI_Win *window, const ls_group *group, size_t bytes);

/* Sets *start to where the memory of a rank begins in this rank's address space. Local. */
int window_find(MPI_Win window, int rank, char **start);

/* Collective. Safe on MPI_WIN_NULL. */
void window_free(MPI_Win *window);

#endif
