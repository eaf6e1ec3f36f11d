/* Control sequences of ECMA-48 and, for the alternate screen, of xterm, which terminals share. */
#include "watch/screen.h"

#include "base/print.h"
#include "status/lines.h"

#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

watch_screen watch_find_screen(void) {
  return (watch_screen){.terminal = isatty(STDOUT_FILENO)};
}

void watch_enter_screen(watch_screen *screen) {
  if (!screen->terminal || screen->entered) return;
  ls_print_lines(stdout, "\033[?1049h\033[?25l");
  fflush(stdout);
  screen->entered = true;
}

void watch_leave_screen(watch_screen *screen) {
  if (!screen->entered) return;
  ls_print_lines(stdout, "\033[?25h\033[?1049l");
  fflush(stdout);
  screen->entered = false;
}

ls_view_size watch_screen_size(const watch_screen *screen) {
  struct winsize size = {0};
  if (screen->terminal) ioctl(STDOUT_FILENO, TIOCGWINSZ, &size);
  return (ls_view_size){.width = size.ws_col > 20 ? size.ws_col - 1 : 79,
                        .lines = size.ws_row > 2 ? size.ws_row - 1 : 0};
}

void watch_draw(const watch_screen *screen, const char *lines) {
  if (!screen->entered) return;
  ls_text drawn = {0};
  ls_text_add(&drawn, "\033[H");
  ls_status_add_redrawn(&drawn, lines);
  ls_text_add(&drawn, "\033[J");
  if (!drawn.failed) ls_print_lines(stdout, drawn.data);
  fflush(stdout);
  ls_text_free(&drawn);
}
