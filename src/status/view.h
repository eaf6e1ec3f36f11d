/* The status of a running job as lines of text, for a terminal: the trials in training as a table,
 * a line for the run, the curves of trials that have them, and the nodes. Local. */
#ifndef LS_STATUS_VIEW_H
#define LS_STATUS_VIEW_H

#include "base/text.h"
#include "status/status.h"

/* A terminal. */
typedef struct ls_view_size {
  int width; /* columns of a line */
  int lines; /* most lines of a view; 0: no limit. Trials that do not fit are counted. */
} ls_view_size;

/* Appends the view: lines without control characters, none wider than the terminal. */
void ls_status_add_view(ls_text *out, const ls_run_status *status, const ls_view_size *size);

/* Appends "3 of 15 trials, 20 %, 5.2 s so far, 20 s left" with a bar, without a line break. */
void ls_status_add_run(ls_text *out, const ls_run_status *status);

/* Appends a bar of `width` characters, of which a fraction is full. */
void ls_status_add_bar(ls_text *out, double fraction, int width);

/* Appends "4 ranks: 3 training, 1 writing a checkpoint". */
void ls_status_add_activities(ls_text *out, const ls_node_status *node);

/* Whether the rank has made no progress for long enough to be shown by itself. */
bool ls_rank_is_idle(const ls_rank_status *rank);

/* Appends "rank 3: no progress for 45 s, training step 12 of epoch 3". */
void ls_status_add_rank(ls_text *out, const ls_rank_status *rank);

#endif
