/* Shared windows. MPI-3 standard, section 11.2.3. */
#include "comm/window.h"
#include "base/memory.h"
#include "comm/check.h"
#include "lockstep/error.h"

#include <stdint.h>
#include <sys/resource.h>
#include <sys/statvfs.h>

/* MPI guarantees no alignment. Each rank's memory is made longer by this, and begins at the next
 * multiple: the same place for all ranks, since the window begins at a page on each. */
enum { ALIGNMENT = 64 };

/* Where MPI libraries keep shared memory on Linux; elsewhere nothing is checked. */
static const char folder[] = "/dev/shm";

/* Whether this rank may create a file of that size and map it. */
static int check_limits(double needed) {
  struct rlimit files;
  if (getrlimit(RLIMIT_FSIZE, &files) == 0 && files.rlim_cur != RLIM_INFINITY &&
      needed > (double)files.rlim_cur) {
    return ls_fail(LS_FAILED,
                   "out of memory: %.0f MiB of shared memory needed, %.0f MiB allowed by ulimit -f",
                   needed / (1 << 20), (double)files.rlim_cur / (1 << 20));
  }
  return ls_memory_check((size_t)needed, "shared memory");
}

/* Collective: whether there is memory for the windows of all ranks, and a tenth more for what MPI
 * adds. */
static int check_room(const ls_group *group, size_t bytes) {
  double needed = (double)bytes;
  int status = ls_group_sum(group, &needed, 1);
  if (status == LS_OK) status = check_limits(1.1 * needed);
  struct statvfs room;
  if (status == LS_OK && group->rank == 0 && statvfs(folder, &room) == 0) {
    double there = (double)room.f_bavail * (double)room.f_frsize;
    if (1.1 * needed > there) {
      status =
          ls_fail(LS_FAILED, "out of memory: %.0f MiB of shared memory needed, %.0f MiB free in %s",
                  needed / (1 << 20), there / (1 << 20), folder);
    }
  }
  return ls_group_agree(group, status);
}

int window_allocate(MPI_Win *window, const ls_group *group, size_t bytes) {
  *window = MPI_WIN_NULL;
  bytes += ALIGNMENT;
  int status = check_room(group, bytes);
  if (status != LS_OK) return status;
  char *own = NULL;
  status = ls_mpi_check(
      MPI_Win_allocate_shared((MPI_Aint)bytes, 1, MPI_INFO_NULL, group->comm, &own, window),
      "allocating shared memory");
  if (status != LS_OK) return status;
  MPI_Win_set_errhandler(*window, MPI_ERRORS_RETURN);
  return ls_mpi_check(MPI_Win_lock_all(MPI_MODE_NOCHECK, *window), "MPI_Win_lock_all");
}

int window_find(MPI_Win window, int rank, char **start) {
  MPI_Aint size = 0;
  int unit = 0;
  int status = ls_mpi_check(MPI_Win_shared_query(window, rank, &size, &unit, start),
                            "finding shared memory");
  *start += (ALIGNMENT - (uintptr_t)*start % ALIGNMENT) % ALIGNMENT;
  return status;
}

void window_free(MPI_Win *window) {
  if (*window == MPI_WIN_NULL) return;
  MPI_Win_unlock_all(*window);
  MPI_Win_free(window);
}
