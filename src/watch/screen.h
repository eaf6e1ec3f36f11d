/* The terminal that a view is drawn on: its alternate screen, without a cursor, so that what it
 * showed before is there again afterwards. Nothing happens if standard output is no terminal.
 * Local.
 */
#ifndef LS_WATCH_SCREEN_H
#define LS_WATCH_SCREEN_H

#include "status/view.h"

#include <stdbool.h>

typedef struct watch_screen {
  bool terminal; /* standard output is one */
  bool entered;
} watch_screen;

/* Looks at standard output; enters and leaves the alternate screen. */
watch_screen watch_find_screen(void);
void watch_enter_screen(watch_screen *screen);
void watch_leave_screen(watch_screen *screen);

/* Returns the size that it has now, 80 columns and no limit where it is not known. */
ls_view_size watch_screen_size(const watch_screen *screen);

/* Draws lines over what is there. */
void watch_draw(const watch_screen *screen, const char *lines);

#endif
