/* Small dataset files for tests, written through the checked HDF5 calls. */
#ifndef TEST_DATASET_FILE_H
#define TEST_DATASET_FILE_H

#include "h5/h5.h"
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* One part of a dataset. `x` is [count, ...]: uint8 or float as `type` says, labels are int32. */
typedef struct file_part {
  const char *name; /* "train" or "test" */
  hid_t type;       /* in memory and in the file: H5T_NATIVE_UINT8, ... */
  int rank;
  hsize_t extent[LS_H5_MAX_RANK]; /* of x, the samples first */
  const void *x;
  hsize_t label_count;
  const int32_t *labels;
  double classes; /* 0: the attribute is left out */
} file_part;

/* A new empty file in a buffer of the caller; unlink it when done. */
static inline void make_path(char path[64]) {
  snprintf(path, 64, "/tmp/lockstep-test-XXXXXX");
  int file = mkstemp(path);
  assert_true(file >= 0);
  close(file);
}

static inline void write_part(hid_t file, const file_part *part) {
  char x[32], y[32];
  hid_t group = -1;
  snprintf(x, sizeof x, "%s/x", part->name);
  snprintf(y, sizeof y, "%s/y", part->name);
  assert_int_equal(ls_h5_create_group(&group, file, part->name), LS_OK);
  assert_int_equal(ls_h5_create_dataset(file, x, part->type, part->rank, part->extent, NULL),
                   LS_OK);
  if (part->x) assert_int_equal(ls_h5_write(file, x, part->type, part->x), LS_OK);
  assert_int_equal(ls_h5_create_dataset(file, y, H5T_NATIVE_INT32, 1, &part->label_count, NULL),
                   LS_OK);
  if (part->labels) {
    assert_int_equal(ls_h5_write(file, y, H5T_NATIVE_INT32, part->labels), LS_OK);
  }
  if (part->classes != 0) {
    int status = ls_h5_set_values(file, y, "class_count", H5T_NATIVE_DOUBLE, 1, &part->classes);
    assert_int_equal(status, LS_OK);
  }
  ls_h5_close(&group);
}

/* Makes the file of its parts (`test` may be NULL). */
static inline void write_dataset(const char *path, const file_part *train, const file_part *test) {
  hid_t file = -1;
  assert_int_equal(ls_h5_create(&file, path), LS_OK);
  write_part(file, train);
  if (test) write_part(file, test);
  assert_int_equal(ls_h5_close(&file), LS_OK);
}

#endif
