/* The list of figures. */
#include "report/figures/figure.h"

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

static int make_list(report_figures **out, size_t most) {
  *out = ls_new(1, sizeof **out);
  if (!*out) return LS_FAILED;
  (*out)->items = ls_memory_new(&(*out)->memory, most, sizeof *(*out)->items);
  return ls_memory_status(&(*out)->memory);
}

int report_figures_draw(report_figures **out, const report_summary *summary) {
  const report_results *r = summary->results;
  int status = make_list(out, r->variable_count + 3);
  if (status == LS_OK) {
    status =
        report_is_grid(r) ? report_draw_grid(*out, summary) : report_draw_parallel(*out, summary);
  }
  for (size_t v = 0; v < r->variable_count && status == LS_OK; v++) {
    status = report_draw_final(*out, summary, v);
  }
  if (status == LS_OK) status = report_draw_learning(*out, summary);
  if (status == LS_OK) status = report_draw_learning_rate(*out, summary);
  if (status != LS_OK) report_figures_free(out);
  return status;
}

int report_sides_figures(report_figures **out, const report_sides *sides) {
  int status = make_list(out, 1);
  if (status == LS_OK) status = report_draw_sides(*out, sides);
  if (status != LS_OK) report_figures_free(out);
  return status;
}

void report_figures_free(report_figures **figures) {
  report_figures *list = *figures;
  if (!list) return;
  for (size_t i = 0; i < list->count; i++) free(list->items[i].svg);
  ls_memory_free(&list->memory);
  free(list);
  *figures = NULL;
}
