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

/* Start from {.memory = ...}. After a failure nothing is added. */
typedef struct report_figures {
  ls_memory *memory; /* borrowed: of all texts, and of what drawing needs */
  report_figure *items;
  size_t count;
  int status; /* the first failure of drawing */
} report_figures;

/* LS_OK unless drawing or an allocation has failed. */
int report_figures_status(const report_figures *list);

/* Appends a figure, whose texts are in the same memory. */
void report_figures_append(report_figures *list, report_figure figure);

/* Draws the plot, whose title is in the same memory, and appends it; releases plot and caption. */
void report_figure_add(report_figures *list, const char *name, ls_text *caption, ls_plot *plot);

/* Writes a figure to the file FOLDER/NAME.svg. */
int report_figure_write(ls_memory *memory, const char *folder, const char *name, const char *svg);

#endif
