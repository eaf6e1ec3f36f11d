/* Lines of text for a terminal: cut to its width, and drawn over those that it shows. Local. */
#ifndef LS_STATUS_LINES_H
#define LS_STATUS_LINES_H

#include "base/text.h"

/* Appends a line with its line break, cut to `width` columns; frees the line. */
void ls_status_end_line(ls_text *out, ls_text *line, int width);

/* Appends a name of a trial in a column of `width` characters, and a space. Names often differ at
 * their ends, and are shortened in the middle. */
void ls_status_add_name(ls_text *out, const char *name, int width);

/* Appends the lines of a view, each of which erases the rest of the line that it is drawn over (EL
 * of ECMA-48); returns their number. */
size_t ls_status_add_redrawn(ls_text *out, const char *view);

#endif
