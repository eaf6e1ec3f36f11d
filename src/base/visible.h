/* Characters as they may be shown: texts from job files, data files and the command line can hold
 * control characters, which move the cursor of a terminal, begin escape sequences or end a line. */
#ifndef LS_BASE_VISIBLE_H
#define LS_BASE_VISIBLE_H

#include <stdbool.h>
#include <stddef.h>

enum { LS_VISIBLE = 16 }; /* room for one character as shown */

/* Writes the first character of the UTF-8 text `at`, which is not empty, to `shown`, and returns
 * the place of the next one. Written as escapes of C are: control characters (\n, \t, \r, \x1b),
 * the control characters, line separators and marks of direction of Unicode (\u202e), and bytes
 * that are not UTF-8 (\xff). Everything else, the backslash as well, is unchanged. Local. */
const char *ls_visible_next(char shown[LS_VISIBLE], const char *at);

/* Whether the text is UTF-8 (RFC 3629). */
bool ls_is_utf8(const char *text);

/* Whether all characters of the text are shown unchanged. */
bool ls_is_visible(const char *text);

/* Columns that the text takes as shown, at one for each character. */
size_t ls_visible_width(const char *text);

#endif
