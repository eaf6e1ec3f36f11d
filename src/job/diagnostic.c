/* Messages with their place in the job. */
#include "job/diagnostic.h"

#include "lockstep/error.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Without printf, which is slow in this program (libquadmath extends it) and is not needed here:
 * a place is made for every component of every trial. */
static void add(ls_text *out, const char *text) {
  ls_text_add_bytes(out, text, strlen(text));
}

void ls_path_add(ls_text *out, const ls_path *path) {
  if (!path) return;
  ls_path_add(out, path->up);
  if (path->key) {
    if (path->up) add(out, ".");
    add(out, path->key);
  } else {
    add(out, "[");
    ls_text_add_number(out, path->index);
    add(out, "]");
  }
}

char *ls_diagnostic_place(ls_place at, const ls_path *path) {
  ls_text out = {0};
  add(&out, at.source);
  if (at.line > 0) {
    add(&out, ":");
    ls_text_add_number(&out, at.line);
  }
  if (path) add(&out, ": ");
  ls_path_add(&out, path);
  return ls_text_take(&out);
}

int ls_diagnostic_fail(ls_place at, const ls_path *path, const char *format, ...) {
  char what[2048];
  va_list args;
  va_start(args, format);
  vsnprintf(what, sizeof what, format, args);
  va_end(args);
  char *where = ls_diagnostic_place(at, path);
  if (!where) return LS_FAILED;
  int status = ls_fail(LS_INVALID, "%s: %s", where, what);
  free(where);
  return status;
}

int ls_diagnostic_check_name(ls_place at, const ls_path *path, const char *what, const char *name) {
  static const char allowed[] = "_abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
  size_t length = strlen(name);
  bool good = length > 0 && length <= LS_NAME_LENGTH && strspn(name, allowed) == length;
  if (good && !strchr("0123456789", name[0])) return LS_OK;
  return ls_diagnostic_fail(
      at, path,
      "'%s' can't name a %s (expected up to %d letters, digits and underscores, with "
      "no digit first)",
      name, what, LS_NAME_LENGTH);
}

char *ls_diagnostic_list_names(const char *const *names, size_t count) {
  ls_text list = {0};
  if (count != 1) ls_text_add(&list, "%s", count == 0 ? "none" : "one of: ");
  for (size_t i = 0; i < count; i++) ls_text_add(&list, "%s%s", i > 0 ? ", " : "", names[i]);
  return ls_text_take(&list);
}

int ls_diagnostic_fail_unknown(ls_place at, const ls_path *path, const char *what, const char *name,
                               const char *const *names, size_t count) {
  const char *nearest = ls_nearest_name(name, names, count);
  if (nearest) {
    return ls_diagnostic_fail(at, path, "unknown %s '%s' (did you mean '%s'?)", what, name,
                              nearest);
  }
  char *known = ls_diagnostic_list_names(names, count);
  if (!known) return LS_FAILED;
  int status = ls_diagnostic_fail(at, path, "unknown %s '%s' (expected %s)", what, name, known);
  free(known);
  return status;
}
