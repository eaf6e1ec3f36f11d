/* Inside figure/: the pieces of plots that plot.c, axis.c and legend.c make for script.c. */
#ifndef LS_FIGURE_PIECES_H
#define LS_FIGURE_PIECES_H

#include "figure/plot.h"

enum { PLOT_FORMAT = 16 };

/* The axis with a range that can be drawn: finite, not empty, positive where it is logarithmic.
 * Where the range is not given or not usable, it includes all finite values of the panel's data in
 * column 0 (x) or 1 (y), and is 0 to 1 without any. */
ls_plot_axis plot_complete_axis(const ls_plot_axis *axis, const ls_plot_panel *panel, int column);

/* gnuplot's format for the tics of a complete axis, with as many digits as distinguish them. */
void plot_tic_format(char format[PLOT_FORMAT], const ls_plot_axis *axis);

/* How far, in pixels, the last label of a horizontal axis goes beyond the right end of the frame;
 * negative: it ends within. */
double plot_overhang(const ls_plot_axis *axis, double width);

/* Makes room for one more item of a list, which may move. */
void *plot_grow(ls_plot *plot, void *items, size_t count, size_t size);

/* The legend as a panel below the others, whose axes are the pixels of the canvas. Its texts are
 * added to the plot. Without entries its height is 0. */
ls_plot_panel plot_legend_panel(ls_plot *plot);

#endif
