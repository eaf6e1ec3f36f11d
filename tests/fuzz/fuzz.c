/* Requirements, and temporary files. */
#include "fuzz.h"

#include "lockstep/error.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void require(int holds, const char *what) {
  if (holds) return;
  fprintf(stderr, "fuzz: required, but not so: %s\nlast message: %s\n", what, ls_error_message());
  abort();
}

void require_outcome(int status) {
  require(status == LS_OK || status == LS_INVALID || status == LS_FAILED, "a status");
  require(status == LS_OK || *ls_error_message(), "a message with every error");
  for (const char *c = ls_error_message(); status != LS_OK && *c; c++) {
    require((unsigned char)*c >= ' ' && *c != 0x7f, "no control characters in messages");
  }
  ls_error_clear();
}

static char paths[2][256];

static void remove_files(void) {
  for (int i = 0; i < 2; i++) unlink(paths[i]);
}

const char *file_path(int number) {
  char *path = paths[number];
  if (*path) return path;
  static int first = 1;
  if (first) atexit(remove_files);
  first = 0;
  const char *folder = getenv("TMPDIR");
  snprintf(path, sizeof paths[number], "%s/lockstep-fuzz-XXXXXX", folder ? folder : "/tmp");
  int file = mkostemp(path, O_CLOEXEC);
  require(file >= 0, "a temporary file");
  close(file);
  return path;
}

void put_file(int number, const void *data, size_t size) {
  int file = open(file_path(number), O_WRONLY | O_TRUNC | O_CLOEXEC);
  require(file >= 0, "an empty file");
  require(write(file, data, size) == (ssize_t)size, "a file of that size");
  close(file);
}

size_t take_file(int number, void *data, size_t room) {
  FILE *file = fopen(file_path(number), "rb");
  size_t size = file ? fread(data, 1, room, file) : 0;
  require(size > 0 && size < room, "a file that fits");
  fclose(file);
  return size;
}
