/* Failures are reported with the reason that HDF5 or the system gives. */
#include "h5/h5.h"
#include "lockstep/error.h"
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void expect_message(const char *expected) {
  if (!strstr(ls_error_message(), expected)) fail_msg("'%s'", ls_error_message());
}

static void creating_files(void **state) {
  (void)state;
  hid_t file = -1;
  assert_int_equal(ls_h5_create(&file, "/tmp/there/is/no/folder.h5"), LS_FAILED);
  expect_message("/tmp/there/is/no/folder.h5: cannot create: No such file or directory");
  assert_int_equal(ls_h5_create(&file, "/"), LS_FAILED);
  expect_message("/: cannot create: Is a directory");
  assert_true(file < 0);
}

static void creating_objects(void **state) {
  (void)state;
  static const hsize_t extent[1] = {3};
  static const char *const texts[] = {"a"};
  char path[] = "/tmp/lockstep-test-XXXXXX";
  hid_t file = -1;
  close(mkstemp(path));
  assert_int_equal(ls_h5_create(&file, path), LS_OK);
  assert_int_equal(ls_h5_create_dataset(file, "x", H5T_NATIVE_INT, 1, extent, NULL), LS_OK);
  assert_int_equal(ls_h5_create_dataset(file, "x", H5T_NATIVE_INT, 1, extent, NULL), LS_FAILED);
  expect_message("/x: cannot create the dataset: name already exists");
  assert_int_equal(ls_h5_create_texts(file, "x", 1, texts), LS_FAILED);
  expect_message("/x: cannot write the texts: name already exists");
  ls_h5_close(&file);
  unlink(path);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(creating_files),
      cmocka_unit_test(creating_objects),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
