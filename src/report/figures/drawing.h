/* Inside the files of a chart: what is drawn. */
#ifndef LS_REPORT_FIGURES_DRAWING_H
#define LS_REPORT_FIGURES_DRAWING_H

#include "report/figures/chart.h"
#include "report/reported.h"

/* The samples that a curve is measured on, by the prefix of its name. */
typedef enum chart_samples {
  CHART_TRAINING,
  CHART_VALIDATION,
  CHART_TEST,
  CHART_SAMPLES
} chart_samples;

typedef struct chart_kind {
  const char *prefix, *name, *dashes;
  int cross; /* gnuplot's number of the shape of references: +, x, * */
} chart_kind;

extern const chart_kind chart_kinds[CHART_SAMPLES];

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

/* ---- Curves (curves.c) ---- */

/* Finds the bases and samples of the chart's curves. */
int chart_list_bases(chart_drawing *d);

chart_samples chart_samples_of(const report_curve *curve);

/* The name of a curve without its prefix; its number among the bases. */
const char *chart_base_name(const report_curve *curve);
size_t chart_base_of(const chart_drawing *d, const report_curve *curve);

/* The panel of the lines that a panel shows: those for metrics show the same ones. */
size_t chart_lines_of_panel(const chart_drawing *d, size_t panel);

/* How many metrics share a panel; whether a panel shows the curve. */
size_t chart_metrics_of_panel(const chart_drawing *d);
bool chart_is_in_panel(const chart_drawing *d, const report_curve *curve, size_t panel);

/* Whether curves of these samples, or this one, have full lines. */
bool chart_is_full(const chart_drawing *d, chart_samples samples);
bool chart_is_main(const chart_drawing *d, const report_curve *curve);

ls_plot_style chart_style(const chart_drawing *d, const report_curve *curve, size_t line);

/* ---- References (references.c) ---- */

/* Takes the references of a curve at the points of a panel into account. */
void chart_add_reference_values(report_stat *all, const chart_drawing *d, size_t panel,
                                const report_curve *curve);

/* Draws those of a curve in a panel: a line for one value of all points, else crosses. */
void chart_add_references(chart_drawing *d, size_t panel, const report_curve *curve);

/* Adds those of all curves to the legend. */
void chart_name_references(chart_drawing *d);

/* ---- Words (words.c) ---- */

void chart_add_legend(chart_drawing *d);
void chart_add_caption(ls_text *caption, const chart_drawing *d);

#endif
