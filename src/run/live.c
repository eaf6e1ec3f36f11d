/* The live view, redrawn in place by control sequences of ECMA-48, which every terminal has. */
#include "run/live.h"

#include "base/print.h"
#include "status/lines.h"
#include "status/view.h"

#include <stdio.h>

size_t live_draw(const ls_run_status *status, const ls_run_options *options, size_t before) {
  ls_text view = {0}, drawn = {0};
  const int width = options->width > 20 ? options->width - 1 : 79;
  ls_status_add_view(&view, status, &(ls_view_size){width, options->height});
  /* To the first column: the terminal may have echoed a key pressed meanwhile, such as ^C. */
  if (before > 0) ls_text_add(&drawn, "\r\033[%zuA", before);
  const size_t lines = view.data ? ls_status_add_redrawn(&drawn, view.data) : 0;
  for (size_t i = lines; i < before; i++) ls_text_add(&drawn, "\033[K\n");
  if (before > lines) ls_text_add(&drawn, "\033[%zuA", before - lines);
  if (!view.failed && !drawn.failed && drawn.data) ls_print_lines(stdout, drawn.data);
  fflush(stdout);
  ls_text_free(&view);
  ls_text_free(&drawn);
  return lines;
}
