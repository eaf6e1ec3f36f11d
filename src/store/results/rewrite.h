/* Changing the structure of a results file. A crash in the middle of that could leave a file that
 * does not open, so a copy is changed and put in its place. Local. */
#ifndef LS_STORE_RESULTS_REWRITE_H
#define LS_STORE_RESULTS_REWRITE_H

#include <hdf5.h>

/* A change of an open file. */
typedef int (*rewrite_change)(hid_t file, void *context);

/* Copies the file `origin`, applies the change, and puts the result in the place of `path` (which
 * may be the same), whose lock is `owner`. On error `path` is unchanged. */
int rewrite_results(const char *path, const char *origin, const char *owner, rewrite_change change,
                    void *context);

#endif
