/* The figures of the report: what is drawn, and the words below it. */
#ifndef LS_REPORT_FIGURES_FIGURE_H
#define LS_REPORT_FIGURES_FIGURE_H

#include "figure/gnuplot.h"
#include "report/sides.h"
#include "report/summary.h"

/* `name` is fit for a file name and for the ids of a page. */
typedef struct report_figure {
  char *name, *title, *caption;
  char *svg; /* a whole SVG file */
} report_figure;

typedef struct report_figures {
  report_figure *items;
  size_t count;
} report_figures;

/* Draws every figure for which there is something to show: the final values of a sweep over several
 * variables, as a heat map or in parallel coordinates; against each variable; learning curves; the
 * learning rate where it changes. */
int report_figures_draw(report_figures **out, const report_summary *summary);
void report_figures_free(report_figures **figures);

/* What colours and axes tell apart of the points' final values: all of them, but for outliers at
 * the worse end, beyond 1.5 interquartile ranges from the quartile (Tukey), which would leave no
 * room for the others. */
typedef struct report_range {
  double low, high;
  size_t beyond; /* how many points are left out */
} report_range;

int report_range_of(report_range *out, const report_summary *summary);

/* Where the value stands in the range, from 0 at the worst to 1 at the best; at the highest, where
 * it is not known what is better. */
double report_goodness(const report_range *range, const report_summary *summary, double value);

/* The variables of several values; returns how many. `out` has room for all. */
size_t report_swept(const report_results *results, size_t *out);

/* The indices of an axis' values in the order in which they are drawn: numbers from the least on.
 */
void report_value_order(const report_axis *axis, size_t *order);

/* Whether the points can be told as heat maps: two or three variables of few enough values. */
bool report_is_grid(const report_results *results);

/* For the functions below: runs the script and sets the figure. Takes the texts and the script. */
int report_figure_finish(report_figure *figure, const char *name, const char *title,
                         ls_text *caption, ls_figure_script *script);

/* One figure each. Where there is nothing to show the figure's svg stays NULL. */
int report_draw_learning(report_figure *figure, const report_summary *summary);
int report_draw_learning_rate(report_figure *figure, const report_summary *summary);
int report_draw_grid(report_figure *figure, const report_summary *summary);
int report_draw_parallel(report_figure *figure, const report_summary *summary);
int report_draw_final(report_figure *figure, const report_summary *summary, size_t variable);

/* The means and the differences of files side by side, with their intervals. */
int report_sides_figures(report_figures **out, const report_sides *sides);

#endif
