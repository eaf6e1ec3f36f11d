/* A counter, a flag and a table of slots in a window of rank 0. */
#include "comm/shared_counter.h"
#include "comm/check.h"

#include "base/activity.h"
#include "base/memory.h"
#include "comm/remote_window.h"
#include "lockstep/error.h"

#include <stdlib.h>
#include <string.h>

/* What the window begins with: the counter, and how often the flag was raised. */
enum { COUNT, RAISED, CELLS };

enum { CELL_BYTES = CELLS * sizeof(int64_t) };

struct ls_shared_counter {
  MPI_Win window;
  char *slots; /* on rank 0, after the cells */
  size_t slot_bytes;
  MPI_Request peek;    /* not complete, or MPI_REQUEST_NULL */
  int64_t seen[CELLS]; /* what it reads */
  MPI_Request post;    /* not complete, or MPI_REQUEST_NULL */
  char *posted;        /* what it sends: slot_bytes bytes */
};

int ls_shared_counter_create(ls_shared_counter **out, const ls_group *world, size_t slots,
                             size_t slot_bytes) {
  ls_shared_counter *counter = *out = ls_new(1, sizeof *counter);
  char *base = NULL;
  if (counter) {
    *counter = (ls_shared_counter){.window = MPI_WIN_NULL,
                                   .slot_bytes = slot_bytes,
                                   .peek = MPI_REQUEST_NULL,
                                   .post = MPI_REQUEST_NULL,
                                   .posted = ls_new(slot_bytes, 1)};
  }
  int status = ls_group_agree(world, counter && counter->posted ? LS_OK : LS_FAILED);
  if (status == LS_OK) {
    const size_t bytes = CELL_BYTES + slots * slot_bytes;
    status = remote_window_create(&counter->window, &base, world, bytes, 1);
  }
  if (status != LS_OK) ls_shared_counter_free(out);
  if (status != LS_OK || !base) return status;
  counter->slots = base + CELL_BYTES;
  return LS_OK;
}

void ls_shared_counter_free(ls_shared_counter **counter) {
  if (!*counter) return;
  MPI_Wait(&(*counter)->peek, MPI_STATUS_IGNORE);
  MPI_Wait(&(*counter)->post, MPI_STATUS_IGNORE);
  remote_window_free(&(*counter)->window);
  free((*counter)->posted);
  free(*counter);
  *counter = NULL;
}

/* Completes an operation that returned `code`. */
static int complete(const ls_shared_counter *counter, int code, const char *what) {
  int status = ls_mpi_check(code, what);
  return status == LS_OK ? ls_mpi_check(MPI_Win_flush(0, counter->window), what) : status;
}

int ls_shared_counter_add(ls_shared_counter *counter, int64_t amount, int64_t *before,
                          bool *raised) {
  const int64_t amounts[CELLS] = {[COUNT] = amount};
  int64_t cells[CELLS] = {0};
  ls_activity_enter_remote();
  int status = complete(counter,
                        MPI_Get_accumulate(amounts, CELLS, MPI_INT64_T, cells, CELLS, MPI_INT64_T,
                                           0, 0, CELLS, MPI_INT64_T, MPI_SUM, counter->window),
                        "taking a trial");
  ls_activity_leave();
  *before = cells[COUNT];
  *raised = cells[RAISED] > 0;
  return status;
}

int ls_shared_counter_raise(ls_shared_counter *counter) {
  const int64_t amounts[CELLS] = {[RAISED] = 1};
  ls_activity_enter_remote();
  int status = complete(counter,
                        MPI_Accumulate(amounts, CELLS, MPI_INT64_T, 0, 0, CELLS, MPI_INT64_T,
                                       MPI_SUM, counter->window),
                        "asking all ranks to stop");
  ls_activity_leave();
  return status;
}

bool ls_shared_counter_peek(ls_shared_counter *counter, int64_t *value, bool *raised) {
  int done = 0;
  if (counter->peek == MPI_REQUEST_NULL &&
      MPI_Rget_accumulate(NULL, 0, MPI_INT64_T, counter->seen, CELLS, MPI_INT64_T, 0, 0, CELLS,
                          MPI_INT64_T, MPI_NO_OP, counter->window, &counter->peek) != MPI_SUCCESS) {
    return false;
  }
  if (MPI_Test(&counter->peek, &done, MPI_STATUS_IGNORE) != MPI_SUCCESS || !done) return false;
  *value = counter->seen[COUNT];
  *raised = counter->seen[RAISED] > 0;
  return true;
}

int ls_shared_counter_write(ls_shared_counter *counter, size_t slot, const void *data) {
  MPI_Aint offset = (MPI_Aint)(CELL_BYTES + slot * counter->slot_bytes);
  int bytes = (int)counter->slot_bytes;
  ls_activity_enter_remote();
  MPI_Win_flush(0, counter->window); /* an earlier post must not arrive later */
  int status =
      ls_mpi_check(MPI_Put(data, bytes, MPI_BYTE, 0, offset, bytes, MPI_BYTE, counter->window),
                   "writing progress");
  if (status == LS_OK) status = ls_mpi_check(MPI_Win_flush(0, counter->window), "writing progress");
  ls_activity_leave();
  return status;
}

void ls_shared_counter_post(ls_shared_counter *counter, size_t slot, const void *data) {
  MPI_Aint offset = (MPI_Aint)(CELL_BYTES + slot * counter->slot_bytes);
  int bytes = (int)counter->slot_bytes, done = 0;
  if (MPI_Test(&counter->post, &done, MPI_STATUS_IGNORE) != MPI_SUCCESS || !done) return;
  memcpy(counter->posted, data, counter->slot_bytes);
  MPI_Rput(counter->posted, bytes, MPI_BYTE, 0, offset, bytes, MPI_BYTE, counter->window,
           &counter->post);
}

void ls_shared_counter_read(ls_shared_counter *counter, size_t slot, void *data) {
  MPI_Win_sync(counter->window);
  memcpy(data, counter->slots + slot * counter->slot_bytes, counter->slot_bytes);
}
