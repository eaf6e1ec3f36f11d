/* Kernel locks on a results file and checkpoints while a run uses them.
 *
 * A shared flock(2): HDF5 asks for an exclusive one where it opens a file for writing, so other
 * programs (h5py, h5edit) are refused with "unable to lock file", errno 11, while readers work.
 * Parallel HDF5 itself takes no lock. And an exclusive record lock (fcntl, of the open file
 * description) of one byte far behind the end of the file: it goes by device and inode, so a second
 * run is refused under any name, also that of a hard link. Both end with the process.
 *
 * NFS turns flock into a record lock of the whole file, for which ROMIO on other ranks would wait:
 * it is left out there, as on file systems without locks. Local. */
#ifndef LS_STORE_RESULTS_HOLD_H
#define LS_STORE_RESULTS_HOLD_H

#include <stdbool.h>

/* Takes the locks; *fd is to be closed at the end of the run. With `exclusive` false only the
 * shared one. LS_INVALID if another process has the file open for writing or runs a job on it; *fd
 * is then -1. Without locks on this file system LS_OK and a line on standard error. */
int hold_file(int *fd, const char *path, bool exclusive);

/* Takes the shared lock of a file alone, such as a checkpoint; returns its descriptor, to be
 * closed, or 0 if there is none. */
int ls_hold_shared(const char *path);

#endif
