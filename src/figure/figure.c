/* Drawing a figure of any kind. */
#include "figure/kinds.h"

#include <assert.h>

int ls_figure_draw(const char *path, const ls_figure *figure) {
  if (figure->images) return figure_images(path, figure->images);
  if (figure->strips) return figure_strips(path, figure->strips);
  if (figure->matrix) return figure_matrix(path, figure->matrix);
  if (figure->scatters) return figure_scatters(path, figure->scatters);
  assert(figure->curves);
  return figure_lines(path, figure->curves);
}
