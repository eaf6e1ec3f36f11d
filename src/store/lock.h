/* A lock file beside a results file: one run at a time.
 *
 * HDF5's own locks don't keep two jobs apart on every file system. The lock is made with O_EXCL and
 * names its owner; one left by a process of this host that is gone is taken over. Local. */
#ifndef LS_STORE_LOCK_H
#define LS_STORE_LOCK_H

/* Makes `path`.lock; *lock is its name, to be given to lock_release. LS_INVALID if another run has
 * it, naming that run. */
int lock_acquire(char **lock, const char *path);

/* Removes the lock file and frees the name. Does nothing to a NULL name. */
void lock_release(char **lock);

#endif
