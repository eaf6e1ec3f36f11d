/* Figures that were drawn, with the words below them. */
#ifndef LS_REPORT_FIGURES_LIST_H
#define LS_REPORT_FIGURES_LIST_H

#include "base/text.h"
#include "figure/plot.h"

/* `name` is fit for a file name and for the ids of a page. */
typedef struct report_figure {
  char *name, *title, *caption;
  char *svg; /* a whole SVG file */
} report_figure;

typedef struct report_figures {
  ls_memory memory; /* of the texts */
  report_figure *items;
  size_t count;
} report_figures;

/* An empty list with room for `most` figures. */
int report_figures_create(report_figures **out, size_t most);
void report_figures_free(report_figures **figures);

/* Draws the plot and appends it under its title; releases plot and caption. */
int report_figure_add(report_figures *list, const char *name, ls_text *caption, ls_plot *plot);

/* The same of a figure that was drawn, whose SVG file it takes; `status` says whether it could be.
 */
int report_figure_take(report_figures *list, const char *name, const char *title, ls_text *caption,
                       char *svg, int status);

#endif
