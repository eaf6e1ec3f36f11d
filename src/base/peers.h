/* The operations between ranks that data/ and study/ use, so that these need no MPI, and their
 * tests can simulate all ranks in one process. comm/peers.c implements them. */
#ifndef LS_BASE_PEERS_H
#define LS_BASE_PEERS_H

#include <stddef.h>

/* Each function is collective and returns an ls_status, the same on all ranks.
 * - `agree`: LS_OK if all ranks give it, else the status and message of the first that does not.
 * - `node_file`: opens on all ranks a new file of `bytes` bytes in a folder of the node, with its
 *   space reserved and without a name: it is gone when no rank has it open or mapped. NULL unless
 *   all ranks are on one node and may open one another's files.
 * - `exchange`: sends send_counts[r] records from `send` (in the order of r) to each rank r, and
 *   receives likewise.
 * - `sum`: replaces each value by the sum over ranks; exact if at most one rank gives a value other
 *   than 0. */
typedef struct ls_peers {
  int rank, size;
  void *context;
  int (*agree)(void *context, int status);
  int (*node_file)(void *context, const char *folder, size_t bytes, int *file);
  int (*exchange)(void *context, size_t record_bytes, const unsigned char *send,
                  const size_t *send_counts, unsigned char *receive, const size_t *receive_counts);
  int (*sum)(void *context, double *values, size_t count);
} ls_peers;

#endif
