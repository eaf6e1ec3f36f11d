/* Analyses as a section of an HTML page and of a Markdown page. */
#include "report/analyses.h"

#include "base/paths.h"
#include "lockstep/error.h"
#include "report/html.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { LARGEST_SVG = 1 << 28 };

/* ---- HTML ---- */

/* The figure's file, beside the analysis'. */
static char *figure_path(ls_memory *memory, const report_analysis *a, size_t k) {
  int folder = (int)(ls_file_name(a->path) - a->path);
  return ls_memory_text(memory, "%.*s%s", folder, a->path, a->figures[k]);
}

/* Says why a figure is not in the page. */
static void add_absent(ls_text *page, const char *path, const char *caption, const char *why) {
  ls_text_add(page, "<p>");
  ls_text_add_escaped(page, caption);
  ls_text_add(page, " (%s: ", why);
  html_element(page, "code", "", path);
  ls_text_add(page, ")</p>\n");
}

/* The figure `k` of the analysis `number`. */
static int add_figure(ls_text *page, const report_analyses *analyses, size_t number, size_t k,
                      bool all) {
  const report_analysis *a = &analyses->items[number - 1];
  const char *path = figure_path(analyses->memory, a, k);
  const char *name = ls_memory_text(analyses->memory, "analysis%zu-figure%zu", number, k);
  report_figure figure = {.name = name, .title = a->title, .caption = a->captions[k]};
  struct stat file;
  if (!path || !name) return LS_FAILED;
  if (stat(path, &file) != 0) {
    add_absent(page, path, figure.caption, "the figure is not there");
  } else if (!all && page->length + (size_t)file.st_size > REPORT_PAGE_MOST) {
    add_absent(page, path, figure.caption,
               "the figure would make this page too large; --all includes it");
  } else {
    char *svg = NULL;
    int status = ls_text_read_file(&svg, NULL, path, LARGEST_SVG);
    figure.svg = svg;
    if (status == LS_OK) status = html_figure(page, &figure);
    free(svg);
    return status;
  }
  return LS_OK;
}

static int add_analysis(ls_text *page, const report_analyses *analyses, size_t number, bool all) {
  const report_analysis *a = &analyses->items[number - 1];
  html_element(page, "h3", "", *a->title ? a->title : a->path);
  ls_text_add(page, "\n<ul>\n");
  if (*a->reference) {
    ls_text_add(page, "<li>reported: ");
    ls_text_add_escaped(page, a->reference);
    ls_text_add(page, "</li>\n");
  }
  for (size_t i = 0; i < a->summary_count; i++) {
    html_element(page, "li", "", a->summary[i]);
    ls_text_add(page, "\n");
  }
  ls_text_add(page, "</ul>\n<p>");
  html_element(page, "code", "", a->command);
  ls_text_add(page, "</p>\n");
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

/* ---- Markdown ---- */

/* A line of text, in which < would begin a tag, and * or _ emphasis. */
static void add_line(ls_text *page, const char *text) {
  for (; *text; text++) {
    if (strchr("<*_`[\\", *text)) ls_text_add(page, "\\");
    ls_text_add_bytes(page, text, 1);
  }
}

void report_overview_analyses(ls_text *page, const report_analyses *analyses) {
  if (analyses->count > 0) ls_text_add(page, "\n## Analyses\n");
  for (size_t i = 0; i < analyses->count; i++) {
    const report_analysis *a = &analyses->items[i];
    const char *name = ls_file_name(a->path);
    ls_text_add(page, "\n### ");
    ls_text_add_bytes(page, name, strcspn(name, "."));
    ls_text_add(page, ": ");
    add_line(page, a->title);
    ls_text_add(page, "\n\n");
    if (*a->reference) {
      ls_text_add(page, "Reported: ");
      add_line(page, a->reference);
      ls_text_add(page, "\n\n");
    }
    ls_text_add(page, "Ours:\n\n");
    for (size_t k = 0; k < a->summary_count; k++) {
      ls_text_add(page, "- ");
      add_line(page, a->summary[k]);
      ls_text_add(page, "\n");
    }
    ls_text_add(page, "\n```sh\n%s\n```\n", a->command);
  }
}
