/* Files in memory that the ranks of a node open. */
#include "comm/shared_file.h"

#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/mman.h>
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

int shared_file_open(MPI_Comm comm) {
  int rank;
  MPI_Comm_rank(comm, &rank);
  int file = rank == 0 ? memfd_create("lockstep", MFD_CLOEXEC) : -1;
  file_key key = key_of(file);
  int code = MPI_Bcast(&key, sizeof key, MPI_BYTE, 0, comm);
  if (code == MPI_SUCCESS && rank != 0) file = open_file(&key);
  int opened = code == MPI_SUCCESS && file >= 0;
  code = MPI_Allreduce(MPI_IN_PLACE, &opened, 1, MPI_INT, MPI_MIN, comm);
  if (code == MPI_SUCCESS && opened) return file;
  if (file >= 0) close(file);
  return -1;
}

bool shared_file_possible(MPI_Comm comm) {
  int file = shared_file_open(comm);
  if (file >= 0) close(file);
  return file >= 0;
}
