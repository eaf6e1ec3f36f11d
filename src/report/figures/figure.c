/* The list of figures. */
#include "report/figures/figure.h"

#include "base/memory.h"
#include "base/text.h"
#include "lockstep/error.h"

#include <stdlib.h>

int ls_report_figure_finish(ls_report_figure *figure, const char *name, const char *title,
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

static void clear(ls_report_figure *figure) {
  free(figure->name);
  free(figure->title);
  free(figure->caption);
  free(figure->svg);
  *figure = (ls_report_figure){0};
}

int ls_report_figures_draw(ls_report_figures **out, const ls_report_results *results,
                           const ls_report_summary *summary) {
  *out = NULL;
  ls_report_figures *list = ls_new(1, sizeof *list);
  if (!list) return LS_FAILED;
  size_t most = results->variable_count + 3;
  list->items = ls_new(most, sizeof *list->items);
  int status = list->items ? LS_OK : LS_FAILED;
  for (size_t i = 0; i < most && status == LS_OK; i++) {
    ls_report_figure *next = &list->items[list->count];
    if (i == 0) {
      status = ls_report_is_grid(results) ? ls_report_draw_grid(next, results, summary)
                                          : ls_report_draw_parallel(next, results, summary);
    } else if (i <= results->variable_count) {
      status = ls_report_draw_final(next, results, summary, i - 1);
    } else if (i == results->variable_count + 1) {
      status = ls_report_draw_learning(next, results, summary);
    } else {
      status = ls_report_draw_learning_rate(next, results, summary);
    }
    if (status == LS_OK && next->svg) list->count++;
    if (status != LS_OK) clear(next);
  }
  if (status == LS_OK) *out = list;
  if (status != LS_OK) ls_report_figures_free(&list);
  return status;
}

void ls_report_figures_free(ls_report_figures **figures) {
  ls_report_figures *list = *figures;
  if (!list) return;
  for (size_t i = 0; i < list->count; i++) clear(&list->items[i]);
  free(list->items);
  free(list);
  *figures = NULL;
}
