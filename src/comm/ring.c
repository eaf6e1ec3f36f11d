/* Messages around a ring of ranks. */
#include "comm/ring.h"

#include "comm/check.h"

int ls_ring_exchange(const ls_group *ring, const void *send, void *receive, int bytes, int count) {
  const int next = (ring->rank + 1) % ring->size;
  const int previous = (ring->rank + ring->size - 1) % ring->size;
  MPI_Request requests[2 * LS_RING_MOST];
  int code = MPI_SUCCESS, begun = 0;
  for (int i = 0; i < count && code == MPI_SUCCESS; i++) {
    code = MPI_Irecv(receive, bytes, MPI_BYTE, previous, 0, ring->comm, &requests[begun]);
    if (code != MPI_SUCCESS) break;
    begun++;
    code = MPI_Isend(send, bytes, MPI_BYTE, next, 0, ring->comm, &requests[begun]);
    begun += code == MPI_SUCCESS;
  }
  if (code == MPI_SUCCESS) code = MPI_Waitall(begun, requests, MPI_STATUSES_IGNORE);
  return ls_mpi_check(code, "messages around a ring");
}
