/* Files that are read from the start to the end, plain or gzip. */
#include "prepare/stream.h"

#include "base/paths.h"
#include "lockstep/error.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

/* zlib reads directories and missing files with poor messages, so the file is opened here. */
int gz_stream_open(gz_stream *stream, const char *path, const char *expected) {
  stream->path = path;
  int status = ls_check_regular_file(path, expected);
  if (status != LS_OK) return status;
  int file = open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) return ls_fail(LS_INVALID, "%s: cannot open: %s", path, strerror(errno));
  stream->file = gzdopen(file, "rb");
  if (stream->file) return LS_OK;
  close(file);
  return ls_fail(LS_FAILED, "%s: out of memory", path);
}

int gz_stream_read(gz_stream *stream, void *bytes, size_t size, size_t *got) {
  const size_t most = (size_t)1 << 30; /* gzread counts in int */
  *got = 0;
  while (*got < size) {
    size_t want = size - *got < most ? size - *got : most;
    int n = gzread(stream->file, (uint8_t *)bytes + *got, (unsigned)want);
    int code = Z_OK;
    const char *why = gzerror(stream->file, &code);
    if (n < 0 || code == Z_BUF_ERROR) {
      if (code == Z_BUF_ERROR) why = "the gzip data are cut off";
      if (code == Z_ERRNO) why = strerror(errno);
      if (code == Z_DATA_ERROR) {
        const char *reason = strstr(why, ": "); /* behind zlib's name of the file */
        return ls_fail(LS_INVALID, "%s: the gzip data are damaged (%s)", stream->path,
                       reason ? reason + 2 : why);
      }
      return ls_fail(LS_INVALID, "%s: cannot read: %s", stream->path, why);
    }
    if (n == 0) break;
    *got += (size_t)n;
  }
  return LS_OK;
}

int gz_stream_rewind(gz_stream *stream) {
  if (gzrewind(stream->file) == 0) return LS_OK;
  return ls_fail(LS_INVALID, "%s: cannot be read twice (expected a file, not a pipe)",
                 stream->path);
}

void gz_stream_close(gz_stream *stream) {
  if (stream->file) gzclose_r(stream->file);
  stream->file = NULL;
}
