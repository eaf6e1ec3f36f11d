/* Flushing and renaming, and the second name of the old file. */
#include "store/checkpoint/replacement.h"

#include "base/paths.h"
#include "lockstep/error.h"
#include "store/checkpoint/checksum.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int flush(void *context) {
  const replacement *r = context;
  int file = open(r->unfinished, O_RDONLY | O_CLOEXEC);
  int error = file < 0 || fsync(file) != 0 ? errno : 0;
  if (file >= 0) close(file);
  return error;
}

/* Links the old file to its second name, so that one of them exists at any time. This removes the
 * file before it, which takes as long as the disk needs to free its blocks. */
static int keep_previous(void *context) {
  const replacement *r = context;
  if (access(r->path, F_OK) != 0) return 0;
  unlink(r->previous);
  return link(r->path, r->previous) == 0 || rename(r->path, r->previous) == 0 ? 0 : errno;
}

int replacement_begin(replacement *r) {
  return ls_task_begin(&r->flushing, flush, r);
}

int replacement_finish(replacement *r) {
  int status = r->previous ? ls_task_begin(&r->keeping, keep_previous, r) : LS_OK;
  if (status == LS_OK) status = checksum_write(r->unfinished);
  int error = ls_task_end(&r->keeping);
  if (status == LS_OK && error != 0) {
    status =
        ls_fail(LS_FAILED, "%s: cannot keep it as %s: %s", r->path, r->previous, strerror(error));
  }
  error = ls_task_end(&r->flushing);
  if (status == LS_OK && error != 0) {
    status = ls_fail(LS_FAILED, "%s: cannot write to disk: %s", r->unfinished, strerror(error));
  }
  return status == LS_OK ? ls_replace_file(r->unfinished, r->path) : status;
}

void replacement_end(replacement *r) {
  ls_task_end(&r->keeping);
  ls_task_end(&r->flushing);
}
