/* Error messages: the file, the object and the reason that HDF5 gives. */
#include "h5/h5_internal.h"
#include "lockstep/error.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/statvfs.h>

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

enum { PLACE = 1024 }; /* bytes */

/* Writes "FILE: /object", of the object `name` below the open `at`. */
static void find_place(hid_t at, const char *name, char place[PLACE]) {
  char file[512] = "HDF5 file", group[256] = "";
  if (at >= 0) {
    H5Fget_name(at, file, sizeof file);
    if (H5Iget_name(at, group, sizeof group) < 0 || strcmp(group, "/") == 0) group[0] = '\0';
  }
  bool is_parent = strcmp(name, ".") == 0;
  snprintf(place, PLACE, "%s: %s%s%s", file, group, is_parent && *group ? "" : "/",
           is_parent ? "" : name);
}

/* Whether the disk of an open file is full. */
static bool is_disk_full(hid_t at) {
  char file[512];
  struct statvfs disk;
  return H5Fget_name(at, file, sizeof file) > 0 && statvfs(file, &disk) == 0 && disk.f_bavail == 0;
}

int ls_h5_fail(int code, hid_t at, const char *name, const char *doing) {
  char reason[256], place[PLACE];
  innermost_reason(reason);
  find_place(at, name, place);
  /* MPI-IO reports any input/output error alike */
  if (at >= 0 && strstr(reason, "MPI_ERR_IO") && is_disk_full(at)) {
    snprintf(reason, sizeof reason, "%s", strerror(ENOSPC));
  }
  return ls_fail(code, "%s: %s: %s", place, doing, reason);
}

int ls_h5_refuse(hid_t at, const char *name, const char *what) {
  char place[PLACE];
  find_place(at, name, place);
  return ls_fail(LS_INVALID, "%s: %s", place, what);
}

int ls_h5_fail_file(int code, const char *path, const char *doing) {
  char reason[256];
  innermost_reason(reason);
  return ls_fail(code, "%s: %s: %s", path, doing, reason);
}

int ls_h5_refuse_unread(hid_t dataset, const char *what, const char *source) {
  char text[640];
  snprintf(text, sizeof text, "%s%s (HDF5 would read zeros)", what, source);
  return ls_h5_refuse(dataset, ".", text);
}
