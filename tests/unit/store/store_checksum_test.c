/* The checksum header: a file cut short anywhere, or with any bit changed, is refused with the
 * reason. */
#include "unit.h"

#include "store/checkpoint/checksum.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { CONTENT = 3000, SIZE = CHECKSUM_BYTES + CONTENT };

static char path[64], whole[SIZE];

static void put(const char *bytes, size_t size) {
  FILE *file = fopen(path, "wb");
  assert_non_null(file);
  assert_int_equal(fwrite(bytes, 1, size, file), size);
  assert_int_equal(fclose(file), 0);
}

static void expect(const char *complaint) {
  ls_error_clear();
  assert_int_equal(checksum_verify(path), LS_INVALID);
  if (!strstr(ls_error_message(), complaint)) {
    fail_msg("'%s' (expected '%s')", ls_error_message(), complaint);
  }
}

static int make_file(void **state) {
  (void)state;
  snprintf(path, sizeof path, "/tmp/lockstep-checksum-XXXXXX");
  int made = mkstemp(path);
  if (made < 0 || close(made) != 0) return -1;
  for (size_t i = 0; i < SIZE; i++) whole[i] = (char)(i * i >> 3);
  put(whole, SIZE);
  if (checksum_write(path) != LS_OK) return -1;
  FILE *file = fopen(path, "rb");
  size_t got = file ? fread(whole, 1, SIZE, file) : 0;
  if (file) fclose(file);
  return got == SIZE ? 0 : -1;
}

static int remove_file(void **state) {
  (void)state;
  return unlink(path);
}

static void unchanged(void **state) {
  (void)state;
  put(whole, SIZE);
  assert_int_equal(checksum_verify(path), LS_OK);
}

static void cut_short(void **state) {
  (void)state;
  for (size_t size = 0; size < SIZE; size += 64) {
    put(whole, size);
    expect(size == 0 ? "is not a checkpoint" : "is incomplete");
  }
  char longer[SIZE + 1];
  memcpy(longer, whole, SIZE);
  longer[SIZE] = 0;
  put(longer, sizeof longer);
  expect("is incomplete: 3513 bytes (expected 3512)");
}

static void changed_bits(void **state) {
  (void)state;
  char changed[SIZE];
  for (size_t i = 0; i < SIZE; i += i < 128 ? 1 : 37) {
    memcpy(changed, whole, SIZE);
    changed[i] ^= (char)(1 << i % 8);
    put(changed, SIZE);
    assert_int_equal(checksum_verify(path), LS_INVALID);
    if (i >= CHECKSUM_BYTES) expect("is damaged: its content does not match its checksum");
  }
}

static void others(void **state) {
  (void)state;
  char changed[SIZE];
  memcpy(changed, whole, SIZE);
  memcpy(changed, "\211HDF", 4);
  put(changed, SIZE);
  expect("is not a checkpoint (expected a file written by a run)");
  memcpy(changed, whole, SIZE);
  *strchr(changed, '1') = '9';
  put(changed, SIZE);
  expect("was written by a newer version of the program (its format is 9, expected at most 1)");
  assert_int_equal(checksum_verify("/no/such/file.h5"), LS_INVALID);
  assert_int_equal(checksum_write("/no/such/file.h5"), LS_FAILED);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(unchanged), cmocka_unit_test(cut_short),
                                     cmocka_unit_test(changed_bits), cmocka_unit_test(others)};
  return cmocka_run_group_tests(tests, make_file, remove_file);
}
