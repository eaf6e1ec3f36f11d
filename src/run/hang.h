/* Who is stuck: what a node's ranks have noted, looked at by itself. No MPI, no clock; local. */
#ifndef LS_RUN_HANG_H
#define LS_RUN_HANG_H

#include "base/activity.h"
#include "base/text.h"

#include <stdbool.h>
#include <stddef.h>

/* A rank of this node, as it was seen. */
typedef struct hang_rank {
  int rank;    /* in the world */
  size_t team; /* the number of its group: these ranks make the same collective calls */
  ls_phase doing;
  ls_waiting waiting;
  size_t meetings, trial, epoch, step;
  long process;
  double still, limit; /* seconds since its last note, and how many are too many */
  char state;          /* of the process, as ps shows it; 0: there is none */
} hang_rank;

typedef enum hang_verdict {
  HANG_NONE,
  HANG_STUCK,  /* the rank that was found gets no further, and the others wait for it */
  HANG_WAITING /* the rank that was found, and all of its group here, wait for other nodes */
} hang_verdict;

/* Looks for a group all of whose ranks here have been still for too long. Where only those of other
 * nodes can be the cause a quarter more is allowed, so that the node that knows more speaks first.
 * *found is the number of the rank in the list. */
hang_verdict hang_find(const hang_rank *ranks, size_t count, size_t *found);

/* Adds "training step 12 of epoch 3", "waiting for other ranks' gradients in step 12 of epoch 3"
 * and the like. */
void hang_describe(ls_text *out, const hang_rank *rank);

#endif
