/* Texts, attributes and lists of names: as written here and as others write them, and what is said
 * of those that are something else. */
#include "unit.h"

#include "h5/h5.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char path[64];
static hid_t file = -1;

static int make_file(void **state) {
  (void)state;
  snprintf(path, sizeof path, "/tmp/lockstep-texts-XXXXXX");
  int made = mkstemp(path);
  return made < 0 || close(made) != 0 || ls_h5_create(&file, path) != LS_OK ? -1 : 0;
}

static int remove_file(void **state) {
  (void)state;
  return ls_h5_close(&file) != LS_OK || unlink(path) != 0 ? -1 : 0;
}

/* Compares and frees what was read. */
static void expect_texts(char **texts, size_t count, const char *const *expected,
                         size_t expected_count) {
  assert_int_equal(count, expected_count);
  for (size_t i = 0; i < count; i++) {
    assert_string_equal(texts[i], expected[i]);
    free(texts[i]);
  }
  free(texts);
}

/* `status` is a refusal whose message has both words. */
static void expect_refusal(int status, int expected, const char *object, const char *words) {
  assert_int_equal(status, expected);
  const char *message = ls_error_message();
  if (!strstr(message, object) || !strstr(message, words)) {
    fail_msg("'%s' (expected '%s' and '%s')", message, object, words);
  }
  ls_error_clear();
}

/* Texts of fixed length, as Fortran (spaces) and NumPy (NULs) have them. */
static void put_fixed(const char *name, H5T_str_t padding, int rank, const char *bytes) {
  const hsize_t extent = 2;
  hid_t type = H5Tcopy(H5T_C_S1);
  assert_true(H5Tset_size(type, 4) >= 0 && H5Tset_strpad(type, padding) >= 0);
  assert_int_equal(ls_h5_create_dataset(file, name, type, rank, &extent, NULL), LS_OK);
  assert_int_equal(ls_h5_write(file, name, type, bytes), LS_OK);
  H5Tclose(type);
}

static void texts_of_all_kinds(void **state) {
  (void)state;
  static const char *const words[] = {"one", "", "three words, \303\251"};
  char **texts = NULL;
  size_t count = 0;
  assert_int_equal(ls_h5_create_texts(file, "words", 3, words), LS_OK);
  assert_int_equal(ls_h5_read_texts(file, "words", &texts, &count), LS_OK);
  expect_texts(texts, count, words, 3);

  put_fixed("spaces", H5T_STR_SPACEPAD, 1, "ab  cdef");
  assert_int_equal(ls_h5_read_texts(file, "spaces", &texts, &count), LS_OK);
  expect_texts(texts, count, (const char *const[]){"ab", "cdef"}, 2);

  put_fixed("single", H5T_STR_NULLPAD, 0, "abc\0");
  assert_int_equal(ls_h5_read_texts(file, "single", &texts, &count), LS_OK);
  expect_texts(texts, count, (const char *const[]){"abc"}, 1);
}

/* A text that is overwritten in place is cut to its room, never longer. */
static void text_in_place(void **state) {
  (void)state;
  static const char *const written[] = {"a", "1234567", "12345678", "", "xyz"};
  static const char *const found[] = {"a", "1234567", "1234567", "", "xyz"};
  assert_int_equal(ls_h5_create_fixed_text(file, "place", 8), LS_OK);
  for (size_t i = 0; i < COUNT_OF(written); i++) {
    char **texts = NULL;
    size_t count = 0;
    assert_int_equal(ls_h5_write_fixed_text(file, "place", 8, written[i]), LS_OK);
    assert_int_equal(ls_h5_read_texts(file, "place", &texts, &count), LS_OK);
    expect_texts(texts, count, &found[i], 1);
  }
}

static void no_texts(void **state) {
  (void)state;
  char **texts = (char **)1;
  size_t count = 9;
  const hsize_t extent[2] = {1, 2};
  assert_int_equal(ls_h5_create_dataset(file, "numbers", H5T_NATIVE_INT, 1, extent, NULL), LS_OK);
  expect_refusal(ls_h5_read_texts(file, "numbers", &texts, &count), LS_INVALID, "/numbers",
                 "is not a list of texts");
  assert_null(texts);
  assert_int_equal(count, 0);
  assert_int_equal(ls_h5_create_dataset(file, "table", H5T_C_S1, 2, extent, NULL), LS_OK);
  expect_refusal(ls_h5_read_texts(file, "table", &texts, &count), LS_INVALID, "/table",
                 "is not a list of texts");
  expect_refusal(ls_h5_read_texts(file, "nothing", &texts, &count), LS_INVALID, "/nothing",
                 "cannot open the dataset");
}

static void attributes(void **state) {
  (void)state;
  const int numbers[] = {3, -4};
  const ls_h5_range any = {INT64_MIN, INT64_MAX};
  int64_t integers[3];
  double number = 0;
  char **names = NULL, *text = NULL;
  size_t count = 0;
  hid_t group = -1;
  assert_int_equal(ls_h5_create_group(&group, file, "g"), LS_OK);
  assert_int_equal(ls_h5_set_values(file, "g", "pair", H5T_NATIVE_INT, 2, numbers), LS_OK);
  assert_int_equal(ls_h5_set_text(file, "g", "b", "second"), LS_OK);
  assert_int_equal(ls_h5_set_text(file, "g", "b", "instead"), LS_OK);
  assert_int_equal(ls_h5_set_texts(file, "g", "a", 2, (const char *const[]){"x", "y"}), LS_OK);
  assert_int_equal(ls_h5_get_integers(file, "g", "pair", any, 2, integers), LS_OK);
  assert_true(integers[0] == 3 && integers[1] == -4);
  assert_int_equal(ls_h5_get_text(file, "g", "b", &text), LS_OK);
  assert_string_equal(text, "instead");
  free(text);

  expect_refusal(ls_h5_get_integers(file, "g", "pair", any, 3, integers), LS_INVALID, "/g",
                 "'pair' (expected 3 integers)");
  expect_refusal(ls_h5_get_integers(file, "g", "pair", (ls_h5_range){-3, 3}, 2, integers),
                 LS_INVALID, "/g", "its attribute 'pair' is -4 (expected an integer from -3 to 3)");
  expect_refusal(ls_h5_get_number(file, "g", "pair", &number), LS_INVALID, "/g",
                 "'pair' (expected one number)");
  expect_refusal(ls_h5_get_number(file, "g", "b", &number), LS_INVALID, "/g",
                 "'b' (expected one number)");
  expect_refusal(ls_h5_get_text(file, "g", "a", &text), LS_INVALID, "/g",
                 "'a' (expected one text)");
  assert_null(text);
  expect_refusal(ls_h5_get_text(file, "g", "pair", &text), LS_INVALID, "/g",
                 "'pair' (expected texts)");
  expect_refusal(ls_h5_get_text(file, "g", "c", &text), LS_INVALID, "/g", "'c' (expected texts)");

  assert_int_equal(ls_h5_list_attributes(group, &names, &count), LS_OK);
  expect_texts(names, count, (const char *const[]){"a", "b", "pair"}, 3);
  expect_refusal(ls_h5_list_attributes(-1, &names, &count), LS_INVALID, "HDF5 file",
                 "cannot list the attributes");
  assert_null(names);
  ls_h5_close(&group);
  expect_refusal(ls_h5_list(file, "words", &names, &count), LS_INVALID, "/words",
                 "cannot open the group");
}

/* A file opened for reading takes no changes; one opened to be changed does. */
static void access_to_files(void **state) {
  (void)state;
  const double one = 1;
  hid_t other = -1;
  assert_int_equal(ls_h5_close(&file), LS_OK);
  assert_int_equal(ls_h5_open(&other, path), LS_OK);
  expect_refusal(ls_h5_set_values(other, "g", "n", H5T_NATIVE_DOUBLE, 1, &one), LS_FAILED, "/g",
                 "cannot write an attribute");
  expect_refusal(ls_h5_create_group(&file, other, "new"), LS_FAILED, "/new", "cannot create");
  expect_refusal(ls_h5_set_scale(other, "numbers"), LS_FAILED, "/numbers",
                 "cannot make it a dimension scale");
  expect_refusal(ls_h5_attach_scale(other, "numbers", "table", 0), LS_FAILED, "/numbers",
                 "cannot attach a scale");
  assert_int_equal(ls_h5_close(&other), LS_OK);
  assert_int_equal(ls_h5_open_writable(&file, path), LS_OK);
  assert_int_equal(ls_h5_set_values(file, "g", "n", H5T_NATIVE_DOUBLE, 1, &one), LS_OK);
  assert_true(ls_h5_has_attribute(file, "g", "n"));
  expect_refusal(ls_h5_open(&other, "/tmp"), LS_INVALID, "/tmp", "is a folder");
  expect_refusal(ls_h5_open_writable(&other, "/no/such"), LS_INVALID, "/no/such", "cannot open");
  expect_refusal(ls_h5_create(&other, "/no/such"), LS_FAILED, "/no/such", "cannot create");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(texts_of_all_kinds), cmocka_unit_test(text_in_place),
      cmocka_unit_test(no_texts), cmocka_unit_test(attributes), cmocka_unit_test(access_to_files)};
  return cmocka_run_group_tests(tests, make_file, remove_file);
}
