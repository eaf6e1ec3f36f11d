/* Copying, changing and replacing a results file. */
#include "store/results/rewrite.h"

#include "base/paths.h"
#include "base/text.h"
#include "h5/h5.h"
#include "lockstep/error.h"
#include "store/results/copy.h"
#include "store/results/lock.h"

#include <stdlib.h>
#include <unistd.h>

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
  int status = copy_file(origin, work, "a results file");
  if (status == LS_OK) status = change_copy(work, change, context);
  if (status == LS_OK) status = lock_check(path, owner);
  if (status == LS_OK) status = ls_replace_file(work, path);
  if (status != LS_OK) unlink(work);
  free(work);
  return status;
}
