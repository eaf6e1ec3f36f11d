/* Running a job: all its trials, over groups of ranks, into one results file. */
#ifndef LS_RUN_RUN_H
#define LS_RUN_RUN_H

#include "comm/group.h"
#include "job/job.h"
#include "run/options.h"

/* Trials of the slice, by their states after the run. */
typedef struct ls_run_summary {
  size_t trials, done, diverged, failed;
  size_t pruned;  /* left out by a search */
  size_t waiting; /* not finished: left for another run */
  size_t already; /* done, diverged or pruned before this run */
  double seconds; /* of this run */
} ls_run_summary;

/* Runs every trial of the slice that the results file does not hold yet. Groups of ranks take the
 * trials from the longest to the shortest; when there are fewer trials than groups, larger groups
 * resume those that are left. A trial that fails or diverges is recorded, and the others continue.
 * Returns LS_OK if all trials are done; LS_FAILED, with the first failure's message, if some failed
 * or diverged; LS_STOPPED if asked to stop; or the error that kept the job from starting.
 * Collective over the world; the same on all ranks. */
int ls_run_job(const ls_job *job, const ls_run_options *options, const ls_group *world,
               ls_run_summary *summary);

#endif
