/* Files written piece by piece. */
#include "base/text_file.h"

#include "base/memory.h"
#include "base/paths.h"
#include "lockstep/error.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PIECE = 1 << 16 }; /* bytes */

static int fail_writing(const ls_text_file *s) {
  return ls_fail(LS_FAILED, "%s: cannot write: %s", s->path ? s->path : "standard output",
                 strerror(errno));
}

int ls_text_file_open(ls_text_file *out, const char *path, FILE *standard) {
  *out = (ls_text_file){.path = path, .file = standard};
  if (!path) return LS_OK;
  out->file = NULL;
  int status = ls_make_temporary(&out->temporary, path);
  if (status != LS_OK) return status;
  out->file = ls_create_file(out->temporary);
  return out->file ? LS_OK : LS_FAILED;
}

int ls_text_file_write(ls_text_file *s) {
  if (s->text.failed) {
    free(ls_text_take(&s->text)); /* records the error */
    return LS_FAILED;
  }
  size_t length = s->text.length;
  if (length > 0 && fwrite(s->text.data, 1, length, s->file) != length) return fail_writing(s);
  s->text.length = 0;
  return LS_OK;
}

int ls_text_file_flush(ls_text_file *s) {
  return s->text.length < PIECE && !s->text.failed ? LS_OK : ls_text_file_write(s);
}

int ls_text_file_close(ls_text_file *s, int status) {
  if (status == LS_OK) status = ls_text_file_write(s);
  if (s->path && s->file && fclose(s->file) != 0 && status == LS_OK) status = fail_writing(s);
  if (s->temporary && status == LS_OK) status = ls_replace_file(s->temporary, s->path);
  if (s->temporary && status != LS_OK) unlink(s->temporary);
  free(s->temporary);
  ls_text_free(&s->text);
  *s = (ls_text_file){0};
  return status;
}
