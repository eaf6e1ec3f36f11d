/* Messages around a ring of ranks, for benchmarks of the network. */
#ifndef LS_COMM_RING_H
#define LS_COMM_RING_H

#include "comm/group.h"

enum { LS_RING_MOST = 64 };

/* Each rank of the group sends `count` (LS_RING_MOST at most) messages of `bytes` bytes to the next
 * rank and receives as many from the one before, all at the same time. The messages share the two
 * buffers. Collective; returns this rank's own status. */
int ls_ring_exchange(const ls_group *ring, const void *send, void *receive, int bytes, int count);

#endif
