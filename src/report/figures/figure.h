/* The figures of the report: what is drawn, and the words below it. */
#ifndef LS_REPORT_FIGURES_FIGURE_H
#define LS_REPORT_FIGURES_FIGURE_H

#include "job/figures.h"
#include "report/figures/list.h"
#include "report/sides.h"

#include <stdint.h>

/* Draws every figure for which there is something to show: the course of a search and what it says
 * of the variables; the final values of a sweep over several variables, as a heat map or in
 * parallel coordinates; and the figures (of ls_figure_args) that are described or, where there are
 * none, the final values against each variable, learning curves, and the learning rate where it
 * changes. LS_INVALID for descriptions that name what the results do not have. */
void report_figures_draw(report_figures *out, const report_summary *summary,
                         const ls_sections *figures);

/* The means and the differences of files side by side, with their intervals. */
void report_draw_sides(report_figures *out, const report_sides *sides);

/* ---- For the files of this folder ---- */

/* Metrics against the epoch or against a variable of the sweep, in one or several panels. Every
 * such chart is one description, the struct below. */

/* In the place of a variable's index. */
#define CHART_NONE SIZE_MAX
#define CHART_EPOCH (SIZE_MAX - 1)  /* as x */
#define CHART_METRIC (SIZE_MAX - 2) /* as panel: one for each metric */

typedef struct report_chart {
  const char *name, *title;    /* as those of a report_figure */
  const char *subject;         /* the first sentence of the caption */
  const char *note;            /* its last one; NULL: none */
  const report_curve **curves; /* what is drawn */
  size_t curve_count;
  size_t x;     /* a variable, or CHART_EPOCH */
  size_t color; /* a variable; CHART_NONE: lines are combinations of the variables left */
  size_t panel; /* a variable, CHART_METRIC or CHART_NONE */
  ls_scale scale;
  bool best;         /* against a variable: the best value over the epochs, not the final one */
  size_t most_lines; /* of combinations */
} report_chart;

/* Each appends a figure, if there is something to show. */
void report_draw_chart(report_figures *list, const report_summary *summary,
                       const report_chart *chart);
void report_draw_defaults(report_figures *list, const report_summary *summary);
void report_draw_described(report_figures *list, const report_summary *summary,
                           const ls_sections *figures);
void report_draw_grid(report_figures *list, const report_summary *summary);
void report_draw_parallel(report_figures *list, const report_summary *summary);

/* Sets the name, the title and the subject of a chart and draws it; no other in the list has that
 * name. */
void report_draw_named(report_figures *list, const report_summary *summary, report_chart *chart);

/* Whether the points can be shown as heat maps: two or three variables of few enough values. */
bool report_is_grid(const report_results *results);

/* The values that colours and axes show of the points' final values: all of them, but for outliers
 * at the worse end, beyond 1.5 interquartile ranges from the quartile (Tukey), which would leave no
 * room for the others. */
typedef struct report_range {
  double low, high;
  size_t beyond; /* how many points are left out */
  double limit;  /* beyond which of the two they are */
} report_range;

report_range report_range_of(const report_summary *summary);

/* The same of other values, of which NaN are left out; `better` as of a curve. A range of NaN
 * without any. */
report_range report_range_of_values(ls_memory *memory, const double *values, size_t count,
                                    int better);

/* Where the value is in the range, from 0 to 1; 0.5 in a range of one value. */
double report_place(const report_range *range, double value);

/* The same from the worst value to the best one. */
double report_goodness(const report_range *range, double value, int better);

/* Appends a sentence on what is left out, if anything is. */
void report_add_outliers(ls_text *caption, const report_range *range, const char *before,
                         const char *after);

#endif
