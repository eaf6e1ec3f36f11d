/* Default places of datasets, folders, temporary files. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/paths.h"
#include "lockstep/error.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void expect_path(const char *name, const char *expected) {
  char *path = NULL;
  assert_int_equal(ls_dataset_path(&path, name), LS_OK);
  assert_string_equal(path, expected);
  free(path);
}

static void test_places(void **state) {
  (void)state;
  setenv("LOCKSTEP_DATA", "/own", 1);
  setenv("XDG_CACHE_HOME", "/cache", 1);
  setenv("HOME", "/home/me", 1);
  expect_path("mnist", "/own/mnist.h5");
  setenv("LOCKSTEP_DATA", "", 1);
  expect_path("mnist", "/cache/lockstep/mnist.h5");
  setenv("XDG_CACHE_HOME", "relative", 1);
  expect_path("mnist", "/home/me/.cache/lockstep/mnist.h5");
  unsetenv("HOME");
  char *path = NULL;
  assert_int_equal(ls_dataset_path(&path, "mnist"), LS_INVALID);
  assert_non_null(strstr(ls_error_message(), "LOCKSTEP_DATA"));
  setenv("LOCKSTEP_DATA", "/own", 1);
  static const char *const names[] = {"", ".", "..", "a/b", "/etc/passwd", ".hidden"};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    assert_int_equal(ls_dataset_path(&path, names[i]), LS_INVALID);
    assert_null(path);
  }
}

static void test_stems(void **state) {
  (void)state;
  assert_int_equal(ls_stem_length("a/b.c/name.h5"), 10);
  assert_int_equal(ls_stem_length("name.1.h5"), 6);
  assert_int_equal(ls_stem_length("a.b/name"), 8);
  assert_int_equal(ls_stem_length("a/.hidden"), 9);
  assert_string_equal(ls_file_name("a/b.c/name.h5"), "name.h5");
  assert_string_equal(ls_file_name("name.h5"), "name.h5");
  assert_string_equal(ls_file_name("a/"), "");
}

static void write_text(const char *path, const char *text) {
  FILE *file = fopen(path, "w");
  assert_non_null(file);
  assert_true(fputs(text, file) >= 0);
  assert_int_equal(fclose(file), 0);
}

static void test_files(void **state) {
  (void)state;
  char base[] = "/tmp/lockstep-paths-XXXXXX", folder[64], path[80];
  assert_non_null(mkdtemp(base));
  snprintf(folder, sizeof folder, "%s/a/b//c", base);
  snprintf(path, sizeof path, "%s/file", folder);
  assert_int_equal(ls_make_parents(path), LS_OK);
  assert_int_not_equal(access(path, F_OK), 0);
  assert_int_equal(ls_make_directories(folder), LS_OK);
  assert_int_equal(ls_make_parents("file"), LS_OK);
  write_text(path, "old");
  assert_int_equal(ls_make_directories(path), LS_FAILED); /* a file is no folder */

  char *one = NULL, *two = NULL;
  assert_int_equal(ls_make_temporary(&one, path), LS_OK);
  assert_int_equal(ls_make_temporary(&two, path), LS_OK);
  assert_string_not_equal(one, two);
  write_text(one, "newer");
  assert_int_equal(ls_replace_file(one, path), LS_OK);
  struct stat info;
  assert_int_equal(stat(path, &info), 0);
  assert_int_equal(info.st_size, 5);
  assert_int_not_equal(access(one, F_OK), 0);
  assert_int_equal(ls_replace_file(one, path), LS_FAILED);
  free(one);

  char bytes[4] = "", back[5] = "";
  assert_int_equal(ls_write_file(path, "a\0b", sizeof bytes), LS_OK);
  FILE *file = fopen(path, "r");
  assert_non_null(file);
  assert_int_equal(fread(back, 1, sizeof back, file), sizeof bytes);
  assert_memory_equal(back, "a\0b", sizeof bytes);
  fclose(file);
  assert_int_equal(ls_write_file(folder, "x", 1), LS_FAILED); /* a folder */

  assert_int_equal(unlink(two) | unlink(path), 0);
  free(two);
  assert_int_equal(ls_make_temporary(&one, "/tmp/no-such-folder/x"), LS_FAILED);
  assert_null(one);
  static const char *const folders[] = {"/a/b/c", "/a/b", "/a", ""};
  for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
    snprintf(path, sizeof path, "%s%s", base, folders[i]);
    assert_int_equal(rmdir(path), 0);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_places),
      cmocka_unit_test(test_stems),
      cmocka_unit_test(test_files),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
