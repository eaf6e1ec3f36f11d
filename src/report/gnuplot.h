/* The drawing program: script in, SVG out, and the style that all figures share. */
#ifndef LS_REPORT_GNUPLOT_H
#define LS_REPORT_GNUPLOT_H

#include "lockstep/text.h"

#include <stdbool.h>
#include <stddef.h>

/* The size of a figure in pixels. */
typedef struct ls_gnuplot_canvas {
  int width, height;
} ls_gnuplot_canvas;

/* Starts the script of a figure: terminal, font, frame, grid. Panels follow, the legend ends it. */
void ls_gnuplot_begin(ls_text *script, const ls_gnuplot_canvas *canvas);

/* A part of the canvas, in pixels from its top left corner. */
typedef struct ls_gnuplot_box {
  int left, top, width, height;
} ls_gnuplot_box;

/* Has the frame of the next plots stand there. */
void ls_gnuplot_margins(ls_text *script, const ls_gnuplot_canvas *canvas, ls_gnuplot_box frame);

/* Puts the next plot, its axes titled, into a box of the canvas. `y_units` may be empty; `tic_room`
 * is the height that the labels below the horizontal axis take beyond one line. */
void ls_gnuplot_panel(ls_text *script, const ls_gnuplot_canvas *canvas, ls_gnuplot_box box,
                      const char *x_title, const char *y_title, const char *y_units, int tic_room);

/* The same with a frame whose place is given, for labels of other sizes: the title of the vertical
 * axis stands at the left edge of the canvas. */
void ls_gnuplot_frame(ls_text *script, const ls_gnuplot_canvas *canvas, ls_gnuplot_box frame,
                      const char *x_title, const char *y_title, int tic_room);

/* Appends a quoted string, safe whatever the text holds. */
void ls_gnuplot_add_quoted(ls_text *script, const char *text);

/* Appends a number, or NaN in gnuplot's spelling. */
void ls_gnuplot_add_number(ls_text *script, double value);

/* The colour "rrggbb" of line `i` of `count`: along viridis where the lines have an order (dark to
 * light, so legible in grey), else from the palette of Okabe and Ito, "Color universal design"
 * (2008). */
void ls_gnuplot_color(char out[8], size_t i, size_t count, bool ordered);

/* 0xRRGGBB of the map viridis, which gets steadily lighter from 0 to 1. */
int ls_gnuplot_viridis(double at);

/* The point type that goes with line `i`. */
int ls_gnuplot_point(size_t i);

enum { LS_GNUPLOT_ENTRIES = 16 };

typedef struct ls_gnuplot_entry {
  ls_text title; /* quoted */
  char line[80], point[80];
} ls_gnuplot_entry;

/* The legend, in a strip of its own below the panels. Start from {0}. */
typedef struct ls_gnuplot_legend {
  ls_gnuplot_entry entries[LS_GNUPLOT_ENTRIES];
  size_t count, longest;
} ls_gnuplot_legend;

/* Adds an entry, if there is room: a title with the style of its line and of its point ("lc rgb
 * '#000000' lw 2"), either of which may be empty. */
void ls_gnuplot_legend_add(ls_gnuplot_legend *legend, const char *title, const char *line,
                           const char *point);

/* The height of the strip in pixels, 0 without entries. */
int ls_gnuplot_legend_height(const ls_gnuplot_legend *legend, int width);

/* Draws the legend at the foot of the canvas, ends the figure and frees the legend. */
void ls_gnuplot_legend_draw(ls_text *script, const ls_gnuplot_canvas *canvas,
                            ls_gnuplot_legend *legend);

/* Runs gnuplot on the script. The result, to be freed, is an SVG file titled `title`. LS_FAILED,
 * with gnuplot's first complaint, if it is missing or does not succeed. */
int ls_gnuplot_run(char **svg, const char *script, const char *title);

/* The <svg> element of such a file, fit to stand in a page: named by `label`, its ids preceded by
 * `prefix` so that they differ from those of other figures. To be freed. */
int ls_gnuplot_inline(char **out, const char *svg, const char *prefix, const char *label);

#endif
