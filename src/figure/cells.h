/* What grids of images and matrices share: cells drawn as an image, colour bars. */
#ifndef LS_FIGURE_CELLS_H
#define LS_FIGURE_CELLS_H

#include "figure/plot.h"

/* Pixels: around everything, and between what stands side by side. */
enum { CELLS_MARGIN = 8, CELLS_GAP = 6 };

/* Fills a panel with cells of these colours [row, column], the first row on top. An axis without a
 * range counts cells from 0, each at its middle; one without labels or step has no tics. */
void cells_add(ls_plot *plot, ls_plot_panel *panel, size_t rows, size_t columns, const int *colors);

/* Adds, to the right of what `content` covers, a colour bar for each scale that has one; its height
 * is that of the content's first `rows` pixels at most. Sets the number of panels, of which `next`
 * is the first that isn't used yet, and the size of the canvas. */
void cells_finish(ls_plot *plot, ls_plot_panel *next, ls_figure_box content, double rows,
                  const ls_figure_scale *const *scales, size_t count);

#endif
