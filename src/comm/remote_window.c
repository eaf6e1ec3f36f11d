/* Windows of rank 0, in one access epoch from their creation to their end. */
#include "comm/remote_window.h"

#include "comm/check.h"
#include "lockstep/error.h"

#include <string.h>

int remote_window_create(MPI_Win *out, char **base, const ls_group *world, size_t count,
                         size_t size) {
  const size_t bytes = world->rank == 0 ? count * size : 0;
  char *memory = NULL;
  *out = MPI_WIN_NULL;
  *base = NULL;
  int status = ls_mpi_check(
      MPI_Win_allocate((MPI_Aint)bytes, (int)size, MPI_INFO_NULL, world->comm, &memory, out),
      "MPI_Win_allocate");
  status = ls_group_agree(world, status);
  if (status != LS_OK) return status;
  MPI_Win_set_errhandler(*out, MPI_ERRORS_RETURN);
  if (world->rank == 0) {
    memset(memory, 0, bytes);
    *base = memory;
  }
  return ls_group_agree(world, ls_mpi_check(MPI_Win_lock_all(0, *out), "MPI_Win_lock_all"));
}

void remote_window_free(MPI_Win *window) {
  if (*window == MPI_WIN_NULL) return;
  MPI_Win_unlock_all(*window);
  MPI_Win_free(window);
}
