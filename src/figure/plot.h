/* Plots: panels with axes and series of data, texts anywhere, and one legend below them all. A plot
 * is plain data until it is drawn: script.c makes a gnuplot script of it.
 *
 * Places and sizes are in pixels from the top left corner, colours are 0xRRGGBB. Everything is
 * allocated in the plot's memory and released with it; texts are borrowed. All functions are local.
 */
#ifndef LS_FIGURE_PLOT_H
#define LS_FIGURE_PLOT_H

#include "base/memory.h"
#include "figure/colors.h"
#include "figure/gnuplot.h"

#include <stdbool.h>

/* A part of the canvas. */
typedef struct ls_figure_box {
  double left, top, width, height;
} ls_figure_box;

/* How a series is drawn, from the numbers of its rows. */
typedef enum ls_plot_kind {
  LS_PLOT_LINE,       /* x, y */
  LS_PLOT_POINTS,     /* x, y */
  LS_PLOT_LINEPOINTS, /* x, y */
  LS_PLOT_BAND,       /* x, low, high */
  LS_PLOT_X_BARS,     /* x, y, half the width of an interval about x */
  LS_PLOT_Y_BARS,     /* x, y, half the height of an interval about y */
  LS_PLOT_AREA,       /* x, y: a closed outline, filled with a pale colour */
  LS_PLOT_COLORED,    /* x, y, colour of a line; NaN begins another line */
  LS_PLOT_DOTS,       /* x, y, colour of a point */
  LS_PLOT_CELLS,      /* x, y of the middle, colour: of all cells of a regular grid, by rows */
} ls_plot_kind;

typedef struct ls_plot_style {
  int color;          /* its highest byte is transparency */
  double width;       /* of lines */
  const char *dashes; /* lengths, "7,4"; NULL: solid */
  int point;          /* gnuplot's number of the shape */
  double size;        /* of points */
  size_t every;       /* rows from one point to the next on a line; 0: 1 */
} ls_plot_style;

typedef struct ls_plot_series {
  ls_plot_kind kind;
  ls_plot_style style;
  double (*rows)[3];
  size_t count; /* rows with values */
} ls_plot_series;

typedef struct ls_plot_axis {
  const char *title, *units; /* NULL: none */
  double low, high;          /* low > high: reversed; both 0: from the data */
  bool log;
  bool decades; /* tics at powers of ten, written as such */
  double step;  /* between tics; 0: gnuplot chooses */
  /* Tics at given places. */
  const char *const *labels; /* [tic], NULL: as above */
  const double *places;      /* [tic], NULL: 0, 1, ... */
  size_t count;
  bool turned; /* the labels are rotated, as they are too long to stand side by side */
  bool right;  /* of a vertical axis: the labels are on its right */
} ls_plot_axis;

/* Where a text of one or more lines is relative to its place: (x, y) is at its left, centre or
 * right, in the middle of its first line. */
typedef enum ls_plot_anchor {
  LS_PLOT_LEFT,
  LS_PLOT_CENTER,
  LS_PLOT_RIGHT,
  LS_PLOT_UPWARDS, /* centred, rotated to read from bottom to top */
  LS_PLOT_BOXED,   /* left, with a little space before it and a white background */
} ls_plot_anchor;

enum { LS_PLOT_TEXT = 13, LS_PLOT_SMALL = 11 }; /* sizes of letters */

typedef struct ls_plot_text {
  double x, y;
  ls_plot_anchor anchor;
  int size, color; /* size 0 is LS_PLOT_TEXT */
  const char *text;
} ls_plot_text;

/* What is around a panel. */
typedef enum ls_plot_border {
  LS_PLOT_AXES,  /* lines at the left and below, tics, grid lines */
  LS_PLOT_FRAME, /* a thin frame, no tics */
  LS_PLOT_BARE,  /* nothing */
} ls_plot_border;

typedef struct ls_plot_panel {
  ls_figure_box frame;
  double y_title; /* place of the vertical axis' title, from the left */
  int tic_room;   /* height of the labels below the frame in excess of one line */
  const char *heading;
  ls_plot_axis x, y;
  const char *grid; /* the axes with grid lines, in gnuplot's notation; NULL: "nox y" */
  double rule;      /* a vertical line at this x; NaN: none */
  ls_plot_border border;
  ls_plot_series *series;
  size_t count;
} ls_plot_panel;

typedef struct ls_plot_entry {
  char *title; /* folded where it is too long for a line */
  ls_plot_style style;
  bool line, point;
} ls_plot_entry;

/* Start from {.title = ..., .width = ..., .height = ...}; the height is that of the panels. */
typedef struct ls_plot {
  ls_memory memory;
  const char *title;
  int width, height;
  ls_plot_panel *panels;
  size_t panel_count;
  ls_plot_text *texts;
  size_t text_count;
  ls_plot_entry *legend;
  size_t entry_count;
} ls_plot;

/* Makes room for panels; the next function may place them. */
int ls_plot_begin(ls_plot *plot, size_t panels);

/* Places a panel in a part of the canvas, with room for its labels. */
ls_plot_panel *ls_plot_place(ls_plot *plot, size_t panel, ls_figure_box box, int tic_room);

/* The same for panels of equal size, one alone or in two columns: sets the size of the canvas to
 * that of all, and places a panel in its cell, below the room for its heading. */
int ls_plot_begin_columns(ls_plot *plot, size_t panels, int width, int height);
ls_plot_panel *ls_plot_place_cell(ls_plot *plot, size_t panel, int heading, int tic_room);

/* Adds a series with room for `rows` rows, and a row to it. After a failed allocation the series
 * is NULL, to which rows may be added without effect. */
ls_plot_series *ls_plot_add(ls_plot *plot, ls_plot_panel *panel, ls_plot_kind kind,
                            const ls_plot_style *style, size_t rows);
void ls_plot_row(ls_plot_series *series, double x, double y, double z);

/* Adds a text, which is copied; draws nothing for NULL. */
void ls_plot_add_text(ls_plot *plot, ls_plot_text text);

/* An upper estimate of the width of the widest of several texts (NULL: none); the number of lines
 * of a text; the distance between two lines. */
double ls_plot_widest(const char *const *texts, size_t count, int size);
size_t ls_plot_lines(const char *text);
int ls_plot_line_height(int size);

/* The place of a point of a panel with linear axes, whose frame and ranges are set. */
double ls_plot_x(const ls_plot_panel *panel, double x);
double ls_plot_y(const ls_plot_panel *panel, double y);

/* Adds an entry to the legend, with a sample of the line, of the point or of both. */
void ls_plot_legend(ls_plot *plot, const char *title, const ls_plot_style *style, bool line,
                    bool point);

/* Where a value is on an axis with a range, from 0 at its low end to 1. */
double ls_plot_share(const ls_plot_axis *axis, double value);

/* Widens a range, which starts from INFINITY and -INFINITY, to the finite values of one column of a
 * panel's series. */
void ls_plot_extend(double *least, double *most, const ls_plot_panel *panel, int column);

/* Sets an axis' range to include all values, with a margin on both sides: a fraction of the range,
 * or a factor where the axis is logarithmic. Values that agree in six digits are drawn as equal. */
void ls_plot_range(ls_plot_axis *axis, double least, double most, double margin);

/* A distance between tics, 1, 2 or 5 times a power of ten, of which a range has three to seven. */
double ls_figure_tic_step(double range);

/* Draws the plot and releases it: as an SVG file, a string to be freed, or as PATH.svg and
 * PATH.png, of two pixels to one of the SVG's; files appear complete or not at all. LS_FAILED if
 * gnuplot is missing or fails, or a file can't be written. */
int ls_plot_svg(char **svg, ls_plot *plot);
int ls_plot_write(const char *path, ls_plot *plot);

/* Releases a plot without drawing it. */
void ls_plot_free(ls_plot *plot);

#endif
