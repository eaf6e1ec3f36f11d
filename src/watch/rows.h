/* What is shown of the results file while the job runs: how many trials have each state, and curves
 * of the trials in training. Only these rows are read, without a lock. Local. */
#ifndef LS_WATCH_ROWS_H
#define LS_WATCH_ROWS_H

#include "base/memory.h"
#include "report/results.h"
#include "status/status.h"

typedef struct watch_rows {
  size_t counts[REPORT_STATUS_COUNT]; /* trials by state */
  size_t epochs;                      /* of a curve */
  size_t count;                       /* running trials that have curves */
  /* [trial in training], of `epochs` values, NaN where not reached. */
  double **headline; /* the metric by which trials are compared; NULL: not in the file */
  double **loss;     /* the same */
} watch_rows;

/* Reads the rows of at most `most` of the trials in training, and sets the curves in `status`: NULL
 * for all others, and if that fails. All is in the memory. LS_INVALID for what is not the results
 * file of that status. */
int watch_read_rows(watch_rows *out, ls_memory *memory, const char *results, ls_run_status *status,
                    size_t most);

/* Appends "10 done, 2 running, 33 pending". */
void watch_add_counts(ls_text *out, const watch_rows *rows);

#endif
