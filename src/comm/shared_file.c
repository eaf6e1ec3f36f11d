/* Files that the ranks of a node open. */
#include "comm/shared_file.h"

#include "lockstep/error.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

/* How other ranks find rank 0's file, and know that it is that one: a rank in another container may
 * see another process of that number. */
typedef struct file_key {
  long process;
  int descriptor; /* -1: there is none */
  uint64_t device, inode;
} file_key;

static file_key key_of(int file) {
  struct stat info;
  file_key key = {(long)getpid(), file, 0, 0};
  if (file < 0 || fstat(file, &info) != 0) return (file_key){.descriptor = -1};
  key.device = (uint64_t)info.st_dev;
  key.inode = (uint64_t)info.st_ino;
  return key;
}

/* Opens the file of another rank; -1 if that is not possible. */
static int open_file(const file_key *key) {
  char path[64];
  snprintf(path, sizeof path, "/proc/%ld/fd/%d", key->process, key->descriptor);
  int file = key->descriptor < 0 ? -1 : open(path, O_RDWR | O_CLOEXEC);
  const file_key found = key_of(file);
  if (file < 0 || (found.device == key->device && found.inode == key->inode)) return file;
  close(file);
  return -1;
}

/* Collective: opens rank 0's file, `file` there, on all ranks; -1 on all if that fails on any. */
static int open_on_all(int file, MPI_Comm comm) {
  int rank;
  MPI_Comm_rank(comm, &rank);
  file_key key = key_of(file);
  int code = MPI_Bcast(&key, sizeof key, MPI_BYTE, 0, comm);
  if (code == MPI_SUCCESS && rank != 0) file = open_file(&key);
  int opened = code == MPI_SUCCESS && file >= 0;
  code = MPI_Allreduce(MPI_IN_PLACE, &opened, 1, MPI_INT, MPI_MIN, comm);
  if (code == MPI_SUCCESS && opened) return file;
  if (file >= 0) close(file);
  return -1;
}

int shared_file_open(MPI_Comm comm) {
  int rank;
  MPI_Comm_rank(comm, &rank);
  return open_on_all(rank == 0 ? memfd_create("lockstep", MFD_CLOEXEC) : -1, comm);
}

/* ---- In a folder ----------------------------------------------------------------------------- */

size_t shared_file_limit(void) {
  struct rlimit files;
  bool limited = getrlimit(RLIMIT_FSIZE, &files) == 0 && files.rlim_cur != RLIM_INFINITY;
  return limited ? (size_t)files.rlim_cur : SIZE_MAX;
}

int shared_file_reserve(int file, size_t begin, size_t end) {
  int error = 0;
  do { /* signals interrupt it */
    error = posix_fallocate(file, (off_t)begin, (off_t)(end - begin));
  } while (error == EINTR);
  return error;
}

/* Opens a new file without a name; -1 with errno. Not all file systems have O_TMPFILE. */
static int open_unnamed(const char *folder) {
  int file = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, S_IRUSR | S_IWUSR);
  char path[4096];
  bool fits = snprintf(path, sizeof path, "%s/lockstep.XXXXXX", folder) < (int)sizeof path;
  if (file >= 0 || !fits) return file;
  file = mkostemp(path, O_CLOEXEC);
  if (file >= 0) unlink(path);
  return file;
}

/* On rank 0. */
static int create_in(int *file, const char *folder, size_t bytes) {
  int error = bytes > shared_file_limit() ? EFBIG : 0;
  *file = error ? -1 : open_unnamed(folder);
  if (!error) error = *file < 0 ? errno : shared_file_reserve(*file, 0, bytes);
  if (error == 0) return LS_OK;
  if (*file >= 0) close(*file);
  *file = -1;
  return ls_fail(LS_FAILED,
                 "%s: cannot make a file of %.1f MiB: %s (expected a folder with room, which "
                 "LOCKSTEP_SCRATCH may name)",
                 folder, (double)bytes / (1 << 20), strerror(error));
}

int shared_file_create(int *file, MPI_Comm comm, const char *folder, size_t bytes) {
  int rank, own = -1;
  MPI_Comm_rank(comm, &rank);
  int status = rank == 0 ? create_in(&own, folder, bytes) : LS_OK;
  *file = open_on_all(own, comm);
  if (status != LS_OK || *file >= 0) return status;
  return ls_fail(LS_FAILED, "%s: cannot open the file that rank 0 of the node has made", folder);
}

/* ---- Containers ------------------------------------------------------------------------------ */

bool shared_file_possible(MPI_Comm comm) {
  int file = shared_file_open(comm);
  if (file >= 0) close(file);
  return file >= 0;
}
