/* The list of figures. */
#include "report/figures/list.h"

#include "base/paths.h"
#include "lockstep/error.h"

#include <string.h>

int report_figures_begin(report_figures *list, ls_memory *memory, size_t most) {
  *list = (report_figures){.memory = memory};
  list->items = ls_memory_new(memory, most, sizeof *list->items);
  return ls_memory_status(memory);
}

int report_figure_add(report_figures *list, const char *name, ls_text *caption, ls_plot *plot) {
  report_figure figure = {.name = name, .title = plot->title};
  char *svg = NULL;
  figure.caption = ls_memory_keep(list->memory, ls_text_take(caption));
  int status = ls_plot_svg(&svg, plot);
  if (status != LS_OK) return status;
  figure.svg = ls_memory_keep(list->memory, svg);
  list->items[list->count++] = figure;
  return ls_memory_status(list->memory);
}

int report_figure_write(ls_memory *memory, const char *folder, const char *name, const char *svg) {
  const char *path = ls_memory_text(memory, "%s/%s.svg", folder, name);
  return path ? ls_write_file(path, svg, strlen(svg)) : LS_FAILED;
}
