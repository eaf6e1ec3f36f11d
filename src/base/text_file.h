/* A file, or standard output, that is written piece by piece: memory does not grow with the number
 * of trials, and the file appears under its name when it is complete. Local. */
#ifndef LS_BASE_TEXT_FILE_H
#define LS_BASE_TEXT_FILE_H

#include "base/text.h"

#include <stdio.h>

typedef struct ls_text_file {
  ls_text text; /* append here, then call ls_text_file_flush */
  const char *path;
  char *temporary;
  FILE *file;
} ls_text_file;

/* Opens a stream to a file, which replaces one of that name, or to standard output (NULL). The path
 * is borrowed. */
int ls_text_file_open(ls_text_file *out, const char *path);

/* Writes the text once enough of it has been appended; to be called after each line. */
int ls_text_file_flush(ls_text_file *stream);

/* Writes the rest and, if `status` is LS_OK, puts the file in its place; else removes it. Returns
 * the first failure. */
int ls_text_file_close(ls_text_file *stream, int status);

#endif
