/* IDX files, good and bad, plain and gzip. */
#include "folder.h"
#include "lockstep/error.h"
#include "prepare/idx.h"

#include <string.h>
#include <sys/stat.h>

/* Two images of 2 x 3 pixels, the same with two channels, and labels for them. */
static const uint8_t images[] = {0, 0, 8, 3, 0, 0, 0, 2, 0,  0,  0,  2,  0,  0,
                                 0, 3, 1, 2, 3, 4, 5, 6, 70, 80, 90, 10, 11, 255};
static const uint8_t coloured[] = {0, 0, 8, 4, 0, 0, 0, 1, 0, 0, 0, 1, 0,
                                   0, 0, 3, 0, 0, 0, 2, 1, 2, 3, 4, 5, 6};
static const uint8_t labels[] = {0, 0, 8, 1, 0, 0, 0, 2, 7, 3};

static int read_files(ls_image_set *set, const char *x, const char *y) {
  return ls_idx_read(set, (ls_idx_file){.path = x}, (ls_idx_file){.path = y});
}

static void test_good(void **state) {
  (void)state;
  for (int zipped = 0; zipped < 2; zipped++) {
    const char *(*store)(const char *, const uint8_t *, size_t) = zipped ? write_gzip : write_plain;
    const char *x = store("x", images, sizeof images), *y = store("y", labels, sizeof labels);
    ls_image_set set;
    assert_int_equal(read_files(&set, x, y), LS_OK);
    assert_int_equal(set.count, 2);
    assert_int_equal(set.height, 2);
    assert_int_equal(set.width, 3);
    assert_int_equal(set.channels, 1);
    assert_memory_equal(set.pixels, images + 16, 12);
    assert_memory_equal(set.labels, labels + 8, 2);
    assert_int_equal(ls_image_set_classes(&set), 8);
    ls_image_set_clear(&set);
    assert_null(set.pixels);
  }
}

static void test_channels(void **state) {
  (void)state;
  static const uint8_t one[] = {0, 0, 8, 1, 0, 0, 0, 1, 0};
  const char *x = write_plain("x", coloured, sizeof coloured),
             *y = write_plain("y", one, sizeof one);
  ls_image_set set;
  assert_int_equal(read_files(&set, x, y), LS_OK);
  assert_int_equal(set.height, 1);
  assert_int_equal(set.width, 3);
  assert_int_equal(set.channels, 2);
  assert_int_equal(ls_image_set_classes(&set), 2); /* never fewer */
  ls_image_set_clear(&set);
}

/* Longer than one step of the growing buffer. */
static void test_large(void **state) {
  (void)state;
  enum { SIDE = 2000, SIZE = 16 + SIDE * SIDE };
  uint8_t *file = calloc(SIZE, 1);
  static const uint8_t header[] = {0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 7, 0xd0, 0, 0, 7, 0xd0};
  static const uint8_t one[] = {0, 0, 8, 1, 0, 0, 0, 1, 4};
  memcpy(file, header, sizeof header);
  for (size_t i = 16; i < SIZE; i++) file[i] = (uint8_t)(i * 7 + i / 256);
  const char *x = write_gzip("x", file, SIZE), *y = write_plain("y", one, sizeof one);
  ls_image_set set;
  assert_int_equal(read_files(&set, x, y), LS_OK);
  assert_memory_equal(set.pixels, file + 16, SIZE - 16);
  ls_image_set_clear(&set);
  free(file);
}

/* Reading `x` as images fails with a message that names it and contains `words`, in one line. */
static void expect_refusal(const char *x, const char *y, const char *named, const char *words) {
  ls_image_set set;
  ls_error_clear();
  assert_int_equal(read_files(&set, x, y), LS_INVALID);
  assert_null(set.pixels);
  assert_null(set.labels);
  const char *message = ls_error_message();
  if (strncmp(message, named, strlen(named)) != 0 || !strstr(message, words)) {
    fail_msg("'%s' (expected '%s' and '%s')", message, named, words);
  }
  assert_null(strchr(message, '\n'));
}

static void test_bad_content(void **state) {
  (void)state;
  static const struct {
    size_t length;
    uint8_t bytes[32];
    const char *words;
  } cases[] = {
      {0, {0}, "is empty"},
      {3, {0, 0, 8}, "only 3 bytes"},
      {20, "\x89PNG\r\n\x1a\n, a picture", "begins with 89 50 4e 47 (expected 00 00 08"},
      {16, {0, 0, 7, 3, 0, 0, 0, 1, 0, 0, 0, 1}, "is not an IDX file"},
      {17, {3, 8, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1}, "swapped byte order"},
      {17, {0, 0, 9, 3, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 1}, "holds signed bytes"},
      {20, {0, 0, 13, 3, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1}, "holds 32-bit reals"},
      {10, {0, 0, 8, 1, 0, 0, 0, 2, 7, 3}, "has 1 dimensions (expected images"},
      {4, {0, 0, 8, 0}, "has 0 dimensions"},
      {4, {0, 0, 8, 255}, "has 255 dimensions"},
      {16, {0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 3}, "dimension 2 has size 0"},
      {16, {0, 0, 8, 3, 0, 0, 0, 2, 0, 1, 0, 0, 0, 4, 0, 0}, "promises more than 16 GiB"},
      {20,
       {0, 0, 8, 4, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 0, 0, 0, 2},
       "promises more than 16 GiB"},
      {14, {0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0}, "ends within its header"},
      {21,
       {0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 3},
       "ends after 5 bytes of data (expected 6)"},
      {16, {0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0xff, 0xff, 0, 0, 0xff, 0xff}, "ends after 0 bytes"},
      {23, {0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 3}, "goes on after its 6 bytes"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    const char *y = write_plain("y", labels, sizeof labels);
    const char *x = write_plain("x", cases[i].bytes, cases[i].length);
    expect_refusal(x, y, x, cases[i].words);
    x = write_gzip("x", cases[i].bytes, cases[i].length);
    expect_refusal(x, y, x, cases[i].words);
  }
}

static void test_count_mismatch(void **state) {
  (void)state;
  static const uint8_t three[] = {0, 0, 8, 1, 0, 0, 0, 3, 7, 3, 1};
  const char *x = write_plain("x", images, sizeof images);
  const char *y = write_plain("y", three, sizeof three);
  expect_refusal(x, y, y, "has 3 labels (expected 2: the images of");
  expect_refusal(x, x, x, "has 3 dimensions (expected labels");
}

static void test_unreadable(void **state) {
  (void)state;
  const char *x = in_folder("missing"), *y = write_plain("y", labels, sizeof labels);
  expect_refusal(x, y, x, "No such file");
  expect_refusal(folder, y, folder, "is a folder");
}

/* Cuts the gzip file off, or flips a bit of it, at every place: it must never be taken for good,
 * except that the time and the system noted in its header don't matter. */
static void test_damaged_gzip(void **state) {
  (void)state;
  uint8_t bytes[256];
  FILE *file = fopen(write_gzip("x", images, sizeof images), "rb");
  size_t length = fread(bytes, 1, sizeof bytes, file);
  fclose(file);
  const char *y = write_plain("y", labels, sizeof labels);
  for (size_t keep = 0; keep < length; keep++) {
    const char *x = write_plain("cut", bytes, keep);
    expect_refusal(x, y, x, "");
  }
  for (size_t at = 0; at < length; at++) {
    if (at >= 4 && at < 10) continue;
    bytes[at] ^= 0x10;
    const char *x = write_plain("flipped", bytes, length);
    expect_refusal(x, y, x, "");
    bytes[at] ^= 0x10;
  }
  expect_refusal(write_plain("cut", bytes, length - 3), y, in_folder("cut"), "cut off");
  bytes[length - 6] ^= 1;
  expect_refusal(write_plain("crc", bytes, length), y, in_folder("crc"), "incorrect data check");
}

static void test_checksum(void **state) {
  (void)state;
  const char *x = write_gzip("x", images, sizeof images);
  const char *y = write_plain("y", labels, sizeof labels);
  XXH128_hash_t right = XXH3_128bits(images, sizeof images), wrong = {1, 2};
  ls_image_set set;
  assert_int_equal(ls_idx_read(&set, (ls_idx_file){x, right}, (ls_idx_file){.path = y}), LS_OK);
  ls_image_set_clear(&set);
  int status = ls_idx_read(&set, (ls_idx_file){x, wrong}, (ls_idx_file){.path = y});
  assert_int_equal(status, LS_INVALID);
  assert_non_null(strstr(ls_error_message(), "is not the published file"));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_good),           cmocka_unit_test(test_channels),
      cmocka_unit_test(test_large),          cmocka_unit_test(test_bad_content),
      cmocka_unit_test(test_count_mismatch), cmocka_unit_test(test_unreadable),
      cmocka_unit_test(test_damaged_gzip),   cmocka_unit_test(test_checksum),
  };
  return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
