/* The figures of the report: what is drawn, and the words below it. */
#ifndef LS_REPORT_FIGURE_H
#define LS_REPORT_FIGURE_H

#include "lockstep/text.h"
#include "summary.h"

/* `name` is fit for a file name and for the ids of a page. */
typedef struct ls_report_figure {
  char *name, *title, *caption;
  char *svg; /* a whole SVG file */
} ls_report_figure;

typedef struct ls_report_figures {
  ls_report_figure *items;
  size_t count;
} ls_report_figures;

/* Draws every figure for which there is something to show: learning curves, the final value against
 * each variable, the learning rate where it changes. */
int ls_report_figures_draw(ls_report_figures **out, const ls_report_results *results,
                           const ls_report_summary *summary);
void ls_report_figures_free(ls_report_figures **figures);

/* For the functions below: runs the script and sets the figure. Takes the texts. */
int ls_report_figure_finish(ls_report_figure *figure, const char *name, const char *title,
                            ls_text *caption, ls_text *script);

/* One figure each. Where there is nothing to show the figure's svg stays NULL. */
int ls_report_draw_learning(ls_report_figure *figure, const ls_report_results *results,
                            const ls_report_summary *summary);
int ls_report_draw_learning_rate(ls_report_figure *figure, const ls_report_results *results,
                                 const ls_report_summary *summary);
int ls_report_draw_final(ls_report_figure *figure, const ls_report_results *results,
                         const ls_report_summary *summary, size_t variable);

#endif
