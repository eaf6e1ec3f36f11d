/* Files, groups and error messages. */
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

enum {
  MOST_VIRTUAL = 8
}; /* files that are open at a time; of more, virtual datasets are refused */

void ls_h5_quiet(void) {
  /* The program closes every file; HDF5's own cleanup at exit crashes after a close that failed. */
  H5dont_atexit();
  H5PLset_loading_state(0); /* filters from shared objects */
  H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
}

/* An H5E_walk2_t. Keeps the description of the last frame visited, which is the innermost one. */
static herr_t keep_reason(unsigned depth, const H5E_error2_t *frame, void *out) {
  (void)depth;
  const char *text = frame->desc && *frame->desc ? frame->desc : "unknown reason";
  /* For system errors HDF5 adds addresses and the time; only the system's message is kept. */
  static const char *const marks[] = {"error message = '", "MPI error string is '"};
  size_t length = strlen(text);
  for (int i = 0; i < 2; i++) {
    const char *quoted = strstr(text, marks[i]);
    if (!quoted) continue;
    text = quoted + strlen(marks[i]);
    length = strcspn(text, "'");
  }
  snprintf(out, 256, "%.*s", (int)length, text);
  return 0;
}

static void innermost_reason(char reason[256]) {
  snprintf(reason, 256, "unknown reason");
  H5Ewalk2(H5E_DEFAULT, H5E_WALK_DOWNWARD, keep_reason, reason);
  H5Eclear2(H5E_DEFAULT);
}

void ls_h5_release(hid_t handle) {
  if (handle < 0) return;
  hid_t reasons = H5Eget_current_stack();
  H5Idec_ref(handle);
  if (reasons >= 0) H5Eset_current_stack(reasons);
}

/* Writes "FILE: /object", of the object `name` below the open `at`. */
static void find_place(hid_t at, const char *name, char place[768]) {
  char file[512] = "HDF5 file", group[256] = "";
  if (at >= 0) {
    H5Fget_name(at, file, sizeof file);
    if (H5Iget_name(at, group, sizeof group) < 0 || strcmp(group, "/") == 0) group[0] = '\0';
  }
  bool is_parent = strcmp(name, ".") == 0;
  snprintf(place, 768, "%s: %s%s%s", file, group, is_parent && *group ? "" : "/",
           is_parent ? "" : name);
}

/* Whether the disk of an open file is full. */
static bool is_disk_full(hid_t at) {
  char file[512];
  struct statvfs disk;
  return H5Fget_name(at, file, sizeof file) > 0 && statvfs(file, &disk) == 0 && disk.f_bavail == 0;
}

int ls_h5_fail(int code, hid_t at, const char *name, const char *doing) {
  char reason[256], place[768];
  innermost_reason(reason);
  find_place(at, name, place);
  /* MPI-IO reports any input/output error alike */
  if (at >= 0 && strstr(reason, "MPI_ERR_IO") && is_disk_full(at)) {
    snprintf(reason, sizeof reason, "%s", strerror(ENOSPC));
  }
  return ls_fail(code, "%s: %s: %s", place, doing, reason);
}

int ls_h5_refuse(hid_t at, const char *name, const char *what) {
  char place[768];
  find_place(at, name, place);
  return ls_fail(LS_INVALID, "%s: %s", place, what);
}

static int file_fail(int code, const char *path, const char *doing) {
  char reason[256];
  innermost_reason(reason);
  return ls_fail(code, "%s: %s: %s", path, doing, reason);
}

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
  int status = *file < 0 ? file_fail(LS_FAILED, path, "cannot create") : LS_OK;
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
static int open_file(hid_t *file, const char *path, MPI_Comm comm, unsigned mode) {
  hid_t properties = -1;
  if (file_properties(&properties, comm) == 0) {
    *file = H5Fopen(path, mode, properties);
  }
  int status = *file < 0 ? file_fail(LS_INVALID, path, "cannot open as HDF5") : LS_OK;
  if (properties >= 0) H5Pclose(properties);
  return status;
}

int ls_h5_open(hid_t *file, const char *path) {
  ls_h5_quiet();
  *file = -1;
  int status = check_access(path, R_OK);
  return status == LS_OK ? open_file(file, path, MPI_COMM_NULL, H5F_ACC_RDONLY) : status;
}

/* The files that may have virtual datasets. */
static struct {
  hid_t files[MOST_VIRTUAL];
  size_t count;
} virtual;

int ls_h5_open_virtual(hid_t *file, const char *path) {
  int status = ls_h5_open(file, path);
  if (status != LS_OK) return status;
  if (virtual.count < MOST_VIRTUAL) virtual.files[virtual.count++] = *file;
  return LS_OK;
}

bool ls_h5_allows_virtual(hid_t object) {
  size_t i = 0;
  hid_t file = H5Iget_file_id(object);
  if (file < 0) return false;
  while (i < virtual.count && virtual.files[i] != file) i++;
  H5Fclose(file);
  return i < virtual.count;
}

/* Forgets a file that is being closed. */
static void forget_virtual(hid_t file) {
  size_t i = 0;
  while (i < virtual.count && virtual.files[i] != file) i++;
  if (i < virtual.count) virtual.files[i] = virtual.files[--virtual.count];
}

int ls_h5_open_writable(hid_t *file, const char *path) {
  ls_h5_quiet();
  *file = -1;
  int status = check_access(path, R_OK | W_OK);
  return status == LS_OK ? open_file(file, path, MPI_COMM_NULL, H5F_ACC_RDWR) : status;
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
  if (first == INT_MAX) return open_file(file, path, comm, H5F_ACC_RDWR);
  if (first == rank) return status;
  return ls_fail(LS_INVALID, "%s: cannot open on rank %d (expected a folder that all ranks share)",
                 path, first);
}

hsize_t ls_h5_file_size(hid_t object) {
  hsize_t size = 0;
  hid_t file = H5Iget_file_id(object);
  if (file >= 0 && H5Fget_filesize(file, &size) < 0) size = 0;
  if (file >= 0) H5Fclose(file);
  return size;
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
    forget_virtual(closing);
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
  return result < 0 ? file_fail(LS_FAILED, name, "cannot close") : LS_OK;
}

int ls_h5_create_group(hid_t *group, hid_t parent, const char *name) {
  *group = -1;
  hid_t properties = H5Pcreate(H5P_GROUP_CREATE), access = ls_h5_link_access(H5P_GROUP_ACCESS);
  if (properties >= 0 && access >= 0 && H5Pset_obj_track_times(properties, false) >= 0) {
    *group = H5Gcreate2(parent, name, H5P_DEFAULT, properties, access);
  }
  int status = *group < 0 ? ls_h5_fail(LS_FAILED, parent, name, "cannot create the group") : LS_OK;
  ls_h5_release(properties);
  ls_h5_release(access);
  return status;
}

int ls_h5_remove(hid_t parent, const char *name) {
  bool removed = !ls_h5_has(parent, name) || H5Ldelete(parent, name, H5P_DEFAULT) >= 0;
  return removed ? LS_OK : ls_h5_fail(LS_FAILED, parent, name, "cannot remove");
}

bool ls_h5_names_create(ls_h5_names *list, size_t capacity) {
  *list = (ls_h5_names){.names = ls_new(capacity, sizeof *list->names), .capacity = capacity};
  return list->names != NULL;
}

int ls_h5_names_add(ls_h5_names *list, const char *name) {
  if (list->count == list->capacity) return -1;
  list->names[list->count] = ls_copy_text(name);
  return list->names[list->count++] ? 0 : -1;
}

void ls_h5_names_free(ls_h5_names *list) {
  for (size_t i = 0; i < list->count; i++) free(list->names[i]);
  free(list->names);
  *list = (ls_h5_names){0};
}

static herr_t add_name(hid_t group, const char *name, const H5L_info_t *info, void *context) {
  (void)group, (void)info;
  return ls_h5_names_add(context, name);
}

int ls_h5_list(hid_t parent, const char *name, char ***names, size_t *count) {
  *names = NULL;
  *count = 0;
  hid_t group = -1;
  int status = ls_h5_open_group(&group, parent, name);
  if (status != LS_OK) return status;
  H5G_info_t info;
  ls_h5_names list = {0};
  hsize_t position = 0;
  if (H5Gget_info(group, &info) < 0 || !ls_h5_names_create(&list, (size_t)info.nlinks) ||
      H5Literate(group, H5_INDEX_NAME, H5_ITER_INC, &position, add_name, &list) < 0) {
    ls_h5_names_free(&list);
    status = ls_h5_fail(LS_INVALID, parent, name, "cannot list the members");
  } else {
    *names = list.names;
    *count = list.count;
  }
  ls_h5_close(&group);
  return status;
}

const char *ls_h5_version(void) {
  static char text[32];
  unsigned major, minor, release;
  H5get_libversion(&major, &minor, &release);
  snprintf(text, sizeof text, "%u.%u.%u", major, minor, release);
  return text;
}
