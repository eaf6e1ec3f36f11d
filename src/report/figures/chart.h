/* Charts: metrics against the epoch or against a variable of the sweep, in one or several panels.
 * Every chart of the report is one description, the struct below. */
#ifndef LS_REPORT_FIGURES_CHART_H
#define LS_REPORT_FIGURES_CHART_H

#include "job/figures.h"
#include "report/figures/list.h"
#include "report/summary.h"

#include <stdint.h>

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

/* Draws a chart and appends it to the list; nothing where there is no value to draw. */
int report_draw_chart(report_figures *list, const report_summary *summary,
                      const report_chart *chart);

#endif
