/* Drawing a figure of any kind. */
#include "figure/kinds.h"

#include <assert.h>

void ls_figure_describe(ls_plot *plot, const ls_figure *figure) {
  if (figure->images) return figure_images(plot, figure->images);
  if (figure->matrices) return figure_matrices(plot, figure->matrices, figure->matrix_count);
  if (figure->scatters) return figure_scatters(plot, figure->scatters);
  assert(figure->curves);
  figure_lines(plot, figure->curves);
}

int ls_figure_draw(const char *path, const ls_figure *figure) {
  ls_plot plot = {0};
  ls_figure_describe(&plot, figure);
  return ls_plot_write(path, &plot);
}
