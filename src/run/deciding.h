/* Deciding which points of a search are promoted, and recording it. */
#ifndef LS_RUN_DECIDING_H
#define LS_RUN_DECIDING_H

#include "run/groups.h"

/* During a round of groups, on a leader: takes the decisions that the scores allow which leaders
 * have published by now, and those of its own trial `own`; SIZE_MAX: it has none. Then rank 0 also
 * records the rungs that are complete, and which trials are left out. */
int deciding_look(run_state *run, size_t own);

/* Between two rounds: all ranks take the same decisions, and rank 0 records them. Collective over
 * the world. */
int deciding_share(run_state *run);

#endif
