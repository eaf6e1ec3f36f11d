/* A temporary folder per test program, and files in it. */
#ifndef TEST_FOLDER_H
#define TEST_FOLDER_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <zlib.h>

static char folder[] = "/tmp/lockstep-test-XXXXXX";

static inline int make_folder(void **state) {
  (void)state;
  return mkdtemp(folder) ? 0 : -1;
}

static inline int remove_one(const char *path, const struct stat *info, int type,
                             struct FTW *walk) {
  (void)info, (void)type, (void)walk;
  return remove(path);
}

static inline int remove_folder(void **state) {
  (void)state;
  return nftw(folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

/* FOLDER/NAME, in a buffer that is valid for the next three calls. */
static inline const char *in_folder(const char *name) {
  static char paths[4][256];
  static size_t turn;
  char *path = paths[turn++ % 4];
  snprintf(path, sizeof paths[0], "%s/%s", folder, name);
  return path;
}

static inline const char *write_plain(const char *name, const uint8_t *bytes, size_t length) {
  const char *path = in_folder(name);
  FILE *file = fopen(path, "wb");
  assert_non_null(file);
  assert_int_equal(fwrite(bytes, 1, length, file), length);
  assert_int_equal(fclose(file), 0);
  return path;
}

static inline const char *write_gzip(const char *name, const uint8_t *bytes, size_t length) {
  const char *path = in_folder(name);
  gzFile file = gzopen(path, "wb");
  assert_non_null(file);
  if (length > 0) assert_int_equal(gzwrite(file, bytes, (unsigned)length), length);
  assert_int_equal(gzclose(file), Z_OK);
  return path;
}

#endif
