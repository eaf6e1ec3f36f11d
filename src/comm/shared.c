/* Sums in shared memory: one window per group, in which every rank has its partial sums and rank 0
 * also has the weights and the barrier. */
#include "lockstep/error.h"
#include "reducer.h"
#include "window.h"

#include <string.h>

/* Bytes before rank 0's partial sums: the barrier and the weights. */
static size_t head_bytes(const ls_reducer *r) {
  return sizeof(shared_barrier) + r->padded * sizeof(ls_real);
}

static int create(ls_reducer *r) {
  bool leader = r->group->rank == 0;
  size_t bytes = r->deepest * r->padded * sizeof(ls_real) + (leader ? head_bytes(r) : 0);
  char *own = NULL, *head = NULL;
  int status = window_allocate(&r->window, r->group, bytes);
  if (status == LS_OK) status = window_find(r->window, r->group->rank, &own);
  if (status == LS_OK) status = window_find(r->window, 0, &head);
  for (size_t i = 0; status == LS_OK && i < r->input_count; i++) {
    char *start = NULL;
    status = window_find(r->window, r->inputs[i].rank, &start);
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
  window_free(&r->window);
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
