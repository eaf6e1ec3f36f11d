/* Deciding which points of a search are promoted, and recording it. */
#ifndef LS_RUN_DECIDING_H
#define LS_RUN_DECIDING_H

#include "run/groups.h"

/* During a round of groups: takes the decisions that the scores allow which leaders have published
 * by now. Rank 0 records a rung that is complete, and which trials are left out by it. On a leader.
 */
int deciding_look(run_state *run);

/* Between two rounds: all ranks take the same decisions, and rank 0 records them. Collective over
 * the world. */
int deciding_share(run_state *run);

#endif
