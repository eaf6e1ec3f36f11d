/* Dataset files with targets of values, and with several targets. */
#include "data/dataset.h"
#include "data/records.h"
#include "dataset_file.h"

#include <string.h>

enum { N = 4, SIZE = 3 };

static const uint8_t inputs[N * SIZE] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
static const int32_t hours[N] = {3, 0, 11, 7};
static const double minutes[N] = {0.25, 0.5, 1.0 / 3, -2};
static const double places[N * 2] = {1, 2, 3, 4, 5, 6, 7, 8};

/* A member of the file: under "train" or "test". */
typedef struct member {
  const char *path;
  hid_t type; /* in the file; in memory int32 or double */
  int rank;
  hsize_t extent[3];
  const void *values;
  double classes; /* 0: the attribute is left out */
} member;

static void add(hid_t file, const member *m) {
  assert_int_equal(ls_h5_create_dataset(file, m->path, m->type, m->rank, m->extent, NULL), LS_OK);
  hid_t memory = H5Tget_class(m->type) == H5T_INTEGER ? H5T_NATIVE_INT32 : H5T_NATIVE_DOUBLE;
  if (m->values) assert_int_equal(ls_h5_write(file, m->path, memory, m->values), LS_OK);
  if (m->classes != 0) {
    int status = ls_h5_set_values(file, m->path, "class_count", H5T_NATIVE_DOUBLE, 1, &m->classes);
    assert_int_equal(status, LS_OK);
  }
}

/* Makes a file of the parts that members are in; y is a group where a member is in one. */
static void make_file(char path[64], const member *members, size_t count) {
  static const char *const groups[] = {"train", "train/y", "test", "test/y"};
  static const hsize_t extent[] = {N, SIZE};
  hid_t file = -1, group = -1;
  make_path(path);
  assert_int_equal(ls_h5_create(&file, path), LS_OK);
  for (size_t g = 0; g < COUNT_OF(groups); g++) {
    size_t length = strlen(groups[g]);
    bool used = false;
    for (size_t i = 0; i < count; i++) {
      const char *rest = members[i].path + length;
      used |= strncmp(members[i].path, groups[g], length) == 0 && *rest == '/';
    }
    if (!used) continue;
    assert_int_equal(ls_h5_create_group(&group, file, groups[g]), LS_OK);
    ls_h5_close(&group);
    if (strchr(groups[g], '/')) continue;
    char name[32];
    snprintf(name, sizeof name, "%s/x", groups[g]);
    assert_int_equal(ls_h5_create_dataset(file, name, H5T_NATIVE_UINT8, 2, extent, NULL), LS_OK);
    assert_int_equal(ls_h5_write(file, name, H5T_NATIVE_UINT8, inputs), LS_OK);
  }
  for (size_t i = 0; i < count; i++) add(file, &members[i]);
  assert_int_equal(ls_h5_close(&file), LS_OK);
}

/* HDF5's types are known at run time only. */
static member hour(const char *path) {
  return (member){path, H5T_STD_U8LE, 1, {N}, hours, 12};
}

static member minute(const char *path) {
  return (member){path, H5T_NATIVE_DOUBLE, 1, {N}, minutes, 0};
}

static member place(const char *path) {
  return (member){path, H5T_NATIVE_FLOAT, 2, {N, 2}, places, 0};
}

/* ---- What is right --------------------------------------------------------------------------- */

/* Targets are numbered by name, not in the order of creation; each is read unchanged. */
static void several(void **state) {
  (void)state;
  char path[64];
  const member members[] = {place("train/y/place"),  minute("train/y/minute"),
                            hour("train/y/hour"),    hour("test/y/hour"),
                            minute("test/y/minute"), place("test/y/place")};
  make_file(path, members, COUNT_OF(members));
  ls_dataset *d = NULL;
  assert_int_equal(ls_dataset_open(&d, path), LS_OK);
  assert_int_equal(d->target_count, 3);
  assert_string_equal(d->targets[0].name, "hour");
  assert_string_equal(d->targets[1].name, "minute");
  assert_string_equal(d->targets[2].name, "place");
  assert_true(d->targets[0].classes == 12 && d->targets[0].width == 1);
  assert_true(d->targets[1].classes == 0 && d->targets[1].width == 1);
  assert_true(d->targets[2].classes == 0 && d->targets[2].width == 2);
  assert_int_equal(d->record_bytes, 4 + 4 + 4 + 8);
  assert_int_equal(ls_dataset_check_labels(d), LS_OK);
  for (int part = 0; part < LS_PART_COUNT; part++) {
    unsigned char *records = new_array(N, d->record_bytes);
    assert_int_equal(ls_dataset_read(d, (ls_part)part, 1, N - 1, records), LS_OK);
    for (size_t i = 1; i < N; i++) {
      const unsigned char *record = records + (i - 1) * d->record_bytes;
      const unsigned char *targets = record + d->targets_begin;
      ls_real values[2];
      assert_memory_equal(record, inputs + i * SIZE, SIZE);
      assert_int_equal(ls_dataset_label(d, targets, 0), hours[i]);
      ls_dataset_values(d, targets, 1, values);
      assert_true(values[0] == (ls_real)(float)minutes[i]);
      ls_dataset_values(d, targets, 2, values);
      assert_true(values[0] == (ls_real)places[2 * i] && values[1] == (ls_real)places[2 * i + 1]);
    }
    free(records);
  }
  int32_t labels[N];
  assert_int_equal(ls_dataset_labels(d, LS_TEST, 0, labels), LS_OK);
  assert_memory_equal(labels, hours, sizeof labels);
  ls_dataset_free(&d);
  unlink(path);
}

static void only_values(void **state) {
  (void)state;
  char path[64];
  const member members[] = {place("train/y")};
  make_file(path, members, 1);
  ls_dataset *d = NULL;
  assert_int_equal(ls_dataset_open(&d, path), LS_OK);
  assert_true(d->target_count == 1 && d->targets[0].classes == 0 && d->targets[0].width == 2);
  assert_string_equal(d->targets[0].name, "");
  ls_dataset_free(&d);
  unlink(path);
}

/* Labels in other forms: a column, one-hot rows; and the number of classes where the file does not
 * give it. */
static void forms_of_labels(void **state) {
  (void)state;
  static const int32_t column[N] = {3, 0, 2, 1}, more[N] = {0, 4, 0, 1};
  static const double rows[N * 3] = {0, 0, 1, 1, 0, 0, 0, 1, 0, 0, 0, 1};
  static const int32_t classes[N] = {2, 0, 1, 2};
  const member forms[][2] = {
      {{"train/y", H5T_STD_I64LE, 2, {N, 1}, column, 0}, {"test/y", H5T_STD_U8LE, 1, {N}, more, 0}},
      {{"train/y", H5T_NATIVE_DOUBLE, 2, {N, 3}, rows, 0},
       {"test/y", H5T_NATIVE_DOUBLE, 2, {N, 3}, rows, 0}}};
  const int32_t *expected[] = {column, classes};
  for (size_t i = 0; i < COUNT_OF(forms); i++) {
    char path[64];
    int32_t labels[N];
    ls_dataset *d = NULL;
    make_file(path, forms[i], 2);
    assert_int_equal(ls_dataset_open(&d, path), LS_OK);
    assert_int_equal(d->targets[0].classes, i == 0 ? 5 : 3);
    assert_int_equal(d->record_bytes, 4 + 4);
    assert_int_equal(ls_dataset_labels(d, LS_TRAIN, 0, labels), LS_OK);
    assert_memory_equal(labels, expected[i], sizeof labels);
    ls_dataset_free(&d);
    unlink(path);
  }
}

/* ---- What is wrong --------------------------------------------------------------------------- */

/* The file of up to three members is refused when it is opened, read or checked. */
static void expect_refused(const char *expected, const member *members, size_t count) {
  char path[64];
  make_file(path, members, count);
  ls_dataset *d = NULL;
  int status = ls_dataset_open(&d, path);
  if (status == LS_OK) {
    unsigned char *records = new_array(N, d->record_bytes);
    ls_part part = d->count[LS_TEST] > 0 ? LS_TEST : LS_TRAIN;
    status = ls_dataset_read(d, part, 0, N, records);
    assert_int_equal(ls_dataset_check_labels(d), status);
    free(records);
    ls_dataset_free(&d);
  }
  assert_int_equal(status, LS_INVALID);
  char message[256];
  snprintf(message, sizeof message, "%s: %s", path, expected);
  assert_string_equal(ls_error_message(), message);
  unlink(path);
}

static void refuses_parts(void **state) {
  (void)state;
  const member missing[] = {hour("train/y/hour"), minute("train/y/minute"), hour("test/y/hour")};
  expect_refused("/test/y/minute: is missing (expected the targets that /train has)", missing, 3);
  const member plain[] = {hour("train/y/hour"), hour("test/y")};
  expect_refused("/test/y/hour: is missing (expected the targets that /train has)", plain, 2);
  member other[] = {place("train/y"), minute("test/y")};
  expect_refused(
      "/test/y: is float64 [4] (expected samples like those of /train/y, which is float32 [4, 2])",
      other, 2);
  other[0] = hour("train/y");
  expect_refused(
      "/test/y: is float64 [4] (expected samples like those of /train/y, which is uint8 [4])",
      other, 2);
}

static void refuses_structure(void **state) {
  (void)state;
  member m = {"train/y/a", H5T_NATIVE_FLOAT, 3, {N, 1, 1}, NULL, 0};
  expect_refused(
      "/train/y/a: is float32 [4, 1, 1] (expected integer class labels [sample], one-hot labels "
      "[sample, class], or values [sample] or [sample, value])",
      &m, 1);
  m = (member){"train/y/a", H5T_NATIVE_FLOAT, 2, {N, 0}, NULL, 0};
  expect_refused("/train/y/a: has 0 values per sample (expected 1 to 16777216)", &m, 1);
  m = (member){"train/y/a", H5T_NATIVE_FLOAT, 1, {N + 1}, NULL, 0};
  expect_refused("/train/y/a: has 5 rows of values for 4 samples", &m, 1);
  m = (member){"train/y/a", H5T_STD_I32LE, 1, {N - 1}, NULL, 3};
  expect_refused("/train/y/a: has 3 labels for 4 samples", &m, 1);
}

static void refuses_names(void **state) {
  (void)state;
  member m = hour("train/y/input");
  expect_refused(
      "/train/y/input: is not a valid name of a target (expected up to 63 bytes, other than "
      "input)",
      &m, 1);
  char path[9][16];
  member many[9];
  for (int i = 0; i < 9; i++) {
    snprintf(path[i], sizeof path[i], "train/y/%d", i);
    many[i] = hour(path[i]);
  }
  expect_refused("/train/y: has more than 8 members", many, 9);
}

static void refuses_an_empty_group(void **state) {
  (void)state;
  char path[64];
  const member members[] = {hour("train/y/hour")};
  make_file(path, members, 1);
  hid_t file = H5Fopen(path, H5F_ACC_RDWR, H5P_DEFAULT);
  assert_true(H5Ldelete(file, "train/y/hour", H5P_DEFAULT) >= 0);
  ls_h5_close(&file);
  ls_dataset *d = NULL;
  assert_int_equal(ls_dataset_open(&d, path), LS_INVALID);
  assert_non_null(
      strstr(ls_error_message(), "/train/y: is empty (expected one dataset per target)"));
  unlink(path);
}

static void refuses_values(void **state) {
  (void)state;
  static const int32_t late[N] = {0, 1, 12, 0};
  static const double nan[N] = {0, NAN, 0, 0}, huge[N * 2] = {0, 0, 0, 0, 0, 0, 0, 1e300};
  member m[2] = {hour("train/y/hour"), minute("train/y/minute")};
  m[0].values = late;
  expect_refused("/train/y/hour: sample 2 has label 12 (expected 0 to 11)", m, 2);
  m[0].values = hours;
  m[1].values = nan;
  expect_refused("/train/y/minute: sample 1 holds a value that is not finite", m, 2);
  m[0] = place("train/y");
  m[1] = place("test/y");
  m[1].type = H5T_NATIVE_DOUBLE;
  m[1].values = huge; /* too large for a float */
  expect_refused("/test/y: sample 3 holds a value that is not finite", m, 2);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(several),
      cmocka_unit_test(only_values),
      cmocka_unit_test(forms_of_labels),
      cmocka_unit_test(refuses_parts),
      cmocka_unit_test(refuses_structure),
      cmocka_unit_test(refuses_names),
      cmocka_unit_test(refuses_an_empty_group),
      cmocka_unit_test(refuses_values),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
