/* What moving samples needs of the ranks of a group, and nothing else: so the data module knows no
 * MPI, and its tests can be all ranks at once. */
#ifndef LS_BASE_PEERS_H
#define LS_BASE_PEERS_H

#include <stddef.h>

/* Each function is collective and returns an ls_status, the same on all ranks.
 * - `agree`: LS_OK if all ranks gave that, else the status and message of the first that did not.
 * - `share`: gives each rank `bytes` of memory of its own, readable by all: bases[r] is where this
 *   rank sees rank r's. NULL where ranks can't share memory. Released by `unshare`.
 * - `exchange`: sends send_counts[r] records from `send` (in the order of r) to each rank r, and
 *   receives likewise.
 * - `sum`: replaces each value by the sum over ranks; exact where at most one rank gives another
 *   value than 0. */
typedef struct ls_peers {
  int rank, size;
  void *context;
  int (*agree)(void *context, int status);
  int (*share)(void *context, size_t bytes, unsigned char **bases, void **handle);
  void (*unshare)(void *context, void *handle);
  int (*exchange)(void *context, size_t record_bytes, const unsigned char *send,
                  const size_t *send_counts, unsigned char *receive, const size_t *receive_counts);
  int (*sum)(void *context, double *values, size_t count);
} ls_peers;

#endif
