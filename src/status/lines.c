/* Lines for a terminal. */
#include "status/lines.h"

#include "base/escape.h"

#include <string.h>

void ls_status_end_line(ls_text *out, ls_text *line, int width) {
  if (line->data) ls_text_cut(line->data, (size_t)width);
  ls_text_add(out, "%s\n", line->data ? line->data : "");
  ls_text_free(line);
}

void ls_status_add_name(ls_text *out, const char *name, int width) {
  ls_text shown = {0}, shortened = {0};
  ls_escape_terminal(&shown, name);
  ls_text_add_shortened(&shortened, shown.data ? shown.data : "", (size_t)width);
  ls_text_add_visible(out, "%-*s ", width, shortened.data ? shortened.data : "");
  ls_text_free(&shown);
  ls_text_free(&shortened);
}

size_t ls_status_add_redrawn(ls_text *out, const char *view) {
  size_t count = 0;
  for (const char *end; (end = strchr(view, '\n')); view = end + 1, count++) {
    ls_text_add_bytes(out, view, (size_t)(end - view));
    ls_text_add(out, "\033[K\n");
  }
  return count;
}
