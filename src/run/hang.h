/* Which rank hangs, given the activity of a node's ranks. No MPI, no clock; local. */
#ifndef LS_RUN_HANG_H
#define LS_RUN_HANG_H

#include "base/activity.h"
#include "base/text.h"
#include "status/status.h"

#include <stdbool.h>
#include <stddef.h>

/* The activity of a rank of this node, as last read. */
typedef struct hang_rank {
  int rank;     /* in the world */
  size_t group; /* number of its group, whose ranks make the same collective calls */
  ls_phase phase;
  ls_waiting waiting;
  size_t collectives, trial, epoch, step;
  long process;
  double idle_seconds; /* since its last progress */
  double limit;        /* idle seconds from which on it counts as hanging */
  char state;          /* of the process, as ps shows it; 0: no such process */
} hang_rank;

typedef enum hang_verdict {
  HANG_NONE,
  HANG_STUCK,  /* the rank found makes no progress, and the others wait for it */
  HANG_WAITING /* the rank found and all others of its group here wait for other nodes */
} hang_verdict;

/* Looks for a group all of whose ranks here have been idle beyond their limits. If only ranks of
 * other nodes can be the cause a quarter more is allowed, so that the node of the cause reports
 * first. *found is the number of the rank in the list. */
hang_verdict hang_find(const hang_rank *ranks, size_t count, size_t *found);

/* The same for display, with what the rank does as a word or two, such as "training". */
ls_rank_status hang_status(const hang_rank *rank);

/* Adds "training step 12 of epoch 3", "waiting for other ranks' gradients in step 12 of epoch 3"
 * and the like. */
void hang_describe(ls_text *out, const hang_rank *rank);

#endif
