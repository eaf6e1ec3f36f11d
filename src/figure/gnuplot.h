/* Scripts for gnuplot, and running them; plot.h and canvas.h make scripts of what is to be drawn.
 *
 * Places are in pixels from the top left corner of the canvas, colours are 0xRRGGBB. After a failed
 * allocation additions do nothing, and running the script fails. Running it frees it. All functions
 * are local; everything else is borrowed. */
#ifndef LS_FIGURE_GNUPLOT_H
#define LS_FIGURE_GNUPLOT_H

#include "base/text.h"

#include <stddef.h>

/* ---- Scripts -----------------------------------------------------------------------------------
 */

/* A script, which sets no terminal and no output, and the canvas it draws on. Start from {0}. */
typedef struct ls_figure_script {
  ls_text text;
  int width, height;
} ls_figure_script;

/* A part of the canvas. */
typedef struct ls_figure_box {
  double left, top, width, height;
} ls_figure_box;

/* Starts a script: canvas, frame, grid. */
void ls_figure_begin(ls_figure_script *script, int width, int height);

/* Has the frame of the next plots stand there. */
void ls_figure_margins(ls_figure_script *script, ls_figure_box frame);

/* Sets gnuplot's label number `tag`, drawn from the next plot on; the panels' titles are 1 and 2.
 * `how`: "left", "center", "center rotate by 90". */
void ls_figure_label(ls_figure_script *script, int tag, const char *text, double x, double y,
                     const char *how);

/* Appends a quoted string, safe whatever the text holds. */
void ls_figure_add_quoted(ls_text *script, const char *text);

/* Appends a number, or NaN in gnuplot's spelling. */
void ls_figure_add_number(ls_text *script, double value);

/* A round step that divides a range into three to seven: 1, 2 or 5 times a power of ten. */
double ls_figure_tic_step(double range);

/* ---- Colours -----------------------------------------------------------------------------------
 */

/* The map viridis, which gets steadily lighter from 0 to 1. */
int ls_figure_viridis(double at);

/* That of line or kind `i`, from the palette of Okabe and Ito; of line `i` of `count` that have an
 * order, along viridis, dark to light. */
int ls_figure_color(size_t i);
int ls_figure_ordered_color(size_t i, size_t count);

/* The type of the points that go with the former: twenty kinds differ in both together. */
int ls_figure_point(size_t i);

/* Black or white, whichever is easier to read on that colour. */
int ls_figure_contrast(int color);

/* ---- Running -----------------------------------------------------------------------------------
 */

/* The figure as an SVG file with the title `title`, a string to be freed. LS_FAILED, with gnuplot's
 * first complaint, if it is missing or does not succeed. */
int ls_figure_svg(char **svg, ls_figure_script *script, const char *title);

/* The figure as the files PATH.svg and PATH.png, see figure.h. */
int ls_figure_write(const char *path, ls_figure_script *script, const char *title);

/* The <svg> element of an SVG file, fit to stand in a page: named by `label`, its ids preceded by
 * `prefix` so that they differ from those of other figures. To be freed. */
int ls_figure_inline(char **out, const char *svg, const char *prefix, const char *label);

#endif
