/* Runs and slices of one job, which share the folder of its models. */
#include "store/results/slices.h"

#include "base/paths.h"
#include "base/text.h"
#include "lockstep/error.h"
#include "store/results/lock.h"

#include <dirent.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int is_lock(const struct dirent *entry) {
  return fnmatch("slice_*_of_*.h5.lock", entry->d_name, 0) == 0;
}

/* The N of slice_I_of_N.h5; 0 for another name. */
static unsigned long slicing_of(const char *path) {
  unsigned long index, count;
  return sscanf(ls_file_name(path), "slice_%lu_of_%lu.h5", &index, &count) == 2 ? count : 0;
}

/* Looks at the slice in the folder that has the lock file `name`, unless it is of the slicing that
 * is to run. */
static int check_slice(const char *folder, const char *name, unsigned long slicing) {
  if (slicing_of(name) == slicing) return LS_OK;
  ls_text text = {0};
  size_t length = strlen(name) - strlen(".lock");
  ls_text_add(&text, "%s/%.*s", folder, (int)length, name);
  char *path = ls_text_take(&text);
  int status = path ? lock_check_free(path) : LS_FAILED;
  free(path);
  return status;
}

static int check_slices(const char *folder, unsigned long slicing) {
  struct dirent **entries = NULL;
  int found = scandir(folder, &entries, is_lock, alphasort), status = LS_OK;
  for (int i = 0; i < found; i++) {
    if (status == LS_OK) status = check_slice(folder, entries[i]->d_name, slicing);
    free(entries[i]);
  }
  free(entries);
  return status;
}

bool slices_include(const char *path, const char *whole) {
  return whole && strcmp(path, whole) != 0;
}

int slices_check_free(const char *path, const char *whole) {
  char *folder = NULL, *target = NULL;
  bool is_slice = slices_include(path, whole);
  int status = ls_models_folder(&folder, whole);
  if (status == LS_OK && is_slice) {
    status = ls_follow_links(&target, whole);
    if (status == LS_OK) status = lock_check_free(target);
  }
  if (status == LS_OK) status = check_slices(folder, is_slice ? slicing_of(path) : 0);
  free(target);
  free(folder);
  return status;
}
