/* Text that is written to a file, or to standard output, piece by piece: memory does not grow with
 * its length, and the file appears under its name when it is complete. Local. */
#ifndef LS_BASE_TEXT_FILE_H
#define LS_BASE_TEXT_FILE_H

#include "base/text.h"

#include <stdio.h>

typedef struct ls_text_file {
  ls_text text;     /* append here, then call ls_text_file_flush */
  const char *path; /* NULL: standard output */
  char *temporary;
  FILE *file;
} ls_text_file;

/* Opens a file, which replaces one of that name, or without a path (NULL) takes `standard`. Both
 * are borrowed. To be closed also on failure. */
int ls_text_file_open(ls_text_file *out, const char *path, FILE *standard);

/* Writes the text, which is then empty; or only once enough of it has been appended, to be called
 * after each line. */
int ls_text_file_write(ls_text_file *file);
int ls_text_file_flush(ls_text_file *file);

/* Writes the rest and, if `status` is LS_OK, puts the file in its place; else removes it. Returns
 * the first failure. Standard output is not flushed: the program checks at its end whether all of
 * it was written. The ls_text_file is empty afterwards, and may be closed again. */
int ls_text_file_close(ls_text_file *file, int status);

#endif
