/* A lock file beside a results file: one run at a time.
 *
 * HDF5's own locks don't keep two jobs apart on every file system. The lock is made with O_EXCL and
 * names its owner: host, process, its start, and the Slurm job with the number of its restart. It
 * is taken over from a run that is gone for all that can be told: a process of this host that no
 * longer exists, an earlier start of the same Slurm job, another Slurm job of the same user that
 * has ended, one that ended, or lost power, before it could name itself. Other ranks of such a run
 * may be alive all the same, on a node that could not be reached: who has a lock must look before
 * it writes whether it still has it, and who takes one over waits until the others must have
 * looked. Local. */
#ifndef LS_STORE_RESULTS_LOCK_H
#define LS_STORE_RESULTS_LOCK_H

/* How often an owner has to call lock_check, at least. */
#define LOCK_CHECK_SECONDS 1.0

/* Makes `path`.lock; *owner is what it says, to be given to the others. LS_INVALID if another run
 * has it, naming that run. */
int lock_acquire(char **owner, const char *path);

/* LS_FAILED if the lock of `path` no longer says `owner`. On any rank. */
int lock_check(const char *path, const char *owner);

/* Removes the lock file if it still says `owner`, and frees the text. Does nothing to a NULL one.
 */
void lock_release(const char *path, char **owner);

#endif
