/* Files that are read from the start to the end, plain or gzip, recognised by content. Local. */
#ifndef LS_PREPARE_STREAM_H
#define LS_PREPARE_STREAM_H

#include <stddef.h>
#include <zlib.h>

/* Start from {0}. */
typedef struct gz_stream {
  const char *path; /* borrowed */
  gzFile file;
} gz_stream;

/* Opens a file; `expected` is what it should be, for messages: "an IDX file". */
int gz_stream_open(gz_stream *stream, const char *path, const char *expected);

/* Reads up to `size` bytes; fewer, in `got`, only at a sound end of the file. LS_INVALID if a gzip
 * stream is cut off or fails its checksum. */
int gz_stream_read(gz_stream *stream, void *bytes, size_t size, size_t *got);

int gz_stream_rewind(gz_stream *stream);
void gz_stream_close(gz_stream *stream);

#endif
