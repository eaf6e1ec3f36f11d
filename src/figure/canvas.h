/* Drawing in pixels from the top left corner: texts, lines, boxes, images. A canvas becomes one
 * gnuplot script. */
#ifndef LS_FIGURE_CANVAS_H
#define LS_FIGURE_CANVAS_H

#include "figure/figure.h"
#include "figure/gnuplot.h"

typedef struct canvas {
  int width, height;
  ls_text data, objects, plots;
  size_t blocks; /* of data */
} canvas;

typedef enum anchor { ANCHOR_LEFT, ANCHOR_CENTER, ANCHOR_RIGHT } anchor;

enum { TEXT = 13, SMALL = 11, LINE = 17, SMALL_LINE = 14 }; /* sizes of letters, heights of lines */

/* About how many pixels a text is wide: its longest line, as broad letters as any font has. */
double canvas_text_width(const char *text, int size);

/* Lines of a text. */
size_t canvas_lines(const char *text);

/* Puts a text, which may have several lines, with the middle of its first line at y. */
void canvas_text(canvas *c, double x, double y, anchor where, int size, const char *text);

/* The same in another colour. */
void canvas_colored_text(canvas *c, double x, double y, anchor where, int size, int color,
                         const char *text);

/* One line, upwards, its middle at (x, y). */
void canvas_upright_text(canvas *c, double x, double y, int size, const char *text);

/* One line that rises to its end at (x, y), for names too long to stand side by side. */
void canvas_turned_text(canvas *c, double x, double y, int size, const char *text);

void canvas_line(canvas *c, double x0, double y0, double x1, double y1, int color);

/* The outline of a box. */
void canvas_frame(canvas *c, ls_figure_box where, int color);

/* An image of rows x columns cells [row, column, 3], red, green and blue up to 255. */
void canvas_image(canvas *c, ls_figure_box where, size_t rows, size_t columns,
                  const unsigned char *rgb);

/* Upright colour bars: how wide they are with their numbers and title, how high at least, and one
 * from top to bottom of a box's height at its left. */
double canvas_bar_width(const ls_figure_scale *scale);
double canvas_bar_least(const ls_figure_scale *scale);
void canvas_bar(canvas *c, double left, double top, double height, const ls_figure_scale *scale);

/* Makes the script that draws it, and frees the canvas. */
void canvas_script(ls_figure_script *script, canvas *c);

/* Draws it, writes PATH.svg and PATH.png, and frees the canvas. */
int canvas_finish(canvas *c, const char *path, const char *title);

/* Frees what a canvas that is not to be drawn holds. */
void canvas_free(canvas *c);

#endif
