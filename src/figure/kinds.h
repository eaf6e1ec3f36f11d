/* Inside figure/: the functions that draw each kind of figure.h, to PATH.svg and PATH.png. */
#ifndef LS_FIGURE_KINDS_H
#define LS_FIGURE_KINDS_H

#include "figure/figure.h"

int figure_images(const char *path, const ls_figure_grid *figure);
int figure_strips(const char *path, const ls_figure_strips *figure);
int figure_matrix(const char *path, const ls_figure_matrix *figure);
int figure_scatters(const char *path, const ls_figure_scatters *figure);
int figure_lines(const char *path, const ls_figure_curves *figure);

#endif
