/* Reading class labels. */
#include "data/labels.h"

#include "base/memory.h"
#include "lockstep/error.h"

#include <stdlib.h>

/* The class of a one-hot row; -1 if it is not one-hot. */
static int32_t class_of_row(const float *row, size_t width) {
  int32_t found = -1;
  for (size_t i = 0; i < width; i++) {
    if (row[i] == 0) continue;
    if (row[i] != 1 || found >= 0) return -1;
    found = (int32_t)i;
  }
  return found;
}

/* The number of rows that are read at a time: 1 MiB. */
static size_t rows_of_block(size_t width) {
  return ((size_t)1 << 20) / (width * sizeof(float)) + 1;
}

/* Sets labels[row], where `labels` is not NULL, to the class of each row. *done is the number of
 * rows before the first one that is not one-hot. */
static int read_rows(hid_t file, const char *path, size_t first, size_t count, size_t width,
                     int32_t *labels, size_t *done) {
  size_t block = rows_of_block(width);
  float *rows = ls_new(block < count ? block : count, width * sizeof *rows);
  int status = rows ? LS_OK : LS_FAILED;
  *done = 0;
  while (status == LS_OK && *done < count) {
    size_t n = count - *done < block ? count - *done : block, at = 0;
    const hsize_t start[2] = {first + *done}, extent[2] = {n, width};
    status = ls_h5_read_block(file, path, H5T_NATIVE_FLOAT, start, extent, rows);
    for (; status == LS_OK && at < n; at++) {
      int32_t class = class_of_row(rows + at * width, width);
      if (class < 0) break;
      if (labels) labels[*done + at] = class;
    }
    *done += at;
    if (at < n) break;
  }
  free(rows);
  return status;
}

int labels_find_one_hot(bool *one_hot, hid_t file, const char *path, size_t rows, size_t width) {
  size_t done;
  int status = read_rows(file, path, 0, rows, width, NULL, &done);
  *one_hot = done == rows;
  return status;
}

static int check_label(const ls_dataset *d, const char *path, size_t number, int64_t classes,
                       int32_t label) {
  if (label >= 0 && label < classes) return LS_OK;
  return ls_fail(LS_INVALID, "%s: /%s: sample %zu has label %d (expected 0 to %lld)", d->path, path,
                 number, label, (long long)classes - 1);
}

static int read_integers(hid_t file, const char *path, size_t first, size_t count,
                         int32_t *labels) {
  const hsize_t start[2] = {first}, extent[2] = {count, 1};
  return ls_h5_read_block(file, path, H5T_NATIVE_INT32, start, extent, labels);
}

int labels_read(const ls_dataset *d, hid_t file, const char *path, const ls_dataset_target *target,
                size_t first, size_t count, int32_t *labels) {
  if (target->one_hot) {
    size_t done;
    int status = read_rows(file, path, first, count, (size_t)target->classes, labels, &done);
    if (status != LS_OK || done == count) return status;
    return ls_fail(LS_INVALID, "%s: /%s: sample %zu is not one-hot (expected one 1, otherwise 0)",
                   d->path, path, first + done);
  }
  int status = read_integers(file, path, first, count, labels);
  for (size_t i = 0; i < count && status == LS_OK; i++) {
    status = check_label(d, path, first + i, target->classes, labels[i]);
  }
  return status;
}

int labels_count_classes(ls_dataset *d, hid_t file, const char *path, ls_dataset_target *target,
                         size_t count) {
  int32_t *labels = ls_new(count, sizeof *labels);
  int status = labels ? read_integers(file, path, 0, count, labels) : LS_FAILED;
  for (size_t i = 0; i < count && status == LS_OK; i++) {
    status = check_label(d, path, i, LABELS_MOST_CLASSES, labels[i]);
    if (labels[i] >= target->classes) target->classes = (int64_t)labels[i] + 1;
  }
  free(labels);
  return status;
}
