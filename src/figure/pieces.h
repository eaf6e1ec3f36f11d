/* Inside figure/: the pieces of plots that plot.c and legend.c make for script.c. */
#ifndef LS_FIGURE_PIECES_H
#define LS_FIGURE_PIECES_H

#include "figure/plot.h"

/* Makes room for one more item of a list, which may move. */
void *plot_grow(ls_plot *plot, void *items, size_t count, size_t size);

/* The legend as a panel below the others, whose axes are the pixels of the canvas. Its texts are
 * added to the plot. Without entries its height is 0. */
ls_plot_panel plot_legend_panel(ls_plot *plot);

#endif
