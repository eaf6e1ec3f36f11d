/* Opening and reading dataset files: valid files are read unchanged, each error is named. */
#include "data/dataset.h"
#include "data/records.h"
#include "dataset_file.h"

#include <string.h>

enum { N = 3, SIZE = 6 };

static const uint8_t bytes[N * SIZE] = {0, 1, 2, 3, 4, 255, 9, 8, 7, 6, 5, 4, 0, 0, 1, 0, 0, 1};
static const float reals[N * SIZE] = {0, -1, 2.5f, 3, 1e30f, 5};
static const int32_t labels[N] = {0, 2, 1};

static const file_part good = {.name = "train",
                               .type = 0, /* set by `part`: HDF5 knows its types at run time only */
                               .rank = 3,
                               .extent = {N, 2, 3},
                               .x = bytes,
                               .label_count = N,
                               .labels = labels,
                               .classes = 3};

static file_part part(const char *name, hid_t type, const void *x) {
  file_part copy = good;
  copy.name = name;
  copy.type = type;
  copy.x = x;
  return copy;
}

/* Stores the inputs of the training part again, in chunks of two samples. */
static void store_in_chunks(const char *path) {
  const hsize_t extent[] = {N, 2, 3}, chunk[] = {2, 2, 3};
  hid_t file = H5Fopen(path, H5F_ACC_RDWR, H5P_DEFAULT);
  hid_t space = H5Screate_simple(3, extent, NULL), properties = H5Pcreate(H5P_DATASET_CREATE);
  assert_true(H5Ldelete(file, "train/x", H5P_DEFAULT) >= 0);
  assert_true(H5Pset_chunk(properties, 3, chunk) >= 0 && H5Pset_deflate(properties, 1) >= 0);
  hid_t dataset =
      H5Dcreate2(file, "train/x", H5T_NATIVE_UINT8, space, H5P_DEFAULT, properties, H5P_DEFAULT);
  assert_true(H5Dwrite(dataset, H5T_NATIVE_UINT8, H5S_ALL, H5S_ALL, H5P_DEFAULT, bytes) >= 0);
  H5Dclose(dataset);
  H5Pclose(properties);
  H5Sclose(space);
  ls_h5_close(&file);
}

/* Blocks end where chunks end, so that none is read and decompressed twice. */
static void reads_whole_chunks(void **state) {
  (void)state;
  char path[64];
  make_path(path);
  const file_part train = part("train", H5T_NATIVE_UINT8, bytes);
  write_dataset(path, &train, NULL);
  ls_dataset *dataset = NULL;
  assert_int_equal(ls_dataset_open(&dataset, path), LS_OK);
  assert_int_equal(dataset->chunk[LS_TRAIN], 0);
  const size_t block = ls_dataset_block(dataset, LS_TRAIN, 0);
  assert_true(block == ls_dataset_block(dataset, LS_TRAIN, 1) && block * 12 >= 4 << 20);
  ls_dataset_free(&dataset);
  store_in_chunks(path);
  assert_int_equal(ls_dataset_open(&dataset, path), LS_OK);
  assert_int_equal(dataset->chunk[LS_TRAIN], 2);
  assert_int_equal(ls_dataset_block(dataset, LS_TRAIN, 0), (block + 1) / 2 * 2);
  assert_int_equal(ls_dataset_block(dataset, LS_TRAIN, 1), (block + 1) / 2 * 2 - 1);
  unsigned char *records = new_array(N, dataset->record_bytes);
  assert_int_equal(ls_dataset_read(dataset, LS_TRAIN, 0, N, records), LS_OK);
  for (size_t i = 0; i < N; i++) {
    assert_memory_equal(records + i * dataset->record_bytes, bytes + i * SIZE, SIZE);
  }
  free(records);
  ls_dataset_free(&dataset);
  unlink(path);
}

static void set_scale(const char *path, double scale) {
  hid_t file = H5Fopen(path, H5F_ACC_RDWR, H5P_DEFAULT);
  assert_int_equal(ls_h5_set_values(file, "train/x", "scale", H5T_NATIVE_DOUBLE, 1, &scale), LS_OK);
  ls_h5_close(&file);
}

static void reads_bytes(void **state) {
  (void)state;
  char path[64];
  make_path(path);
  file_part train = part("train", H5T_NATIVE_UINT8, bytes);
  file_part test = part("test", H5T_NATIVE_UINT8, bytes);
  test.extent[0] = test.label_count = 2;
  test.classes = 0;
  write_dataset(path, &train, &test);
  ls_dataset *dataset = NULL;
  assert_int_equal(ls_dataset_open(&dataset, path), LS_OK);
  assert_true(dataset->bytes && dataset->target_count == 1);
  assert_true(dataset->targets[0].classes == 3 && *dataset->targets[0].name == '\0');
  assert_true(dataset->count[LS_TRAIN] == N && dataset->count[LS_TEST] == 2);
  assert_true(dataset->shape.rank == 3 && dataset->shape.extent[0] == 2);
  assert_int_equal(dataset->shape.extent[2], 1); /* the channel that images without have */
  assert_int_equal(dataset->input_bytes, SIZE);
  assert_int_equal(dataset->record_bytes, 12); /* rounded up for the label behind */

  unsigned char *records = new_array(2, dataset->record_bytes);
  assert_int_equal(ls_dataset_read(dataset, LS_TRAIN, 1, 2, records), LS_OK);
  for (size_t i = 0; i < 2; i++) {
    const unsigned char *record = records + i * dataset->record_bytes;
    ls_real x[SIZE];
    ls_dataset_decode(dataset, record, x);
    assert_int_equal(ls_dataset_label(dataset, record + dataset->targets_begin, 0), labels[1 + i]);
    for (size_t k = 0; k < SIZE; k++) {
      expect_near((double)x[k], bytes[(1 + i) * SIZE + k] / 255.0, 1e-7);
    }
  }
  free(records);
  ls_dataset_free(&dataset);
  assert_null(dataset);

  set_scale(path, 2);
  assert_int_equal(ls_dataset_open(&dataset, path), LS_OK);
  assert_true(dataset->scale == 2);
  ls_dataset_free(&dataset);
  unlink(path);
}

static void reads_reals(void **state) {
  (void)state;
  char path[64];
  make_path(path);
  file_part train = part("train", H5T_NATIVE_FLOAT, reals);
  write_dataset(path, &train, NULL);
  ls_dataset *dataset = NULL;
  assert_int_equal(ls_dataset_open(&dataset, path), LS_OK);
  assert_true(!dataset->bytes && dataset->scale == 1 && dataset->count[LS_TEST] == 0);
  unsigned char *records = new_array(N, dataset->record_bytes);
  assert_int_equal(ls_dataset_read(dataset, LS_TRAIN, 0, N, records), LS_OK);
  ls_real x[SIZE];
  ls_dataset_decode(dataset, records, x);
  for (size_t k = 0; k < SIZE; k++) assert_true(x[k] == (ls_real)reals[k]);
  free(records);
  ls_dataset_free(&dataset);
  unlink(path);
}

/* Enough samples for several reads: the second one must begin where the first ended. */
static void reads_long(void **state) {
  (void)state;
  enum { MANY = 5000, WIDTH = 1000 };
  char path[64];
  make_path(path);
  uint8_t *x = new_array(MANY, WIDTH);
  int32_t *y = new_array(MANY, sizeof *y);
  for (size_t i = 0; i < MANY; i++) {
    memset(x + i * WIDTH, (int)(i % 199), WIDTH);
    y[i] = (int32_t)(i % 7);
  }
  file_part train = {"train", H5T_NATIVE_UINT8, 2, {MANY, WIDTH}, x, MANY, y, 7};
  write_dataset(path, &train, NULL);
  ls_dataset *dataset = NULL;
  assert_int_equal(ls_dataset_open(&dataset, path), LS_OK);
  unsigned char *records = new_array(MANY, dataset->record_bytes);
  assert_int_equal(ls_dataset_read(dataset, LS_TRAIN, 0, MANY, records), LS_OK);
  for (size_t i = 0; i < MANY; i++) {
    const unsigned char *record = records + i * dataset->record_bytes;
    int32_t label;
    memcpy(&label, record + dataset->record_bytes - sizeof label, sizeof label);
    assert_memory_equal(record, x + i * WIDTH, WIDTH);
    assert_int_equal(label, y[i]);
  }
  free(records);
  free(x);
  free(y);
  ls_dataset_free(&dataset);
  unlink(path);
}

/* Opening the file, or else reading it, must fail with a message that contains `expected`. */
static void expect_refused(const char *path, const char *expected) {
  ls_dataset *dataset = NULL;
  int status = ls_dataset_open(&dataset, path);
  if (status == LS_OK) {
    size_t n = dataset->count[LS_TRAIN];
    unsigned char *records = new_array(n, dataset->record_bytes);
    status = ls_dataset_read(dataset, LS_TRAIN, 0, n, records);
    free(records);
    ls_dataset_free(&dataset);
  }
  assert_int_equal(status, LS_INVALID);
  assert_null(dataset);
  const char *message = ls_error_message();
  if (!strstr(message, expected)) fail_msg("'%s' lacks '%s'", message, expected);
  if (strncmp(message, path, strlen(path)) != 0) fail_msg("'%s' does not name the file", message);
}

static void expect_parts_refused(const file_part *train, const file_part *test,
                                 const char *expected) {
  char path[64];
  make_path(path);
  write_dataset(path, train, test);
  expect_refused(path, expected);
  unlink(path);
}

static void refuses_inputs(void **state) {
  (void)state;
  file_part p = part("train", H5T_C_S1, NULL);
  expect_parts_refused(&p, NULL, "/train/x: is text [3, 2, 3] (expected numbers [sample, ...] of");
  p = part("train", H5T_NATIVE_UINT8, NULL);
  p.rank = 1;
  expect_parts_refused(&p, NULL, "/train/x: is uint8 [3] (expected numbers [sample, ...] of 2 to");
  p = (file_part){"train", H5T_NATIVE_UINT8, 6, {N, 1, 1, 1, 1, 1}, NULL, N, labels, 3};
  expect_parts_refused(&p, NULL, "/train/x: is uint8 [3, 1, 1, 1, 1, 1] (expected");
  p = (file_part){"train", H5T_NATIVE_UINT8, 2, {N, 0}, NULL, N, labels, 3};
  expect_parts_refused(&p, NULL,
                       "/train/x: is uint8 [3, 0] (expected samples that are neither empty");
  p = (file_part){"train", H5T_NATIVE_UINT8, 2, {0, 4}, NULL, 0, NULL, 3};
  expect_parts_refused(&p, NULL, "/train/x: is uint8 [0, 4] (expected 1 to 2147483647 samples)");
}

static void refuses_labels(void **state) {
  (void)state;
  static const int32_t too_large[N] = {0, 2, 3}, negative[N] = {0, -1, 2};
  file_part p = part("train", H5T_NATIVE_UINT8, bytes);
  p.label_count = N + 1;
  p.labels = NULL;
  expect_parts_refused(&p, NULL, "/train/y: has 4 labels for 3 samples");
  p = part("train", H5T_NATIVE_UINT8, bytes);
  p.labels = too_large;
  expect_parts_refused(&p, NULL, "/train/y: sample 2 has label 3 (expected 0 to 2)");
  p.labels = negative;
  expect_parts_refused(&p, NULL, "/train/y: sample 1 has label -1 (expected 0 to 2)");
  p.labels = labels;
  p.classes = 2.5;
  expect_parts_refused(&p, NULL, "/train/y: has 2.5 classes");
  p.classes = -1;
  expect_parts_refused(&p, NULL, "/train/y: has -1 classes");
}

static void refuses_other_parts(void **state) {
  (void)state;
  file_part train = part("train", H5T_NATIVE_UINT8, bytes);
  file_part test = part("test", H5T_NATIVE_FLOAT, reals);
  expect_parts_refused(&train, &test,
                       "/test/x: is float32 [3, 2, 3] (expected samples like those of /train/x");
  test = part("test", H5T_NATIVE_UINT8, bytes);
  test.extent[1] = 3;
  test.extent[2] = 2;
  expect_parts_refused(&train, &test,
                       "/test/x: is uint8 [3, 3, 2] (expected samples like those of /train/x");
  test.name = "other";
  expect_parts_refused(&test, NULL, "is not a dataset: it has neither /train/x nor /test/x");
}

static void refuses_values(void **state) {
  (void)state;
  static const double scales[] = {0, NAN, INFINITY};
  float broken[N * SIZE] = {0};
  file_part p = part("train", H5T_NATIVE_FLOAT, broken);
  broken[SIZE + 2] = NAN;
  expect_parts_refused(&p, NULL, "/train/x: sample 1 holds a value that is not finite");
  broken[SIZE + 2] = 0;
  broken[3 * SIZE - 1] = -INFINITY;
  expect_parts_refused(&p, NULL, "/train/x: sample 2 holds a value that is not finite");
  char path[64];
  make_path(path);
  p = part("train", H5T_NATIVE_UINT8, bytes);
  write_dataset(path, &p, NULL);
  for (size_t i = 0; i < COUNT_OF(scales); i++) {
    set_scale(path, scales[i]);
    expect_refused(path, "/train/x: its scale is");
  }
  unlink(path);
}

/* Members that are missing or of a wrong kind. */
static void refuses_structure(void **state) {
  (void)state;
  static const hsize_t extent[3] = {N, 4, 2};
  char path[64];
  make_path(path);
  hid_t file = -1, group = -1;
  assert_int_equal(ls_h5_create(&file, path), LS_OK);
  assert_int_equal(ls_h5_create_group(&group, file, "train"), LS_OK);
  ls_h5_close(&file);
  ls_h5_close(&group);
  expect_refused(path, "train/x: cannot open the dataset");
  assert_int_equal(ls_h5_create(&file, path), LS_OK);
  assert_int_equal(ls_h5_create_group(&group, file, "train"), LS_OK);
  assert_int_equal(ls_h5_create_dataset(group, "x", H5T_NATIVE_UINT8, 2, extent, NULL), LS_OK);
  assert_int_equal(ls_h5_create_dataset(group, "y", H5T_NATIVE_FLOAT, 3, extent, NULL), LS_OK);
  ls_h5_close(&group);
  ls_h5_close(&file);
  expect_refused(path, "/train/y: is float32 [3, 4, 2] (expected integer class labels [sample]");
  unlink(path);
}

static void refuses_files(void **state) {
  (void)state;
  char path[64];
  make_path(path);
  expect_refused(path, ""); /* empty */
  FILE *file = fopen(path, "w");
  for (int i = 0; i < 1000; i++) fputs("this is no HDF5 file\n", file);
  fclose(file);
  expect_refused(path, "cannot open");
  file_part p = part("train", H5T_NATIVE_UINT8, bytes);
  write_dataset(path, &p, NULL);
  assert_int_equal(truncate(path, 500), 0);
  expect_refused(path, "cannot open");
  unlink(path);
  expect_refused(path, "No such file");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(reads_whole_chunks),  cmocka_unit_test(reads_bytes),
      cmocka_unit_test(reads_reals),         cmocka_unit_test(reads_long),
      cmocka_unit_test(refuses_inputs),      cmocka_unit_test(refuses_labels),
      cmocka_unit_test(refuses_other_parts), cmocka_unit_test(refuses_values),
      cmocka_unit_test(refuses_structure),   cmocka_unit_test(refuses_files),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
