/* Opening, creating and closing files. */
#include "base/memory.h"
#include "base/paths.h"
#include "h5/h5.h"
#include "h5/h5_internal.h"
#include "lockstep/error.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

/* Creates a file whose root group keeps no times, with a user block of `userblock` bytes. */
static hid_t create_file(const char *path, hid_t access, size_t userblock) {
  hid_t creation = H5Pcreate(H5P_FILE_CREATE), file = -1;
  if (creation >= 0 && H5Pset_obj_track_times(creation, false) >= 0 &&
      H5Pset_userblock(creation, userblock) >= 0) {
    file = H5Fcreate(path, H5F_ACC_EXCL, creation, access);
  }
  ls_h5_release(creation);
  return file;
}

/* Access by this rank alone (MPI_COMM_NULL), or by all ranks of `comm`. */
static int file_properties(hid_t *access, MPI_Comm comm) {
  *access = H5Pcreate(H5P_FILE_ACCESS);
  if (*access < 0) return -1;
  /* 1.8 .. 1.10: readable by every HDF5 library in use today. */
  if (H5Pset_libver_bounds(*access, H5F_LIBVER_V18, H5F_LIBVER_V110) < 0) return -1;
  if (comm == MPI_COMM_NULL) return 0;
  if (H5Pset_fapl_mpio(*access, comm, MPI_INFO_NULL) < 0) return -1;
  return H5Pset_all_coll_metadata_ops(*access, false) < 0 ? -1 : 0;
}

static int create_alone(hid_t *file, const char *path, size_t userblock) {
  ls_h5_quiet();
  *file = -1;
  hid_t properties = -1;
  if (unlink(path) != 0 && errno != ENOENT) { /* a link, too, which H5Fcreate would follow */
    return ls_fail(LS_FAILED, "%s: cannot create: %s", path, strerror(errno));
  }
  if (file_properties(&properties, MPI_COMM_NULL) == 0) {
    *file = create_file(path, properties, userblock);
  }
  int status = *file < 0 ? ls_h5_fail_file(LS_FAILED, path, "cannot create") : LS_OK;
  if (properties >= 0) H5Pclose(properties);
  return status;
}

/* Common errors, for which HDF5's own messages are obscure, and files that must not be opened. */
static int check_access(const char *path, int wanted) {
  if (access(path, wanted) != 0) {
    return ls_fail(LS_INVALID, "%s: cannot open: %s", path, strerror(errno));
  }
  struct stat info;
  if (wanted & W_OK && lstat(path, &info) == 0 && S_ISLNK(info.st_mode)) {
    return ls_fail(LS_INVALID, "%s: is a symbolic link (expected an HDF5 file)", path);
  }
  return ls_check_regular_file(path, "an HDF5 file");
}

/* `mode` is H5F_ACC_RDONLY or H5F_ACC_RDWR. */
static int open_file(hid_t *file, const char *path, MPI_Comm comm, unsigned mode, bool locks) {
  hid_t properties = -1;
  if (file_properties(&properties, comm) == 0 &&
      (locks || H5Pset_file_locking(properties, false, true) >= 0)) {
    *file = H5Fopen(path, mode, properties);
  }
  int status = *file < 0 ? ls_h5_fail_file(LS_INVALID, path, "cannot open as HDF5") : LS_OK;
  if (properties >= 0) H5Pclose(properties);
  return status;
}

int ls_h5_open(hid_t *file, const char *path) {
  ls_h5_quiet();
  *file = -1;
  int status = check_access(path, R_OK);
  return status == LS_OK ? open_file(file, path, MPI_COMM_NULL, H5F_ACC_RDONLY, true) : status;
}

int ls_h5_open_unlocked(hid_t *file, const char *path) {
  ls_h5_quiet();
  *file = -1;
  int status = check_access(path, R_OK);
  return status == LS_OK ? open_file(file, path, MPI_COMM_NULL, H5F_ACC_RDONLY, false) : status;
}

int ls_h5_open_virtual(hid_t *file, const char *path) {
  int status = ls_h5_open(file, path);
  if (status != LS_OK) return status;
  ls_h5_allow_virtual(*file);
  return LS_OK;
}

int ls_h5_open_writable(hid_t *file, const char *path) {
  ls_h5_quiet();
  *file = -1;
  int status = check_access(path, R_OK | W_OK);
  return status == LS_OK ? open_file(file, path, MPI_COMM_NULL, H5F_ACC_RDWR, true) : status;
}

int ls_h5_create(hid_t *file, const char *path) {
  return create_alone(file, path, 0);
}

int ls_h5_create_with_userblock(hid_t *file, const char *path, size_t bytes) {
  return create_alone(file, path, bytes);
}

int ls_h5_open_shared(hid_t *file, const char *path, MPI_Comm comm) {
  ls_h5_quiet();
  *file = -1;
  int rank = 0, status = check_access(path, R_OK | W_OK);
  if (MPI_Comm_rank(comm, &rank) != MPI_SUCCESS) {
    return ls_fail(LS_FAILED, "%s: the ranks cannot agree on opening it", path);
  }
  int first = status == LS_OK ? INT_MAX : rank; /* without access: H5Fopen would wait for it */
  if (MPI_Allreduce(MPI_IN_PLACE, &first, 1, MPI_INT, MPI_MIN, comm) != MPI_SUCCESS) {
    return ls_fail(LS_FAILED, "%s: the ranks cannot agree on opening it", path);
  }
  if (first == INT_MAX) return open_file(file, path, comm, H5F_ACC_RDWR, true);
  if (first == rank) return status;
  return ls_fail(LS_INVALID, "%s: cannot open on rank %d (expected a folder that all ranks share)",
                 path, first);
}

/* Whether a file was left open or only half closed. */
static bool left_open;

bool ls_h5_left_open(void) {
  return left_open;
}

void ls_h5_abandon(hid_t *file) {
  left_open |= *file >= 0;
  *file = -1;
}

int ls_h5_close(hid_t *object) {
  hid_t closing = *object;
  *object = -1;
  if (closing < 0) return LS_OK;
  herr_t result = -1;
  char name[512] = "HDF5";
  H5Fget_name(closing, name, sizeof name);
  switch (H5Iget_type(closing)) {
  case H5I_FILE:
    ls_h5_forbid_virtual(closing);
    result = H5Fclose(closing);
    left_open |= result < 0;
    break;
  case H5I_GROUP:
    result = H5Gclose(closing);
    break;
  case H5I_DATASET:
    result = H5Dclose(closing);
    break;
  default:
    break;
  }
  return result < 0 ? ls_h5_fail_file(LS_FAILED, name, "cannot close") : LS_OK;
}
