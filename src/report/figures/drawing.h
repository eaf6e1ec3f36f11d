/* Inside the files of a chart: what is drawn. */
#ifndef LS_REPORT_FIGURES_DRAWING_H
#define LS_REPORT_FIGURES_DRAWING_H

#include "report/figures/figure.h"
#include "report/reported.h"

/* The samples that a curve is measured on, by the prefix of its name. */
typedef enum chart_samples {
  CHART_TRAINING,
  CHART_VALIDATION,
  CHART_TEST,
  CHART_SAMPLES
} chart_samples;

/* Which points of the sweep the lines of a chart consist of. A place is one value of x; a line of
 * curves over epochs has one point, whatever the epoch. */
typedef struct chart_lines {
  size_t panels;        /* values of the panel's variable, else 1 */
  size_t lines;         /* of each panel; the same line number has the same colour in all */
  size_t places;        /* points of a line */
  size_t width;         /* of so many neighbouring places one has a point */
  size_t *points;       /* [panel, line, place]; SIZE_MAX: none */
  size_t all, drawable; /* lines that there are; of these, with values */
  bool merged;          /* places have several points, of which the first in rank is drawn */
} chart_lines;

/* The horizontal axis: its values in the order in which they are drawn. */
typedef struct chart_axis {
  ls_plot_axis plot; /* but for its tics at the values */
  size_t count;
  const char **labels; /* [place] */
  double *positions;   /* [place] */
  bool labelled;       /* tics are at the values */
  bool connected;      /* values are numbers: lines go from one to the next */
  bool zero;           /* the first value is 0 on a logarithmic axis, apart from the others */
  double width, shift; /* room for a value's lines side by side (0: none); of single trials */
} chart_axis;

typedef struct chart_drawing {
  const report_chart *chart;
  const report_summary *summary;
  const report_results *results;
  chart_lines lines;
  chart_axis axis;
  const char **bases; /* [base]: names of the curves without their prefix, each once */
  size_t base_count;
  bool shown[CHART_SAMPLES]; /* there are curves of these samples */
  bool mixed;                /* there are curves of several kinds of samples */
  bool ordered;              /* lines have an order, which colours follow */
  bool over_epochs;
  bool dots; /* single trials are drawn beside their mean */
  ls_plot plot;
} chart_drawing;

/* Functions that make something return false without memory. */

/* ---- Lines (lines.c) ---- */

bool chart_make_lines(chart_drawing *d);

/* The point of a line of a panel at a place; of a line of one point that one. SIZE_MAX: none. */
size_t chart_point(const chart_drawing *d, size_t panel, size_t line, size_t place);

/* Appends what distinguishes a line from the others: "lr = 0.1". */
void chart_add_line_name(ls_text *out, const chart_drawing *d, size_t line);

/* Whether lines are the values of one variable of numbers. */
bool chart_is_ordered(const chart_drawing *d);

/* Statistics of a metric at a point and place (epoch, from 0). */
report_stat chart_stat(const chart_drawing *d, const report_curve *curve, size_t point,
                       size_t place);

/* ---- The axis (axis.c) ---- */

bool chart_make_axis(chart_drawing *d);

/* Where a value of a line is, or that of a single trial, which is set off a little so that bars do
 * not hide it. */
double chart_position(const chart_drawing *d, size_t place, size_t line, bool trial);

/* The height of tic labels in excess of one line, in a panel of that width in pixels. */
int chart_tic_room(const chart_axis *axis, int width);

/* Makes it the axis of a panel. */
void chart_set_axis(chart_drawing *d, ls_plot_panel *panel);

/* ---- Curves (curves.c) ---- */

/* Finds the bases and samples of the chart's curves. */
bool chart_list_bases(chart_drawing *d);

/* The name of a curve without its prefix; its number among the bases. */
const char *chart_base_name(const report_curve *curve);
size_t chart_base_of(const chart_drawing *d, const report_curve *curve);

/* How many metrics share a panel; whether a panel shows the curve. */
size_t chart_metrics_of_panel(const chart_drawing *d);
bool chart_is_in_panel(const chart_drawing *d, const report_curve *curve, size_t panel);

/* Whether a curve has full lines. */
bool chart_is_main(const chart_drawing *d, const report_curve *curve);

ls_plot_style chart_style(const chart_drawing *d, const report_curve *curve, size_t line);

/* Takes the references of a curve at the points of a panel into account. */
void chart_add_reference_values(report_stat *all, const chart_drawing *d, size_t panel,
                                const report_curve *curve);

/* Draws those of a curve in a panel: a line for one value of all points, else crosses. */
void chart_add_references(chart_drawing *d, size_t panel, const report_curve *curve);

void chart_add_legend(chart_drawing *d);
void chart_add_caption(ls_text *caption, const chart_drawing *d);

#endif
