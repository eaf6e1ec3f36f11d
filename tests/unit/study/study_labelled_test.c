/* Tables of labelled files: axes, variables with gaps, axes of samples, what is left out, failures.
 */
#include "unit.h"

#include "h5/h5.h"
#include "study/model/labelled.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char folder[64], path[80];
static ls_analysis_file own = {NULL, "lockstep test", "Own title", NULL};

static int make_folder(void **state) {
  (void)state;
  snprintf(folder, sizeof folder, "/tmp/lockstep-labelled-XXXXXX");
  if (!mkdtemp(folder)) return -1;
  snprintf(path, sizeof path, "%s/a/file.h5", folder);
  return 0;
}

static int remove_folder(void **state) {
  (void)state;
  char inner[80];
  snprintf(inner, sizeof inner, "%s/a", folder);
  return unlink(path) | rmdir(inner) | rmdir(folder);
}

static void check_text(hid_t file, const char *name, const char *attribute, const char *expected) {
  char *text = NULL;
  assert_int_equal(ls_h5_get_text(file, name, attribute, &text), LS_OK);
  assert_string_equal(text, expected);
  free(text);
}

/* A record with fields to write. */
typedef struct record {
  int32_t label;
  double place[2];
} record;

static void tables(void **state) {
  (void)state;
  static const char *const names[] = {"a", "b", "c"};
  static const record records[] = {{4, {1, 2}}, {5, {3, 4}}, {6, {5, 6}}};
  const ls_shape image = {2, {2, 1}}, vector = {1, {2}};
  const ls_real pixels[] = {0, 1, 2, 3, 4, 5};
  const labelled_variable table[] = {
      {"name", LABELLED_TEXT, NULL, NULL, "a name", names, 3},
      {"nothing", LABELLED_TEXT, NULL, NULL, "an axis of no length", names, 0},
      {"component", LABELLED_UINT32, NULL, "1", "counted", NULL, 2},
      {"label", LABELLED_INT32, "name", "1", "a field", &records->label, .stride = sizeof *records},
      {"place", LABELLED_DOUBLE, "name/component", "metre", "a field of two", records->place,
       .stride = sizeof *records, .block = 2},
      {"missing", LABELLED_DOUBLE, "name", "1", "without values", NULL},
      {"image", LABELLED_REAL, "name/*", NULL, "images", pixels, .shape = &image},
      {"vector", LABELLED_REAL, "name/*", NULL, "vectors", pixels, .shape = &vector,
       .prefix = "dense_"},
      {NULL}};
  const labelled_variable prefixed[] = {
      {"+side", LABELLED_INT64, NULL, NULL, "an axis with a prefix", NULL, 2},
      {"+place", LABELLED_DOUBLE, "name/+side", "1", "over it", records->place,
       .stride = sizeof *records, .block = 2},
      {NULL}};
  labelled l;
  own.path = path;
  labelled_create(&l, &own, "Default title");
  labelled_write(&l, table);
  labelled_write_prefixed(&l, "head_", prefixed);
  labelled_summarize(&l, "%d records", 3);
  assert_int_not_equal(access(path, F_OK), 0);
  assert_int_equal(labelled_close(&l), LS_OK);

  hid_t file = -1;
  ls_h5_shape shape;
  int32_t labels[3];
  int64_t rows[2];
  double places[6];
  assert_int_equal(ls_h5_open(&file, path), LS_OK);
  assert_int_equal(ls_h5_read(file, "label", H5T_NATIVE_INT32, labels), LS_OK);
  for (int i = 0; i < 3; i++) assert_int_equal(labels[i], 4 + i);
  assert_int_equal(ls_h5_read(file, "place", H5T_NATIVE_DOUBLE, places), LS_OK);
  for (int i = 0; i < 6; i++) assert_true(places[i] == 1 + i);
  assert_int_equal(ls_h5_describe(file, "component", &shape), LS_OK);
  assert_true(shape.item_size == 4 && !shape.is_signed && shape.extent[0] == 2);
  assert_int_equal(ls_h5_describe(file, "image", &shape), LS_OK);
  assert_true(shape.rank == 3 && shape.extent[0] == 3 && shape.extent[1] == 2);
  assert_int_equal(ls_h5_read(file, "row", H5T_NATIVE_INT64, rows), LS_OK);
  assert_true(rows[0] == 0 && rows[1] == 1);
  assert_true(ls_h5_has(file, "dense_unit") && !ls_h5_has(file, "unit"));
  assert_true(ls_h5_has(file, "head_side") && ls_h5_has(file, "head_place"));
  assert_false(ls_h5_has(file, "nothing") || ls_h5_has(file, "missing"));
  check_text(file, "place", "units", "metre");
  check_text(file, "place", "long_name", "a field of two");
  check_text(file, ".", "title", "Own title");
  char **summary = NULL;
  size_t lines = 0;
  assert_int_equal(ls_h5_get_texts(file, ".", "summary", &summary, &lines), LS_OK);
  assert_int_equal(lines, 1);
  assert_string_equal(summary[0], "3 records");
  free(summary[0]);
  free(summary);
  assert_int_equal(ls_h5_close(&file), LS_OK);
}

/* Values written block by block; an axis of more counts than are written at once. */
static void blocks(void **state) {
  (void)state;
  enum { COUNT = 3000, FIRST = 2998 };
  static const float ends[] = {1, 2, 3, 4};
  const labelled_variable table[] = {
      {"sample", LABELLED_INT64, NULL, NULL, "counted", NULL, COUNT},
      {"side", LABELLED_INT64, NULL, NULL, "counted", NULL, 2},
      {"value", LABELLED_FLOAT, "sample/side", "1", "written later", ends},
      {"missing", LABELLED_FLOAT, "sample", "1", "without values", NULL},
      {NULL}};
  labelled l;
  own.path = path;
  labelled_create(&l, &own, "Default title");
  labelled_declare(&l, table);
  labelled_write_block(&l, table, FIRST, 2);
  assert_int_equal(labelled_close(&l), LS_OK);
  hid_t file = -1;
  static float values[2 * COUNT];
  static int64_t numbers[COUNT];
  assert_int_equal(ls_h5_open(&file, path), LS_OK);
  assert_int_equal(ls_h5_read(file, "value", H5T_NATIVE_FLOAT, values), LS_OK);
  assert_int_equal(ls_h5_read(file, "sample", H5T_NATIVE_INT64, numbers), LS_OK);
  for (int i = 0; i < COUNT; i++) assert_int_equal(numbers[i], i);
  for (int i = 0; i < 2 * FIRST; i++) assert_true(values[i] == 0);
  assert_memory_equal(values + 2 * FIRST, ends, sizeof ends);
  assert_false(ls_h5_has(file, "missing"));
  check_text(file, "value", "long_name", "written later");
  assert_int_equal(ls_h5_close(&file), LS_OK);
}

/* A file that failed leaves the older one in its place, and nothing else. */
static void failure(void **state) {
  (void)state;
  static const double values[] = {1, 2};
  const labelled_variable table[] = {
      {"value", LABELLED_DOUBLE, "no_axis", "1", "over an axis that does not exist", values},
      {NULL}};
  labelled l;
  own.path = path;
  labelled_create(&l, &own, "Default title");
  labelled_write(&l, table);
  labelled_summarize(&l, "nothing");
  assert_int_not_equal(labelled_close(&l), LS_OK);
  hid_t file = -1;
  assert_int_equal(ls_h5_open(&file, path), LS_OK);
  assert_true(ls_h5_has(file, "place"));
  assert_int_equal(ls_h5_close(&file), LS_OK);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(tables), cmocka_unit_test(failure),
                                     cmocka_unit_test(blocks)};
  return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
