/* Figures as files beside a Markdown page. */
#include "report/gallery.h"

#include "base/escape.h"
#include "base/paths.h"
#include "figure/svg.h"
#include "lockstep/error.h"

#include <stdlib.h>
#include <string.h>

/* `folder` as seen from the folder of the page, if it is below that; else as it is. */
static const char *link_of(const char *folder, const char *page) {
  size_t length = page ? (size_t)(ls_file_name(page) - page) : 0;
  return strncmp(folder, page ? page : "", length) == 0 ? folder + length : folder;
}

int report_gallery_create(report_gallery *out, ls_memory *memory, const char *folder,
                          const char *page) {
  *out = (report_gallery){0};
  if (!folder) return LS_OK;
  size_t length = strlen(folder);
  while (length > 1 && folder[length - 1] == '/') length--;
  out->folder = ls_memory_text(memory, "%.*s", (int)length, folder);
  if (!out->folder) return LS_FAILED;
  out->link = link_of(out->folder, page);
  return ls_make_directories(out->folder);
}

/* Writes the figure to the file NAME.svg, and shows it. */
static int add_figure(const report_gallery *g, ls_text *page, ls_memory *memory, const char *name,
                      const report_figure *figure) {
  ls_text_add_markdown(page, "\n![%s](<%s/%s.svg>)\n\n%s\n", figure->title, g->link, name,
                       figure->caption);
  return report_figure_write(memory, g->folder, name, figure->svg);
}

int report_gallery_add_job(const report_gallery *g, ls_text *page, const report_summary *s) {
  if (!g->folder) return LS_OK;
  const report_results *r = s->results;
  report_figures figures = {0};
  ls_sections described;
  int status = ls_figures_read_job(&described, r->job, "job");
  if (status == LS_OK && described.count > 0) status = report_figures_draw(&figures, s, &described);
  ls_figures_clear(&described);
  for (size_t i = 0; i < figures.count && status == LS_OK; i++) {
    const report_figure *figure = &figures.items[i];
    const char *name = ls_memory_text(s->memory, "%s_%s", r->name, figure->name);
    if (i == 0) ls_text_add_markdown(page, "\n### %s: %s\n", r->name, r->title);
    status = name ? add_figure(g, page, s->memory, name, figure) : LS_FAILED;
  }
  return status;
}

int report_gallery_add_analysis(const report_gallery *g, ls_text *page, ls_memory *memory,
                                const report_analysis *a) {
  int status = LS_OK;
  for (size_t k = 0; k < a->figure_count && g->folder && status == LS_OK; k++) {
    const char *name =
        ls_memory_text(memory, "%.*s", (int)ls_stem_length(a->figures[k]), a->figures[k]);
    char *given = NULL, *svg = NULL;
    status = name ? report_analysis_figure(&given, a, k) : LS_FAILED;
    if (status == LS_OK) status = ls_svg_inline(&svg, given, "figure", a->title);
    const report_figure figure = {.title = a->title, .caption = a->captions[k], .svg = svg};
    if (status == LS_OK) status = add_figure(g, page, memory, name, &figure);
    if (status == LS_INVALID) {
      ls_text_add_markdown(page, "\n%s (not shown: %s)\n", a->captions[k], ls_error_message());
      ls_error_clear();
      status = LS_OK;
    }
    free(svg);
    free(given);
  }
  return status;
}
