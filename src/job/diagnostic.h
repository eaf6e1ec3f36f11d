/* Where something stands in a job, and messages that say so. Local. */
#ifndef LS_JOB_DIAGNOSTIC_H
#define LS_JOB_DIAGNOSTIC_H

#include "base/text.h"

#include <stddef.h>

/* A line of a file, or a source without lines (line 0) such as "--set train.epochs=3". */
typedef struct ls_place {
  const char *source;
  size_t line;
} ls_place;

/* One step of a key path, linked to the steps before it: a key, or (key NULL) a list index. NULL
 * stands for the whole job. */
typedef struct ls_path {
  const struct ls_path *up;
  const char *key;
  size_t index;
} ls_path;

/* Appends the path: key.path[3].key. */
void ls_path_add(ls_text *out, const ls_path *path);

/* "FILE:LINE: key.path", or NULL with the error recorded. Release with free(). */
char *ls_diagnostic_place(ls_place at, const ls_path *path);

/* Records "FILE:LINE: key.path: ..." and returns LS_INVALID. */
int ls_diagnostic_fail(ls_place at, const ls_path *path, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The same for a name that is not among `names`: "unknown WHAT 'name' (did you mean 'other'?)", or
 * with all names where none is near. */
int ls_diagnostic_fail_unknown(ls_place at, const ls_path *path, const char *what, const char *name,
                               const char *const *names, size_t count);

/* LS_INVALID unless a name that the job makes up is letters, digits and underscores: "'2x' can't
 * name a WHAT (...)". */
enum { LS_NAME_LENGTH = 63 };
int ls_diagnostic_check_name(ls_place at, const ls_path *path, const char *what, const char *name);

/* "one of: a, b, c", or NULL with the error recorded. Release with free(). */
char *ls_diagnostic_list_names(const char *const *names, size_t count);

#endif
