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

/* ---- For the files of the chart ---- */

/* Which points of the sweep the lines of a chart consist of. A place is one value of x; a line of
 * curves over epochs has one point, whatever the epoch. */
typedef struct chart_lines {
  size_t panels;        /* values of the panel's variable, else 1 */
  size_t lines;         /* of each panel; the same line number has the same colour in all */
  size_t places;        /* points of a line */
  size_t *points;       /* [panel, line, place]; SIZE_MAX: none */
  size_t all, drawable; /* lines that there are; of these, with values */
  bool merged;          /* a place has several points, of which the first in rank is drawn */
} chart_lines;

int chart_make_lines(chart_lines *out, const report_summary *summary, const report_chart *chart);

/* The point of a line at a place; of a line of one point that one. SIZE_MAX: none. */
size_t chart_point(const chart_lines *lines, size_t panel, size_t line, size_t place);

/* Appends what distinguishes a line from the others: "lr = 0.1". */
void chart_add_line_name(ls_text *out, const report_results *results, const report_chart *chart,
                         const chart_lines *lines, size_t line);

/* Whether lines are the values of one variable of numbers. */
bool chart_is_ordered(const report_results *results, const report_chart *chart);

/* Statistics of a metric at a point and place (epoch, from 0). */
report_stat chart_stat(const report_summary *summary, const report_chart *chart,
                       const report_curve *curve, size_t point, size_t place);

/* A horizontal axis: its values in the order in which they are drawn. */
typedef struct chart_axis {
  const char *title;
  size_t count;
  const char **labels; /* [place] */
  double *positions;   /* [place] */
  double low, high;    /* of the frame */
  bool log, decades;
  bool labelled;       /* tics are at the values */
  bool connected;      /* values are numbers: lines go from one to the next */
  double step;         /* between tics that are not at the values; 0: gnuplot chooses */
  bool zero;           /* the first value is 0 on a logarithmic axis, apart from the others */
  double width, shift; /* room for a value's lines side by side (0: none); of single trials */
} chart_axis;

int chart_make_axis(chart_axis *out, ls_memory *memory, const report_results *results,
                    const report_chart *chart);

/* Where a value of line number `line` of `lines` is. */
double chart_position(const chart_axis *axis, size_t place, size_t line, size_t lines);

/* The same for single trials, set off a little so that bars do not hide them. */
double chart_trial_position(const chart_axis *axis, size_t place, size_t line, size_t lines);

/* The height of tic labels in excess of one line, in a panel of that width in pixels. */
int chart_tic_room(const chart_axis *axis, int width);

/* Makes it the axis of a panel of that width. */
void chart_set_axis(ls_plot_axis *x, ls_memory *memory, const chart_axis *axis, int width);

#endif
