/* Figures that were drawn, with the words below them. */
#ifndef LS_REPORT_FIGURES_LIST_H
#define LS_REPORT_FIGURES_LIST_H

#include "base/text.h"
#include "figure/plot.h"

/* `name` is fit for a file name and for the ids of a page. */
typedef struct report_figure {
  const char *name, *title, *caption;
  const char *svg; /* a whole SVG file */
} report_figure;

typedef struct report_figures {
  ls_memory *memory; /* borrowed: of all texts */
  report_figure *items;
  size_t count;
} report_figures;

/* Makes an empty list with room for `most` figures. */
int report_figures_begin(report_figures *list, ls_memory *memory, size_t most);

/* Draws the plot, whose title is in the same memory, and appends it; releases plot and caption. */
int report_figure_add(report_figures *list, const char *name, ls_text *caption, ls_plot *plot);

/* Writes a figure to the file FOLDER/NAME.svg. */
int report_figure_write(ls_memory *memory, const char *folder, const char *name, const char *svg);

#endif
