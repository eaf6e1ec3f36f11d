/* A counter and a table on rank 0. */
#include "comm/shared_counter.h"
#include "comm/check.h"

#include "base/activity.h"
#include "base/memory.h"
#include "lockstep/error.h"

#include <stdlib.h>
#include <string.h>

struct ls_shared_counter {
  const ls_group *world;
  MPI_Win window;
  int64_t *counter; /* on rank 0 */
  char *slots;      /* behind it */
  size_t slot_bytes;
  MPI_Request look; /* under way, or MPI_REQUEST_NULL */
  int64_t seen;     /* where it puts the counter */
};

int ls_shared_counter_create(ls_shared_counter **out, const ls_group *world, size_t slots,
                             size_t slot_bytes) {
  *out = NULL;
  ls_shared_counter *board = ls_new(1, sizeof *board);
  int status = ls_group_agree(world, board ? LS_OK : LS_FAILED);
  if (status != LS_OK) {
    free(board);
    return status;
  }
  size_t bytes = world->rank == 0 ? sizeof(int64_t) + slots * slot_bytes : 0;
  char *base = NULL;
  *board = (ls_shared_counter){.world = world, .slot_bytes = slot_bytes, .look = MPI_REQUEST_NULL};
  status = ls_mpi_check(
      MPI_Win_allocate((MPI_Aint)bytes, 1, MPI_INFO_NULL, world->comm, &base, &board->window),
      "allocating the table of trials");
  if (status != LS_OK) {
    free(board);
    return status;
  }
  if (world->rank == 0) {
    memset(base, 0, bytes);
    board->counter = (int64_t *)(void *)base;
    board->slots = base + sizeof(int64_t);
  }
  MPI_Win_lock_all(0, board->window);
  *out = board;
  return ls_mpi_check(MPI_Barrier(world->comm), "MPI_Barrier");
}

void ls_shared_counter_free(ls_shared_counter **board) {
  if (!*board) return;
  MPI_Wait(&(*board)->look, MPI_STATUS_IGNORE);
  MPI_Win_unlock_all((*board)->window);
  MPI_Win_free(&(*board)->window);
  free(*board);
  *board = NULL;
}

int ls_shared_counter_add(ls_shared_counter *board, int64_t amount, int64_t *before) {
  ls_activity_enter_remote();
  int status =
      ls_mpi_check(MPI_Fetch_and_op(&amount, before, MPI_INT64_T, 0, 0, MPI_SUM, board->window),
                   "taking a trial");
  if (status == LS_OK) status = ls_mpi_check(MPI_Win_flush(0, board->window), "taking a trial");
  ls_activity_leave();
  return status;
}

int64_t ls_shared_counter_peek(ls_shared_counter *board) {
  static const int64_t nothing = 0;
  int there = 0;
  if (board->look == MPI_REQUEST_NULL &&
      MPI_Rget_accumulate(&nothing, 1, MPI_INT64_T, &board->seen, 1, MPI_INT64_T, 0, 0, 1,
                          MPI_INT64_T, MPI_NO_OP, board->window, &board->look) != MPI_SUCCESS) {
    return -1;
  }
  return MPI_Test(&board->look, &there, MPI_STATUS_IGNORE) == MPI_SUCCESS && there ? board->seen
                                                                                   : -1;
}

int ls_shared_counter_post(ls_shared_counter *board, size_t slot, const void *data) {
  MPI_Aint offset = (MPI_Aint)(sizeof(int64_t) + slot * board->slot_bytes);
  int bytes = (int)board->slot_bytes;
  ls_activity_enter_remote();
  int status =
      ls_mpi_check(MPI_Put(data, bytes, MPI_BYTE, 0, offset, bytes, MPI_BYTE, board->window),
                   "posting progress");
  if (status == LS_OK) status = ls_mpi_check(MPI_Win_flush(0, board->window), "posting progress");
  ls_activity_leave();
  return status;
}

void ls_shared_counter_read(ls_shared_counter *board, size_t slot, void *data) {
  MPI_Win_sync(board->window);
  memcpy(data, board->slots + slot * board->slot_bytes, board->slot_bytes);
}
