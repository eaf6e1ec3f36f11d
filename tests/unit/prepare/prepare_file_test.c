/* Dataset files: what the writer wrote, and that it leaves nothing else behind. */
#include "folder.h"
#include "h5/h5.h"
#include "lockstep/error.h"
#include "prepare/prepare.h"
#include "prepare/writer.h"

#include <dirent.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>

static uint8_t train_pixels[] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 255};
static uint8_t train_labels[] = {2, 0};
static uint8_t test_pixels[] = {9, 8, 7, 6, 5, 4};
static uint8_t test_labels[] = {1};
static const ls_image_set train = {2, 3, 2, 1, train_pixels, train_labels};
static const ls_image_set test = {1, 3, 2, 1, test_pixels, test_labels};
static const char *const names[] = {"cat", "dog", "Känguru"};

static ls_dataset_content content_of(const ls_image_set *a, const ls_image_set *b) {
  return (ls_dataset_content){.title = "Animals",
                              .source = "by hand",
                              .history = "lockstep data",
                              .class_names = names,
                              .class_count = 3,
                              .train = a,
                              .test = b};
}

static void assert_text(hid_t file, const char *attribute, const char *expected) {
  char *text = NULL;
  assert_int_equal(ls_h5_get_text(file, ".", attribute, &text), LS_OK);
  assert_string_equal(text, expected);
  free(text);
}

static void assert_set(hid_t file, const char *group_name, const ls_image_set *set) {
  hid_t group = -1;
  assert_int_equal(ls_h5_open_group(&group, file, group_name), LS_OK);
  ls_h5_shape shape;
  assert_int_equal(ls_h5_describe(group, "x", &shape), LS_OK);
  const hsize_t extent[] = {set->count, set->height, set->width, set->channels};
  assert_int_equal(shape.rank, 4);
  assert_memory_equal(shape.extent, extent, sizeof extent);
  assert_true(shape.class_id == H5T_INTEGER && shape.item_size == 1 && !shape.is_signed);
  uint8_t pixels[sizeof train_pixels], labels[sizeof train_labels];
  assert_int_equal(ls_h5_read(group, "x", H5T_NATIVE_UINT8, pixels), LS_OK);
  assert_memory_equal(pixels, set->pixels, set->count * 6);
  assert_int_equal(ls_h5_read(group, "y", H5T_NATIVE_UINT8, labels), LS_OK);
  assert_memory_equal(labels, set->labels, set->count);
  double number = 0;
  assert_int_equal(ls_h5_get_number(group, "x", "scale", &number), LS_OK);
  assert_true(number == 1.0 / 255);
  assert_int_equal(ls_h5_get_number(group, "y", "class_count", &number), LS_OK);
  assert_true(number == 3);
  assert_true(ls_h5_has_attribute(group, "y", "class_names"));
  ls_h5_close(&group);
}

static size_t count_files(void) {
  size_t count = 0;
  DIR *listing = opendir(folder);
  for (struct dirent *entry; (entry = readdir(listing));) count += entry->d_name[0] != '.';
  closedir(listing);
  return count;
}

static void test_read_back(void **state) {
  (void)state;
  const ls_dataset_content content = content_of(&train, &test);
  const char *path = in_folder("animals.h5");
  assert_int_equal(ls_writer_save(path, &content), LS_OK);
  assert_int_equal(count_files(), 1);
  hid_t file = -1;
  assert_int_equal(ls_h5_open(&file, path), LS_OK);
  assert_text(file, "title", "Animals");
  assert_text(file, "source", "by hand");
  assert_set(file, "train", &train);
  assert_set(file, "test", &test);
  ls_h5_close(&file);
  char *history = NULL;
  assert_int_equal(ls_prepare_history(&history, path), LS_OK);
  assert_string_equal(history, "lockstep data");
  free(history);

  const ls_image_set none = {0};
  const ls_dataset_content without_test = content_of(&train, &none);
  assert_int_equal(ls_writer_save(path, &without_test), LS_OK); /* in the place of the first */
  assert_int_equal(count_files(), 1);
  assert_int_equal(ls_h5_open(&file, path), LS_OK);
  assert_set(file, "train", &train);
  assert_false(ls_h5_has(file, "test"));
  ls_h5_close(&file);
  assert_int_equal(remove(path), 0);
}

static void expect_failure(const char *path, const ls_dataset_content *content, int status,
                           const char *words) {
  assert_int_equal(ls_writer_save(path, content), status);
  if (!strstr(ls_error_message(), words)) fail_msg("%s", ls_error_message());
  assert_int_equal(count_files(), 0);
}

static void test_refusals(void **state) {
  (void)state;
  const char *path = in_folder("bad.h5");
  const ls_image_set wide = {1, 2, 3, 1, test_pixels, test_labels};
  ls_dataset_content content = content_of(&train, &wide);
  expect_failure(path, &content, LS_INVALID, "test images are 2 x 3 x 1 (expected 3 x 2 x 1");
  content = content_of(&train, &test);
  content.class_count = 2;
  expect_failure(path, &content, LS_INVALID, "there is a label 2 (expected 0 to 1)");
  content = content_of(&train, &test);
  expect_failure(in_folder("nowhere/bad.h5"), &content, LS_FAILED,
                 "bad.h5: cannot create: No such");
}

/* A write that fails in the middle leaves the earlier file as it was. */
static void test_no_room(void **state) {
  (void)state;
  const char *path = in_folder("digits.h5");
  assert_int_equal(ls_prepare_digits(path, "first", 1, 20, 10), LS_OK);
  const struct rlimit small = {65536, RLIM_INFINITY};
  struct rlimit before;
  getrlimit(RLIMIT_FSIZE, &before);
  signal(SIGXFSZ, SIG_IGN);
  setrlimit(RLIMIT_FSIZE, &small);
  int status = ls_prepare_digits(path, "second", 1, 2000, 10);
  setrlimit(RLIMIT_FSIZE, &before);
  assert_int_equal(status, LS_FAILED);
  assert_int_equal(count_files(), 1);
  char *history = NULL;
  assert_int_equal(ls_prepare_history(&history, path), LS_OK);
  assert_string_equal(history, "first");
  free(history);
  assert_int_equal(remove(path), 0);
}

static void test_unknown_name(void **state) {
  (void)state;
  assert_int_equal(ls_prepare_published(in_folder("x.h5"), "", "fashion_minst"), LS_INVALID);
  assert_non_null(strstr(ls_error_message(), "did you mean 'fashion_mnist'?"));
  assert_int_equal(ls_prepare_published(in_folder("x.h5"), "", "imagenet"), LS_INVALID);
  assert_non_null(strstr(ls_error_message(), "expected mnist, fashion_mnist, digits, clock, "));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_read_back),
      cmocka_unit_test(test_refusals),
      cmocka_unit_test(test_no_room),
      cmocka_unit_test(test_unknown_name),
  };
  return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
