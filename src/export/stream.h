/* A file, or standard output, that is written piece by piece: memory does not grow with the number
 * of trials, and the file appears under its name when it is complete. Local. */
#ifndef LS_EXPORT_STREAM_H
#define LS_EXPORT_STREAM_H

#include "base/text.h"

#include <stdio.h>

typedef struct export_stream {
  ls_text text; /* append here, then call export_stream_flush */
  const char *path;
  char *temporary;
  FILE *file;
} export_stream;

/* Opens a stream to a file, which replaces one of that name, or to standard output (NULL). The path
 * is borrowed. */
int export_stream_open(export_stream *out, const char *path);

/* Writes the text once enough of it has been appended; to be called after each line. */
int export_stream_flush(export_stream *stream);

/* Writes the rest and, if `status` is LS_OK, puts the file in its place; else removes it. Returns
 * the first failure. */
int export_stream_close(export_stream *stream, int status);

#endif
