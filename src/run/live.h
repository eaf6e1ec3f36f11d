/* The live view of a run, on rank 0's terminal: a table with a line for each running trial, and a
 * line for the run, redrawn in place. */
#ifndef LS_RUN_LIVE_H
#define LS_RUN_LIVE_H

#include "run/options.h"
#include "status/status.h"

/* Draws the view over the previous one, which had `before` lines; returns the number of its lines.
 * Local. */
size_t live_draw(const ls_run_status *status, const ls_run_options *options, size_t before);

#endif
