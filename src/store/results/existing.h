/* A results file that is there when a run begins. On rank 0, which holds its lock. */
#ifndef LS_STORE_RESULTS_EXISTING_H
#define LS_STORE_RESULTS_EXISTING_H

#include "store/results/provenance.h"
#include "store/results/results.h"

/* The file, for messages by the name that the plan has for it. */
typedef struct existing_file {
  const char *path;  /* without symbolic links */
  const char *owner; /* of its lock */
  bool exclusive;    /* no process of an earlier run may be left that has it open */
} existing_file;

/* Makes the file one of the plan's job: LS_INVALID unless it is already, or its job is extended by
 * that; then its trials get their new places, and folders of trials their new numbers. Sets
 * run->id. Prints a line where a file is extended, and where an earlier version has recorded no
 * digests of the data. */
int existing_prepare(const existing_file *file, const ls_results_plan *plan, provenance *run);

#endif
