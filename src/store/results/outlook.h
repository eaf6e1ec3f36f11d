/* What a run of a job would find in its results file. Local; takes no lock, and changes nothing. */
#ifndef LS_STORE_RESULTS_OUTLOOK_H
#define LS_STORE_RESULTS_OUTLOOK_H

#include "job/job.h"

/* Start from {0}. */
typedef struct ls_results_outlook {
  bool exists;        /* there is a file; what follows is of it */
  char *refusal;      /* why the run would be refused; NULL: it would not */
  size_t past_trials; /* of the job that the file records */
  size_t done;        /* trials of the job that are finished */
  size_t pruned;      /* that a search has left out and the search of a larger job may continue */
  size_t begun;       /* those that resume from checkpoints, if these exist */
  double *left;       /* [trial], the fraction of its epochs that is still to be trained */
} ls_results_outlook;

/* Looks at the results file `path` of the job, whose longest trial has `epochs` epochs. */
int ls_results_foresee(ls_results_outlook *out, const char *path, const ls_job *job, size_t epochs);
void ls_results_outlook_free(ls_results_outlook *outlook);

#endif
