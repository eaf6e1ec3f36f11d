/* Kernel locks on a results file and checkpoints. */
#include "store/results/hold.h"

#include "base/print.h"
#include "lockstep/error.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/vfs.h>
#include <unistd.h>

/* The byte whose lock stands for a run. Transfers never reach it. */
static const off_t RUN_BYTE = (off_t)1 << 62;

static bool is_taken(int error) {
  return error == EWOULDBLOCK || error == EAGAIN || error == EACCES;
}

static bool has_flock(int fd) {
  struct statfs info;
  return fstatfs(fd, &info) != 0 || info.f_type != NFS_SUPER_MAGIC;
}

/* 0, or errno. */
static int lock_run_byte(int fd) {
  struct flock byte = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = RUN_BYTE, .l_len = 1};
  return fcntl(fd, F_OFD_SETLK, &byte) == 0 ? 0 : errno;
}

static int lock_shared(int fd) {
  return has_flock(fd) ? flock(fd, LOCK_SH | LOCK_NB) == 0 ? 0 : errno : EOPNOTSUPP;
}

/* Files are opened without waiting for the other end of a FIFO. */

int ls_hold_shared(const char *path) {
  int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  if (fd > 0 && lock_shared(fd) == 0) return fd;
  if (fd >= 0) close(fd);
  return 0;
}

int hold_file(int *fd, const char *path, bool exclusive) {
  *fd = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
  if (*fd < 0) return ls_fail(LS_INVALID, "%s: cannot open: %s", path, strerror(errno));
  int status = LS_OK, error = exclusive ? lock_run_byte(*fd) : 0;
  if (is_taken(error)) {
    status = ls_fail(
        LS_INVALID, "%s: is in use by another run (perhaps under another name: a hard link)", path);
  }
  error = status == LS_OK ? lock_shared(*fd) : 0;
  if (is_taken(error)) {
    status = ls_fail(LS_INVALID, "%s: is open for writing in another program", path);
  } else if (error != 0) {
    ls_print(stderr,
             "lockstep: %s: this file system has no flock (%s): do not write to the file while the "
             "run is on\n",
             path, strerror(error));
  }
  if (status == LS_OK) return LS_OK;
  close(*fd);
  *fd = -1;
  return status;
}
