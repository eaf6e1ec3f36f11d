/* Inside figure/: the functions that describe each kind of figure.h as a plot. */
#ifndef LS_FIGURE_KINDS_H
#define LS_FIGURE_KINDS_H

#include "figure/plot.h"

void figure_images(ls_plot *plot, const ls_figure_grid *figure);
void figure_matrices(ls_plot *plot, const ls_figure_matrix *matrices, size_t count);
void figure_scatters(ls_plot *plot, const ls_figure_scatters *figure);
void figure_lines(ls_plot *plot, const ls_figure_curves *figure);

#endif
