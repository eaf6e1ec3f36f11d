/* The list of figures. */
#include "report/figures/list.h"

#include "lockstep/error.h"

#include <stdlib.h>

int report_figure_take(report_figures *list, const char *name, const char *title, ls_text *caption,
                       char *svg, int status) {
  char *text = ls_text_take(caption);
  list->items[list->count++] =
      (report_figure){.name = ls_memory_text(&list->memory, "%s", name),
                      .title = ls_memory_text(&list->memory, "%s", title),
                      .caption = ls_memory_text(&list->memory, "%s", text ? text : ""),
                      .svg = svg};
  if (!text && status == LS_OK) status = LS_FAILED;
  free(text);
  return status == LS_OK ? ls_memory_status(&list->memory) : status;
}

int report_figure_add(report_figures *list, const char *name, ls_text *caption, ls_plot *plot) {
  ls_memory memory = {0};
  const char *title = ls_memory_text(&memory, "%s", plot->title);
  const char *kept = ls_memory_text(&memory, "%s", name);
  char *svg = NULL;
  int status = ls_memory_status(&memory);
  if (status == LS_OK) status = ls_plot_svg(&svg, plot);
  if (kept && title) status = report_figure_take(list, kept, title, caption, svg, status);
  ls_memory_free(&memory);
  return status;
}

int report_figures_create(report_figures **out, size_t most) {
  *out = ls_new(1, sizeof **out);
  if (!*out) return LS_FAILED;
  (*out)->items = ls_memory_new(&(*out)->memory, most, sizeof *(*out)->items);
  return ls_memory_status(&(*out)->memory);
}

void report_figures_free(report_figures **figures) {
  report_figures *list = *figures;
  if (!list) return;
  for (size_t i = 0; i < list->count; i++) free(list->items[i].svg);
  ls_memory_free(&list->memory);
  free(list);
  *figures = NULL;
}
