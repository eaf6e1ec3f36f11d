/* Running gnuplot, and adapting its output for files and pages. */
#include "base/escape.h"
#include "figure/gnuplot.h"
#include "figure/program.h"
#include "lockstep/error.h"

#include <stdio.h>
#include <string.h>

enum { SHARPNESS = 2 }; /* pixels of the PNG to one of the SVG */

/* Runs the script on a terminal; what it draws goes to `drawn`. */
static int draw(ls_text *drawn, const char *terminal, const ls_figure_script *script) {
  /* -d: without the user's own settings. The script by name: from its standard input gnuplot reads
   * without a buffer, one byte at a time. */
  static const char *const arguments[] = {"gnuplot", "-d", "/dev/stdin", NULL};
  static const ls_program gnuplot = {arguments, "gnuplot-nox"};
  ls_text text = {0};
  ls_text_add(&text, "%s%s", terminal, script->text.data ? script->text.data : "");
  bool failed = script->text.failed || text.failed;
  int status = failed ? ls_fail(LS_FAILED, "out of memory for a figure")
                      : program_run(drawn, &gnuplot, text.data);
  ls_text_free(&text);
  return status;
}

void ls_figure_mend(ls_text *text, const char *svg, const char *title) {
  static const char opening[] = "<title>", closing[] = "</title>", image[] = "<image ";
  bool first = true;
  for (const char *at = svg; *at;) {
    const char *end = NULL;
    if (strncmp(at, opening, strlen(opening)) == 0 && (end = strstr(at, closing))) {
      if (first) {
        ls_text_add_html(text, "<title>%s</title>", title);
      }
      first = false;
      at = end + strlen(closing);
    } else if (strncmp(at, image, strlen(image)) == 0) {
      ls_text_add(text, "%sstyle='image-rendering:pixelated' ", image);
      at += strlen(image);
    } else {
      size_t run = 1 + strcspn(at + 1, "<");
      ls_text_add_bytes(text, at, run);
      at += run;
    }
  }
}

int ls_figure_svg(char **svg, const ls_figure_script *script, const char *title) {
  char terminal[128];
  snprintf(terminal, sizeof terminal,
           "set terminal svg size %d,%d enhanced font 'Helvetica,13' background '#ffffff'\n",
           script->width, script->height);
  ls_text drawn = {0}, mended = {0};
  int status = draw(&drawn, terminal, script);
  if (status == LS_OK) {
    ls_figure_mend(&mended, drawn.data, title);
    *svg = ls_text_take(&mended);
    if (!*svg) status = LS_FAILED;
  }
  ls_text_free(&drawn);
  return status;
}

int ls_figure_png(ls_text *png, const ls_figure_script *script) {
  char terminal[256];
  snprintf(terminal, sizeof terminal,
           "set terminal pngcairo size %d,%d enhanced font 'Helvetica,13' fontscale %g "
           "linewidth %d pointscale %d background '#ffffff'\n",
           SHARPNESS * script->width, SHARPNESS * script->height, 0.75 * SHARPNESS, SHARPNESS,
           3 * SHARPNESS / 2);
  return draw(png, terminal, script);
}
