/* The operations of ls_peers (base/peers.h) over a group. */
#include "base/activity.h"
#include "base/memory.h"
#include "comm/check.h"
#include "comm/group.h"
#include "comm/shared_file.h"
#include "lockstep/error.h"

#include <limits.h>
#include <stdlib.h>

static int agree(void *context, int status) {
  return ls_group_agree(context, status);
}

static int node_file(void *context, const char *folder, size_t bytes, int *file) {
  const ls_group *group = context;
  int status = shared_file_create(file, group->comm, folder, bytes);
  return ls_group_agree(group, status);
}

/* Converts counts to MPI's int, and sets the displacements; LS_FAILED if they don't fit. */
static int to_ints(const size_t *counts, int ranks, int *out, int *starts) {
  size_t at = 0;
  for (int r = 0; r < ranks; r++) {
    out[r] = (int)counts[r];
    starts[r] = (int)at;
    at += counts[r];
  }
  if (at > INT_MAX) return ls_fail(LS_FAILED, "%zu samples are too many for one exchange", at);
  return LS_OK;
}

static int exchange(void *context, size_t record_bytes, const unsigned char *send,
                    const size_t *send_counts, unsigned char *receive,
                    const size_t *receive_counts) {
  const ls_group *group = context;
  MPI_Datatype record = MPI_DATATYPE_NULL;
  int *numbers = ls_new(4 * (size_t)group->size, sizeof *numbers);
  int *sends = numbers, *send_starts = sends + group->size, *receives = send_starts + group->size,
      *receive_starts = receives + group->size;
  int status = numbers ? to_ints(send_counts, group->size, sends, send_starts) : LS_FAILED;
  if (status == LS_OK) status = to_ints(receive_counts, group->size, receives, receive_starts);
  status = ls_group_agree(group, status);
  if (status == LS_OK) {
    int code = MPI_Type_contiguous((int)record_bytes, MPI_BYTE, &record);
    if (code == MPI_SUCCESS) code = MPI_Type_commit(&record);
    ls_activity_enter_collective();
    if (code == MPI_SUCCESS) {
      code = MPI_Alltoallv(send, sends, send_starts, record, receive, receives, receive_starts,
                           record, group->comm);
    }
    ls_activity_leave();
    if (record != MPI_DATATYPE_NULL) MPI_Type_free(&record);
    status = ls_group_agree(group, ls_mpi_check(code, "exchanging samples"));
  }
  free(numbers);
  return status;
}

static int sum(void *context, double *values, size_t count) {
  return ls_group_sum(context, values, count);
}

ls_peers ls_group_peers(const ls_group *group, bool messages) {
  bool together = !messages && ls_group_on_one_node(group);
  return (ls_peers){.rank = group->rank,
                    .size = group->size,
                    .context = (void *)group,
                    .agree = agree,
                    .node_file = together ? node_file : NULL,
                    .exchange = exchange,
                    .sum = sum};
}
