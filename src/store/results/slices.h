/* Runs and slices of one job, which share the folder of its models. Local. */
#ifndef LS_STORE_RESULTS_SLICES_H
#define LS_STORE_RESULTS_SLICES_H

#include <stdbool.h>

/* Whether `path` is the file of a slice, and not `whole`, the results file of the job (NULL: it has
 * no slices). */
bool slices_include(const char *path, const char *whole);

/* Checks, while the lock of `path` is held, that no other run writes to the same trial folders:
 * `path` is the results file of the job, `whole`, or that of a slice of it. Slices of one slicing
 * have no trial in common; all others have. LS_INVALID, naming the other run. */
int slices_check_free(const char *path, const char *whole);

#endif
