/* The list of figures. */
#include "report/figures/figure.h"

#include "base/memory.h"
#include "base/text.h"
#include "lockstep/error.h"

#include <stdlib.h>

int report_figure_finish(report_figure *figure, const char *name, const char *title,
                         ls_text *caption, ls_figure_script *script) {
  figure->name = ls_copy_text(name);
  figure->title = ls_copy_text(title);
  figure->caption = ls_text_take(caption);
  int status = LS_FAILED;
  if (figure->name && figure->title && figure->caption) {
    status = ls_figure_svg(&figure->svg, script, title);
  }
  ls_text_free(&script->text);
  return status;
}

static void clear(report_figure *figure) {
  free(figure->name);
  free(figure->title);
  free(figure->caption);
  free(figure->svg);
  *figure = (report_figure){0};
}

int report_figures_draw(report_figures **out, const report_summary *summary) {
  const report_results *results = summary->results;
  *out = NULL;
  report_figures *list = ls_new(1, sizeof *list);
  if (!list) return LS_FAILED;
  size_t most = results->variable_count + 3;
  list->items = ls_new(most, sizeof *list->items);
  int status = list->items ? LS_OK : LS_FAILED;
  for (size_t i = 0; i < most && status == LS_OK; i++) {
    report_figure *next = &list->items[list->count];
    if (i == 0) {
      status = report_is_grid(results) ? report_draw_grid(next, summary)
                                       : report_draw_parallel(next, summary);
    } else if (i <= results->variable_count) {
      status = report_draw_final(next, summary, i - 1);
    } else if (i == results->variable_count + 1) {
      status = report_draw_learning(next, summary);
    } else {
      status = report_draw_learning_rate(next, summary);
    }
    if (status == LS_OK && next->svg) list->count++;
    if (status != LS_OK) clear(next);
  }
  if (status == LS_OK) *out = list;
  if (status != LS_OK) report_figures_free(&list);
  return status;
}

void report_figures_free(report_figures **figures) {
  report_figures *list = *figures;
  if (!list) return;
  for (size_t i = 0; i < list->count; i++) clear(&list->items[i]);
  free(list->items);
  free(list);
  *figures = NULL;
}
