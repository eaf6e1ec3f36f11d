/* Running scripts of gnuplot, and what it draws in files and pages.
 *
 * After a failed allocation additions to a script do nothing, and running it fails. All functions
 * are local; everything is borrowed. */
#ifndef LS_FIGURE_GNUPLOT_H
#define LS_FIGURE_GNUPLOT_H

#include "base/text.h"

#include <stddef.h>

/* A script, which sets no terminal and no output, and the size of the canvas in pixels.
 * Start from {0}. */
typedef struct ls_figure_script {
  ls_text text;
  int width, height;
} ls_figure_script;

/* Appends `length` bytes of a text as a quoted string, with control characters as escapes
 * (base/visible.h). */
void ls_figure_add_quoted(ls_text *script, const char *text, size_t length);

/* The figure as an SVG file with the title `title`, a string to be freed. LS_FAILED, with gnuplot's
 * first message, if it is missing or fails. */
int ls_figure_svg(char **svg, const ls_figure_script *script, const char *title);

/* The same as a PNG file, with two pixels to one of the canvas. */
int ls_figure_png(ls_text *png, const ls_figure_script *script);

/* Appends an SVG file with the title `title` instead of the first one in it, and without those of
 * its parts, which a browser would show as tooltips. Makes browsers draw images with sharp cells,
 * as in a PNG. */
void ls_figure_mend(ls_text *text, const char *svg, const char *title);

#endif
