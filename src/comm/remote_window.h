/* Memory of rank 0 that all ranks reach by one-sided MPI. */
#ifndef LS_COMM_REMOTE_WINDOW_H
#define LS_COMM_REMOTE_WINDOW_H

#include "comm/group.h"

/* Makes a window of `count` elements of `size` bytes on rank 0, all zero, and none on the others;
 * offsets count elements. *base is where it begins on rank 0, NULL elsewhere. Every rank may access
 * it at once, and errors are returned. *out is MPI_WIN_NULL after a failure. Collective. */
int remote_window_create(MPI_Win *out, char **base, const ls_group *world, size_t count,
                         size_t size);

/* Collective. Nothing happens for MPI_WIN_NULL. */
void remote_window_free(MPI_Win *window);

#endif
