/* Figures that several analyses draw: grids of images, matrices, curves. Each is described by a
 * struct, of which a function makes a plot; plot.h has what others are made of, and draws them.
 *
 * `title` goes into the SVG's metadata only: a figure's caption stands below it, in the text.
 * Colours are those of Okabe and Ito, "Color universal design" (2008), for kinds and viridis for
 * amounts; both work for the colour-blind, and amounts get lighter or darker steadily, so that they
 * work in grey. All texts are UTF-8 and are drawn unchanged. All functions are local. The plot
 * borrows titles (of axes and colour bars, too), headings, and the names of rows and columns; it
 * copies everything else. After a failed allocation drawing the plot fails. */
#ifndef LS_FIGURE_FIGURE_H
#define LS_FIGURE_FIGURE_H

#include "figure/plot.h"
#include "lockstep/types.h"

/* ---- Grids of images ---- */

/* One image of a grid, whose values are on the grid's scale. With three channels it is drawn in
 * colour, the scale's range applies to each channel. */
typedef struct ls_figure_image {
  const ls_real *values;          /* [row, column] or [row, column, 3] */
  const ls_real *heat;            /* [row, column], laid over the image; NULL: nothing */
  size_t height, width, channels; /* channels 0 is 1 */
  size_t pixel_stride;            /* distance in values, for a map out of many; 0: no gaps */
  const char *caption;            /* below, may have several lines; NULL: none */
} ls_figure_image;

typedef struct ls_figure_grid {
  const char *title;
  const ls_figure_image *images; /* row by row; one without values is left empty */
  size_t count;
  size_t columns;                   /* 0: chosen by the count */
  const char *const *row_labels;    /* [row], NULL: none */
  const char *const *column_labels; /* [column], above the first row, NULL: none */
  const char *column_title;         /* what the column labels are, with units; NULL: none */
  ls_figure_scale scale;            /* of the values */
  ls_figure_scale heat;             /* of the heat maps, if there are any */
} ls_figure_grid;

ls_plot ls_figure_images(const ls_figure_grid *grid);

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

ls_plot ls_figure_matrices(const ls_figure_matrix *matrices, size_t count);

/* ---- Curves ---- */

/* Lines with markers over bands of uncertainty. */
typedef struct ls_figure_line {
  const char *label;
  size_t count;
  const double *x, *y;      /* [point]; NaN: a gap */
  const double *low, *high; /* of a band around it; NULL: none */
  size_t every;             /* points from one marker to the next; 0: 1 */
  bool dashed;
  bool reference; /* something to compare with: thin and grey, without markers */
} ls_figure_line;

typedef struct ls_figure_curves {
  const char *title, *x_title, *y_title;
  const ls_figure_line *lines;
  size_t count;
} ls_figure_curves;

ls_plot ls_figure_lines(const ls_figure_curves *curves);

#endif
