/* Sums in shared memory: one window per group, in which every rank has its partial sums and rank 0
 * also has the weights and the barrier. MPI-3 standard, section 11.2.3. */
#include "lockstep/error.h"
#include "reducer.h"

#include <string.h>

/* Bytes before rank 0's partial sums: the barrier and the weights. */
static size_t head_bytes(const ls_reducer *r) {
  return sizeof(shared_barrier) + r->padded * sizeof(ls_real);
}

/* Where in this rank's memory the part of another rank begins. */
static int locate(const ls_reducer *r, int rank, char **start) {
  MPI_Aint size = 0;
  int unit = 0;
  return ls_mpi_check(MPI_Win_shared_query(r->window, rank, &size, &unit, start),
                      "finding shared memory");
}

static int create(ls_reducer *r) {
  bool leader = r->group->rank == 0;
  size_t bytes = r->deepest * r->padded * sizeof(ls_real) + (leader ? head_bytes(r) : 0);
  char *own = NULL, *head = NULL;
  int status = ls_mpi_check(
      MPI_Win_allocate_shared((MPI_Aint)bytes, 1, MPI_INFO_NULL, r->group->comm, &own, &r->window),
      "allocating shared memory");
  if (status != LS_OK) return status;
  MPI_Win_lock_all(MPI_MODE_NOCHECK, r->window);
  status = locate(r, 0, &head);
  for (size_t i = 0; status == LS_OK && i < r->input_count; i++) {
    char *start = NULL;
    status = locate(r, r->inputs[i].rank, &start);
    if (r->inputs[i].rank == 0) start += head_bytes(r);
    r->inputs[i].values = (const ls_real *)(void *)start + r->inputs[i].slot * r->padded;
  }
  if (status != LS_OK) return status;
  r->barrier = (shared_barrier *)(void *)head;
  r->weights = (ls_real *)(void *)(head + sizeof(shared_barrier));
  r->partials = (ls_real *)(void *)(leader ? own + head_bytes(r) : own);
  if (leader) memset(r->barrier, 0, sizeof *r->barrier);
  return ls_mpi_check(MPI_Barrier(r->group->comm), "MPI_Barrier");
}

static void destroy(ls_reducer *r) {
  if (r->window == MPI_WIN_NULL) return;
  MPI_Win_unlock_all(r->window);
  MPI_Win_free(&r->window);
}

static int begin(ls_reducer *r, uint32_t *word) {
  *word = barrier_wait(r->barrier, (uint32_t)r->group->size, *word);
  return LS_OK;
}

static int wait_for_all(ls_reducer *r) {
  barrier_wait(r->barrier, (uint32_t)r->group->size, 0);
  return LS_OK;
}

const reduce_transport reduce_shared = {
    .create = create,
    .destroy = destroy,
    .begin = begin,
    .end = wait_for_all,
    .publish = wait_for_all,
};
