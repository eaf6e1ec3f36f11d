/* A lock file beside a results file: one run at a time.
 *
 * HDF5's own locks don't keep two jobs apart on every file system. The lock is made with O_EXCL and
 * names its owner: host, process, its start time, and the Slurm job with its restart count. A run
 * takes the lock over from one that appears to be gone: a process of this host that no longer
 * exists, an earlier start of the same Slurm job, another Slurm job of the same user that has
 * ended, or a run that ended before it could write its name. Other ranks of that run may still be
 * alive, on a node that could not be reached: so an owner must check before it writes that it still
 * has the lock, and a run that takes it over waits until the others must have checked. Local. */
#ifndef LS_STORE_RESULTS_LOCK_H
#define LS_STORE_RESULTS_LOCK_H

#include <stdbool.h>

/* How often an owner has to call lock_check, at least. */
#define LOCK_CHECK_SECONDS 1.0

/* Creates `path`.lock; *owner is its content, which identifies this run on all ranks. *taken_over:
 * whether it was taken over. LS_INVALID, naming the other run, if another run has it. */
int lock_acquire(char **owner, bool *taken_over, const char *path);

/* LS_INVALID, naming the run, if one that is not known to be gone has the lock of `path`. Acquires
 * nothing: of two runs that acquire their own locks first, and then look at the other's, at least
 * one is refused. */
int lock_check_free(const char *path);

/* Returns LS_FAILED if the content of the lock of `path` is no longer `owner`. On any rank. */
int lock_check(const char *path, const char *owner);

/* Removes the lock file if its content is still `owner`, and frees that. Does nothing if it is
 * NULL.
 */
void lock_release(const char *path, char **owner);

#endif
