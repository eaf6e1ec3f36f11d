/* Continuing a results file of an earlier run. On rank 0. */
#ifndef LS_STORE_RESULTS_CONTINUATION_H
#define LS_STORE_RESULTS_CONTINUATION_H

#include "store/results/provenance.h"
#include "store/results/results.h"

/* The file, which no other run has open. */
typedef struct continuation {
  const char *path;          /* without symbolic links */
  const char *owner;         /* of its lock */
  bool exclusive;            /* no process of an earlier run may be left that has it open */
  const signed char *states; /* [trial] */
  const provenance *run;     /* that continues it */
} continuation;

/* Records the run in the file if it has trials to train, and the job if its title, references or
 * other keys for reports have changed; after a warning if their bits may differ
 * from those of the earlier runs. LS_INVALID if another program has the file open for writing. */
int continuation_record(const continuation *c, const ls_results_plan *plan);

#endif
