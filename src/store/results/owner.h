/* The folder of a results file's models, which belongs to that file alone: the file has an
 * attribute `id`, and the folder a file `owner` with the same text. Slices of a job that has no
 * results file yet have an id that is a function of the job. On one rank, which holds the lock. */
#ifndef LS_STORE_RESULTS_OWNER_H
#define LS_STORE_RESULTS_OWNER_H

#include "h5/h5.h"
#include "store/results/results.h"

enum { OWNER_ID = 17 };

/* Chooses the id of a results file that is to be created. LS_INVALID if the folder of its models
 * has another owner, or models without one. */
int owner_begin(char id[OWNER_ID], const ls_results_plan *plan);

/* Reads the id of the open results file; where an earlier version has given it none, that of the
 * folder's owner, or a new one. LS_INVALID if the folder has another owner. */
int owner_continue(char id[OWNER_ID], hid_t file, const ls_results_plan *plan);

/* Makes the folder, with its owner. */
int owner_claim(const char *id, const ls_results_plan *plan);

#endif
