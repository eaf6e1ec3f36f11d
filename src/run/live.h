/* The live view of a run, on rank 0's terminal: a table with a line for each running trial, and a
 * line for the run, redrawn in place. */
#ifndef LS_RUN_LIVE_H
#define LS_RUN_LIVE_H

#include "run/progress.h"

/* Draws the view over the previous one. On rank 0. Local. */
void live_draw(progress *p);

#endif
