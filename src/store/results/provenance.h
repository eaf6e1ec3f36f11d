/* What a results file records of the runs that have written to it: where, with which command,
 * processor and libraries. The attributes of the group `provenance` are of the first run, those of
 * its groups run_2, run_3, ... of the runs that continued it; the attribute `history` has a line
 * for each. */
#ifndef LS_STORE_RESULTS_PROVENANCE_H
#define LS_STORE_RESULTS_PROVENANCE_H

#include "base/memory.h"
#include "h5/h5.h"
#include "store/results/owner.h"
#include "store/results/results.h"

/* A run. Lists have each value once, in the order of ranks. */
typedef struct provenance {
  char id[OWNER_ID]; /* of the results file; set by the caller */
  const char *command;
  const ls_digests *digests; /* the data that the job reads; on rank 0 */
  char *hosts, *processors, *isas, *blas;
  int ranks;
  ls_memory memory;
} provenance;

/* Collective: gathers what ranks differ in. To be freed after an error, too. */
int provenance_gather(provenance *run, const ls_results_plan *plan, const ls_group *world);
void provenance_free(provenance *run);

/* Records the first run in a file that is being created. Local. */
int provenance_create(hid_t file, const provenance *run);

/* Records a further run in a file that only this rank has open. Local. */
int provenance_add(hid_t file, const provenance *run);

/* Appends a line of printf-formatted text to the history, such as "continued by COMMAND", with the
 * time. Local. */
int provenance_add_history(hid_t file, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Overwrites the time of the end, which is that of the last run. Local. */
int provenance_note_end(hid_t file);

/* Prints a warning to standard error if the ranks of this run have different BLAS kernels, or the
 * latest run recorded in the file (-1: there is none yet) had others, for a job whose results
 * depend on them. Local. */
int provenance_warn(const provenance *run, const char *path, hid_t file);

#endif
