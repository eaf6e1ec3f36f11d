/* Writing a results file anew for a job that extends the one it records. On one rank. */
#ifndef LS_STORE_RESULTS_EXTEND_H
#define LS_STORE_RESULTS_EXTEND_H

#include "job/extension.h"
#include "store/results/results.h"

/* Replaces the file `path` (without symbolic links), whose lock is `owner`, by one with the
 * structure of the plan's job, its own trials in their new places, and what it records of runs.
 * All is written under another name first. Trials that a job with more epochs lengthens are
 * pending, with their curves so far.
 */
int results_extend(const char *path, const char *owner, const ls_results_plan *plan,
                   const ls_extension *extension);

#endif
