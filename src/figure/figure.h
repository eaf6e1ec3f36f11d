/* Figures: lines, grids of images, matrices, scatter plots. Drawn by gnuplot; gnuplot.h has what
 * other kinds are made of.
 *
 * A figure is described by a struct and drawn by ls_figure_draw, which writes PATH.svg and
 * PATH.png (two pixels to one of the SVG's); files appear complete or not at all. `title` goes into
 * the SVG's metadata only: a figure's caption stands below it, in the text. Colours are those of
 * Okabe and Ito, "Color universal design" (2008), for kinds and viridis for amounts; both work for
 * the colour-blind, and amounts get lighter or darker steadily, so that they work in grey. All
 * texts are UTF-8 and are drawn as they are. All functions are local; everything is borrowed.
 * LS_FAILED if gnuplot is missing or fails, or a file can't be written. */
#ifndef LS_FIGURE_FIGURE_H
#define LS_FIGURE_FIGURE_H

#include "lockstep/types.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* From `low` to `high` of a scale. */
typedef enum ls_figure_colors {
  LS_FIGURE_GREY,      /* black to white: images as they are stored */
  LS_FIGURE_VIRIDIS,   /* dark blue over green to yellow */
  LS_FIGURE_BLUES,     /* white to dark blue */
  LS_FIGURE_DIVERGING, /* blue over white to orange: what has a sign, with low = -high */
} ls_figure_colors;

typedef struct ls_figure_scale {
  ls_figure_colors colors;
  double low, high; /* values beyond are drawn as these; NaN is drawn magenta */
  double power;     /* colours go by the share of the range to this power; 0 is 1 */
  const char *bar;  /* title of the colour bar; NULL: none is drawn */
} ls_figure_scale;

/* ---- Grids of images ---- */

/* One image of a grid, the scale of whose values is the grid's. With three channels it is drawn in
 * colour, the scale's range being that of each channel. */
typedef struct ls_figure_image {
  const ls_real *values;           /* [row, column] or [row, column, 3] */
  const ls_real *heat;             /* [row, column], laid over the image; NULL: nothing */
  size_t height, width, channels;  /* channels 0 is 1 */
  size_t pixel_stride, row_stride; /* distances in values, for a map out of many; 0: no gaps */
  const char *caption;             /* below, may have several lines; NULL: none */
} ls_figure_image;

typedef struct ls_figure_grid {
  const char *title;
  const ls_figure_image *images; /* row by row; one without values is left empty */
  size_t count;
  size_t columns;                   /* 0: as many as suit the count */
  const char *const *row_labels;    /* [row], NULL: none */
  const char *const *column_labels; /* [column], above the first row, NULL: none */
  const char *column_title;         /* what the column labels are, with units; NULL: none */
  ls_figure_scale scale;            /* of the values */
  ls_figure_scale heat;             /* of the heat maps, if there are any */
} ls_figure_grid;

/* ---- Matrices ---- */

/* A matrix, the first row on top; its cells may hold texts. A figure has one, or several with the
 * same rows, columns, names of columns, titles and scale, one below the other. */
typedef struct ls_figure_matrix {
  const char *title;
  const char *heading;                  /* above it; NULL: none */
  const char *row_title, *column_title; /* NULL: none */
  size_t rows, columns;
  const double *values;            /* [row, column], shown by colours; NaN is grey */
  const char *const *row_names;    /* [row] */
  const char *const *column_names; /* [column]; NULL: their numbers */
  const char *const *texts;        /* [row, column], printed in the cells; NULL: nothing */
  const char *const *notes;        /* [row, column], below the texts; NULL: nothing */
  size_t framed;                   /* number of a cell, from 1, that is marked; 0: none */
  ls_figure_scale scale;
} ls_figure_matrix;

/* ---- Scatter plots ---- */

/* An outline, such as a convex hull, closed by the line from its last point to its first. */
typedef struct ls_figure_polygon {
  size_t class_index;
  const double *points; /* [point, 2] */
  size_t count;
} ls_figure_polygon;

typedef struct ls_figure_ellipse {
  size_t class_index;
  double center[2];
  double half_axes[2];
  double angle; /* radians from the horizontal axis to the first half axis, counterclockwise */
} ls_figure_ellipse;

/* One panel: points whose colour and marker show their class. */
typedef struct ls_figure_scatter {
  const char *heading; /* above the panel; NULL: none */
  const char *x_title, *y_title;
  const double *points;   /* [point, 2] */
  const int32_t *classes; /* [point] */
  size_t count;
  const ls_figure_polygon *polygons;
  size_t polygon_count;
  const ls_figure_ellipse *ellipses;
  size_t ellipse_count;
  bool equal_units; /* one unit is as long on both axes */
} ls_figure_scatter;

/* Panels side by side (two in a row, the others below), with one legend under them all. */
typedef struct ls_figure_scatters {
  const char *title;
  const ls_figure_scatter *panels;
  size_t count;
  const char *const *class_names; /* [class] */
  size_t class_count;
} ls_figure_scatters;

/* ---- Lines ---- */

typedef struct ls_figure_line {
  const char *label;
  size_t count;
  const double *x, *y;      /* [point]; NaN: a gap */
  const double *low, *high; /* of a band around it; NULL: none */
  bool dashed;
  bool reference; /* something to compare with: thin and grey, without markers */
} ls_figure_line;

typedef struct ls_figure_curves {
  const char *title, *x_title, *y_title;
  const ls_figure_line *lines;
  size_t count;
} ls_figure_curves;

/* ---- Drawing ---- */

/* A figure of any kind: one of these is set. */
typedef struct ls_figure {
  const ls_figure_grid *images;
  const ls_figure_matrix *matrices;
  size_t matrix_count;
  const ls_figure_scatters *scatters;
  const ls_figure_curves *curves;
} ls_figure;

/* Writes PATH.svg and PATH.png. */
int ls_figure_draw(const char *path, const ls_figure *figure);

/* Describes it as a plot (plot.h), to be drawn or released by the caller. Texts are borrowed. A
 * failed allocation makes drawing fail. */
typedef struct ls_plot ls_plot;
void ls_figure_describe(ls_plot *plot, const ls_figure *figure);

#endif
