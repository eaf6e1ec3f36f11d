/* Copying, changing and replacing a results file. */
#include "store/results/rewrite.h"

#include "base/paths.h"
#include "base/text.h"
#include "h5/h5.h"
#include "lockstep/error.h"
#include "store/results/lock.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static bool copy_bytes(FILE *in, FILE *out) {
  char buffer[1 << 16];
  for (size_t read; (read = fread(buffer, 1, sizeof buffer, in)) > 0;) {
    if (fwrite(buffer, 1, read, out) != read) return false;
  }
  return !ferror(in);
}

/* Copies content and permissions to a new file. */
static int copy_file(const char *from, const char *to) {
  struct stat info;
  int status = ls_check_regular_file(from, "a results file");
  if (status != LS_OK) return status;
  FILE *in = fopen(from, "rb"), *out = in ? ls_create_file(to) : NULL;
  bool copied = in && out && copy_bytes(in, out);
  if (copied && fstat(fileno(in), &info) == 0) copied = fchmod(fileno(out), info.st_mode) == 0;
  if (in) fclose(in);
  if (out && fclose(out) != 0) copied = false;
  return copied ? LS_OK : ls_fail(LS_FAILED, "%s: cannot copy to %s", from, to);
}

static int change_copy(const char *work, rewrite_change change, void *context) {
  hid_t file = -1;
  int status = ls_h5_open_writable(&file, work);
  if (status == LS_OK) status = change(file, context);
  int closed = ls_h5_close(&file);
  return status == LS_OK ? closed : status;
}

int rewrite_results(const char *path, const char *origin, const char *owner, rewrite_change change,
                    void *context) {
  ls_text name = {0};
  ls_text_add(&name, "%s.new", path); /* ours: the lock is held */
  char *work = ls_text_take(&name);
  if (!work) return LS_FAILED;
  int status = copy_file(origin, work);
  if (status == LS_OK) status = change_copy(work, change, context);
  if (status == LS_OK) status = lock_check(path, owner);
  if (status == LS_OK) status = ls_replace_file(work, path);
  if (status != LS_OK) unlink(work);
  free(work);
  return status;
}
