/* The list of figures. */
#include "report/figures/list.h"

#include "base/paths.h"
#include "lockstep/error.h"

#include <string.h>

int report_figures_status(const report_figures *list) {
  return list->status == LS_OK ? ls_memory_status(list->memory) : list->status;
}

void report_figures_append(report_figures *list, report_figure figure) {
  report_figure *items = ls_memory_new(list->memory, list->count + 1, sizeof *items);
  if (!items) return;
  if (list->count > 0) memcpy(items, list->items, list->count * sizeof *items);
  items[list->count++] = figure;
  list->items = items;
}

void report_figure_add(report_figures *list, const char *name, ls_text *caption, ls_plot *plot) {
  report_figure figure = {.name = name, .title = plot->title};
  char *svg = NULL;
  figure.caption = ls_memory_keep(list->memory, ls_text_take(caption));
  list->status = report_figures_status(list);
  if (list->status == LS_OK) list->status = ls_plot_svg(&svg, plot);
  ls_plot_free(plot);
  if (list->status != LS_OK) return;
  figure.svg = ls_memory_keep(list->memory, svg);
  report_figures_append(list, figure);
}

int report_figure_write(ls_memory *memory, const char *folder, const char *name, const char *svg) {
  const char *path = ls_memory_text(memory, "%s/%s.svg", folder, name);
  return path ? ls_write_file(path, svg, strlen(svg)) : LS_FAILED;
}
