/* Byte by byte: the copy is independent of the file on any file system. */
#include "store/results/copy.h"

#include "base/activity.h"
#include "base/paths.h"
#include "lockstep/error.h"

#include <stdbool.h>
#include <stdio.h>
#include <sys/stat.h>

static bool copy_bytes(FILE *in, FILE *out) {
  char buffer[1 << 16];
  for (size_t read; (read = fread(buffer, 1, sizeof buffer, in)) > 0;) {
    if (fwrite(buffer, 1, read, out) != read) return false;
    ls_activity_progress();
  }
  return !ferror(in);
}

int copy_file(const char *from, const char *to, const char *expected) {
  struct stat info;
  int status = ls_check_regular_file(from, expected);
  if (status != LS_OK) return status;
  FILE *in = fopen(from, "rb"), *out = in ? ls_create_file(to) : NULL;
  bool copied = in && out && copy_bytes(in, out);
  if (copied && fstat(fileno(in), &info) == 0) copied = fchmod(fileno(out), info.st_mode) == 0;
  if (in) fclose(in);
  if (out && fclose(out) != 0) copied = false;
  return copied ? LS_OK : ls_fail(LS_FAILED, "%s: cannot copy to %s", from, to);
}
