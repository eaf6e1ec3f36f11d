/* Runs of elements of datasets of any shape: every run of a small one, written and read. */
#include "unit.h"

#include "h5/h5.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MOST = 60 };

static char path[64];

static int make_path(void **state) {
  (void)state;
  snprintf(path, sizeof path, "/tmp/lockstep-runs-XXXXXX");
  int file = mkstemp(path);
  return file < 0 ? -1 : close(file);
}

static int remove_path(void **state) {
  (void)state;
  return unlink(path);
}

static void every_run(void **state) {
  (void)state;
  static const hsize_t extents[][4] = {{60, 1, 1, 1}, {7, 5, 1, 1}, {3, 4, 5, 1}, {2, 3, 2, 5}};
  for (int rank = 1; rank <= 4; rank++) {
    hid_t file = -1;
    size_t size = 1;
    for (int i = 0; i < rank; i++) size *= (size_t)extents[rank - 1][i];
    assert_int_equal(ls_h5_create(&file, path), LS_OK);
    assert_int_equal(ls_h5_create_dataset(file, "x", H5T_NATIVE_INT, rank, extents[rank - 1], NULL),
                     LS_OK);
    for (size_t first = 0; first < size; first++) {
      for (size_t count = 1; first + count <= size; count++) {
        int expected[MOST] = {0}, found[MOST], run[MOST];
        for (size_t i = 0; i < count; i++) expected[first + i] = (int)(1 + first + 7 * i);
        assert_int_equal(ls_h5_write(file, "x", H5T_NATIVE_INT, (int[MOST]){0}), LS_OK);
        assert_int_equal(
            ls_h5_write_range(file, "x", H5T_NATIVE_INT, first, count, expected + first), LS_OK);
        assert_int_equal(ls_h5_read(file, "x", H5T_NATIVE_INT, found), LS_OK);
        assert_memory_equal(found, expected, size * sizeof *found);
        assert_int_equal(ls_h5_read_range(file, "x", H5T_NATIVE_INT, first, count, run), LS_OK);
        assert_memory_equal(run, expected + first, count * sizeof *run);
      }
    }
    int beyond[MOST];
    assert_int_equal(ls_h5_read_range(file, "x", H5T_NATIVE_INT, 1, size, beyond), LS_INVALID);
    assert_int_equal(ls_h5_close(&file), LS_OK);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(every_run)};
  return cmocka_run_group_tests(tests, make_path, remove_path);
}
