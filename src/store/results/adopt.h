/* Taking over trials from the results file of another job. On rank 0, which holds the lock. */
#ifndef LS_STORE_RESULTS_ADOPT_H
#define LS_STORE_RESULTS_ADOPT_H

#include "store/results/existing.h"

/* LS_INVALID unless the file plan->adopt has trials of the plan's job, of the same data. */
int results_check_adopted(const ls_results_plan *plan);

/* Copies the finished trials of the file plan->adopt that are trials of the plan's job, and that
 * have not begun in `file`, into that, and their models beside it; those with fewer epochs than the
 * job's are copied if they have a checkpoint, from which they resume. The other file and its models
 * are only read. Prints a line with the number of trials; none is no error. */
int results_adopt(const existing_file *file, const ls_results_plan *plan, const char *id);

#endif
