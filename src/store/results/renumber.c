/* Two moves for each folder, since its new name may be the old one of another. */
#include "store/results/renumber.h"

#include "base/activity.h"
#include "base/memory.h"
#include "base/paths.h"
#include "base/text.h"
#include "h5/h5.h"
#include "lockstep/error.h"
#include "store/results/rewrite.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char list_name[] = "provenance/renumbered";

/* Old and new numbers, [pair, 2], from 1. */
typedef struct numbers {
  int64_t *values;
  size_t count; /* of pairs */
} numbers;

/* ---- The list -------------------------------------------------------------------------------- */

int renumber_record(hid_t file, const ls_extension *extension, size_t trials) {
  numbers list = {.values = ls_new(2 * trials, sizeof *list.values)};
  if (!list.values) return LS_FAILED;
  for (size_t t = 0; t < trials; t++) {
    if (extension->origin[t] == LS_NO_TRIAL || extension->origin[t] == t) continue;
    list.values[2 * list.count] = (int64_t)extension->origin[t] + 1;
    list.values[2 * list.count++ + 1] = (int64_t)t + 1;
  }
  const hsize_t extent[] = {list.count, 2};
  int status = LS_OK;
  if (list.count > 0) {
    status = ls_h5_create_dataset(file, list_name, H5T_NATIVE_INT64, 2, extent, NULL);
    if (status == LS_OK) status = ls_h5_write(file, list_name, H5T_NATIVE_INT64, list.values);
  }
  free(list.values);
  return status;
}

static int read_list(numbers *out, const char *path) {
  hid_t file = -1;
  ls_h5_shape shape;
  *out = (numbers){0};
  int status = ls_h5_open(&file, path);
  if (status == LS_OK && ls_h5_has(file, list_name)) {
    status = ls_h5_describe(file, list_name, &shape);
    if (status == LS_OK && (shape.rank != 2 || shape.extent[1] != 2)) {
      status = ls_fail(LS_INVALID, "%s: /%s: is not a list of pairs", path, list_name);
    }
    out->count = status == LS_OK ? (size_t)shape.extent[0] : 0;
    out->values = ls_new(2 * out->count, sizeof *out->values);
    if (status == LS_OK && !out->values) status = LS_FAILED;
    if (status == LS_OK) {
      status = ls_h5_read_integers(file, list_name, (ls_h5_range){1, INT64_MAX}, 2 * out->count,
                                   out->values);
    }
  }
  ls_h5_close(&file);
  return status;
}

static int remove_list(hid_t file, void *context) {
  (void)context;
  return ls_h5_remove(file, list_name);
}

/* ---- The folders ----------------------------------------------------------------------------- */

static char *path_in(const char *folder, const char *name) {
  ls_text text = {0};
  ls_text_add(&text, "%s/%s", folder, name);
  return ls_text_take(&text);
}

static char *trial_in(const char *folder, int64_t number) {
  char name[40];
  snprintf(name, sizeof name, "trial_%lld", (long long)number);
  return path_in(folder, name);
}

static bool exists(const char *path) {
  struct stat info;
  return lstat(path, &info) == 0;
}

/* Renames what exists. */
static int move(const char *from, const char *to) {
  if (!exists(from)) return LS_OK;
  if (exists(to)) {
    return ls_fail(LS_INVALID, "%s: is in the way of %s (expected that it is moved or removed)", to,
                   from);
  }
  if (rename(from, to) == 0) return LS_OK;
  return ls_fail(LS_FAILED, "%s: cannot rename to %s: %s", from, to, strerror(errno));
}

static int move_trial(const char *from, int64_t number, const char *to, int64_t new_number) {
  char *old = trial_in(from, number), *new = trial_in(to, new_number);
  int status = old && new ? move(old, new) : LS_FAILED;
  ls_activity_progress();
  free(old);
  free(new);
  return status;
}

/* Moves all folders out of the way, under their new numbers. */
static int move_out(const numbers *list, const char *models, const char *renumbering,
                    const char *renumbered) {
  int status = ls_make_directories(renumbering);
  for (size_t i = 0; i < list->count && status == LS_OK; i++) {
    const int64_t *pair = &list->values[2 * i];
    status = move_trial(models, pair[0], renumbering, pair[1]);
  }
  return status == LS_OK ? move(renumbering, renumbered) : status;
}

static int move_back(const numbers *list, const char *models, const char *renumbered) {
  int status = LS_OK;
  for (size_t i = 0; i < list->count && status == LS_OK; i++) {
    int64_t number = list->values[2 * i + 1];
    status = move_trial(renumbered, number, models, number);
  }
  return status;
}

static int move_all(const numbers *list, const char *models) {
  char *renumbering = path_in(models, "renumbering"), *renumbered = path_in(models, "renumbered");
  int status = renumbering && renumbered ? LS_OK : LS_FAILED;
  if (status == LS_OK && !exists(renumbered)) {
    status = move_out(list, models, renumbering, renumbered);
  }
  if (status == LS_OK) status = move_back(list, models, renumbered);
  free(renumbering);
  free(renumbered);
  return status;
}

/* Removes the empty folder, which shows that all is moved while the list exists. */
static void remove_empty(const char *models) {
  char *renumbered = path_in(models, "renumbered");
  if (renumbered) rmdir(renumbered);
  free(renumbered);
}

int renumber_complete(const char *path, const char *whole, const char *owner) {
  numbers list;
  char *models = NULL;
  int status = read_list(&list, path);
  if (status == LS_OK) status = ls_models_folder(&models, whole);
  if (status == LS_OK && list.count > 0 && exists(models)) status = move_all(&list, models);
  if (status == LS_OK && list.count > 0) {
    status = rewrite_results(path, path, owner, remove_list, NULL);
  }
  if (status == LS_OK) remove_empty(models);
  free(list.values);
  free(models);
  return status;
}
