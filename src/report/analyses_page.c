/* Analyses as a section of an HTML page. */
#include "report/analyses.h"

#include "base/escape.h"
#include "lockstep/error.h"
#include "report/html.h"

#include <stdlib.h>
#include <string.h>

/* The figure `k` of the analysis `number`, or the reason why it is not in the page. */
static int add_figure(ls_text *page, const report_analyses *analyses, size_t number, size_t k,
                      bool all) {
  const report_analysis *a = &analyses->items[number - 1];
  const char *name = ls_memory_text(analyses->memory, "analysis%zu-figure%zu", number, k);
  if (!name) return LS_FAILED;
  char *svg = NULL;
  int status = report_analysis_figure(&svg, a, k);
  if (status == LS_OK && !all && page->length + strlen(svg) > REPORT_PAGE_MOST) {
    status =
        ls_fail(LS_INVALID, "%s: would make this page too large; --all includes it", a->figures[k]);
  }
  const report_figure figure = {
      .name = name, .title = a->title, .caption = a->captions[k], .svg = svg};
  if (status == LS_OK) status = html_figure(page, &figure);
  if (status == LS_INVALID) {
    ls_text_add_html(page, "<p>%s (not shown: %s)</p>\n", a->captions[k], ls_error_message());
    ls_error_clear();
    status = LS_OK;
  }
  free(svg);
  return status;
}

static int add_analysis(ls_text *page, const report_analyses *analyses, size_t number, bool all) {
  const report_analysis *a = &analyses->items[number - 1];
  html_element(page, "h3", "", *a->title ? a->title : a->path);
  ls_text_add(page, "\n<ul>\n");
  if (*a->reference) ls_text_add_html(page, "<li>reported: %s</li>\n", a->reference);
  for (size_t i = 0; i < a->summary_count; i++) {
    ls_text_add_html(page, "<li>%s</li>\n", a->summary[i]);
  }
  ls_text_add_html(page, "</ul>\n<p><code>%s</code></p>\n", a->command);
  int status = LS_OK;
  for (size_t k = 0; k < a->figure_count && status == LS_OK; k++) {
    status = add_figure(page, analyses, number, k, all);
  }
  return status;
}

int report_page_analyses(ls_text *page, const report_analyses *analyses, bool all) {
  int status = LS_OK;
  if (analyses->count > 0) ls_text_add(page, "<h2>Analyses</h2>\n");
  for (size_t i = 0; i < analyses->count && status == LS_OK; i++) {
    status = add_analysis(page, analyses, i + 1, all);
  }
  return status;
}
