/* The legend and the caption of a chart. */
#include "report/figures/drawing.h"

/* ---- The legend ---- */

/* The lines of the first curve of each metric that shares a panel. */
static void name_lines(chart_drawing *d) {
  size_t metrics = chart_metrics_of_panel(d), named = 0;
  if (d->lines.lines * metrics == 1) return;
  for (size_t c = 0; c < d->chart->curve_count && named < metrics; c++) {
    const report_curve *curve = d->chart->curves[c];
    if (chart_base_of(d, curve) != named) continue;
    named++;
    for (size_t i = 0; i < d->lines.lines; i++) {
      ls_plot_style style = chart_style(d, curve, i);
      ls_text text = {0};
      if (metrics > 1) ls_text_add(&text, "%s", d->mixed ? chart_base_name(curve) : curve->name);
      chart_add_line_name(&text, d, i);
      const char *name = ls_memory_keep(&d->plot.memory, ls_text_take(&text));
      style.dashes = NULL;
      if (name) ls_plot_legend(&d->plot, name, &style, d->axis.connected, true);
    }
  }
}

static void name_samples(chart_drawing *d) {
  static const chart_samples order[] = {CHART_VALIDATION, CHART_TEST, CHART_TRAINING};
  for (size_t i = 0; i < CHART_SAMPLES && d->mixed; i++) {
    chart_samples s = order[i];
    bool full = chart_is_full(d, s);
    const ls_plot_style style = {0x555555, .width = full ? 1.8 : 1.2,
                                 .dashes = full ? NULL : chart_kinds[s].dashes};
    if (d->shown[s]) ls_plot_legend(&d->plot, chart_kinds[s].name, &style, true, false);
  }
}

void chart_add_legend(chart_drawing *d) {
  name_lines(d);
  name_samples(d);
  chart_name_references(d);
}

/* ---- The caption ---- */

static void describe_values(ls_text *caption, const chart_drawing *d) {
  const report_summary *s = d->summary;
  size_t repeats = d->results->repeats;
  if (repeats > 1 && d->over_epochs) {
    ls_text_add(caption, " Mean over the trials of a point that reached the epoch; the band is "
                         "± 1 standard deviation.");
  } else if (repeats > 1) {
    ls_text_add(caption, " Mean ± 1 standard deviation over up to %zu trials%s.", repeats,
                d->dots ? ", the dots" : "");
  }
  if (d->over_epochs && (s->counts[REPORT_DIVERGED] || s->counts[REPORT_FAILED])) {
    ls_text_add(caption, " Diverged and failed trials are left out.");
  }
}

static void describe_lines(ls_text *caption, const chart_drawing *d) {
  const report_chart *chart = d->chart;
  const report_axis *variables = d->results->variables;
  bool ranked = d->summary->better != 0;
  if (chart->color != CHART_NONE) {
    ls_text_add(caption, " One %s for each value of %s.",
                d->axis.connected ? "line" : "kind of point", variables[chart->color].name);
  }
  if (chart->panel < CHART_METRIC) {
    ls_text_add(caption, " One panel for each value of %s.", variables[chart->panel].name);
  }
  if (d->lines.lines < d->lines.drawable) {
    ls_text_add(caption, " Shown are %zu of %zu points of the sweep%s", d->lines.lines,
                d->lines.drawable,
                ranked ? ": the best, the worst, and between them at even distances in rank."
                       : ", at even distances.");
  }
  if (d->lines.merged && d->lines.width > 1) {
    ls_text_add(caption, " Of the points at %zu neighbouring values of %s, the %s is shown.",
                d->lines.width, d->axis.plot.title, ranked ? "best" : "first");
  } else if (d->lines.merged) {
    ls_text_add(caption, " Where several points of the sweep have one place, the %s is shown.",
                ranked ? "best" : "first");
  }
}

void chart_add_caption(ls_text *caption, const chart_drawing *d) {
  ls_text_add(caption, "%s.", d->chart->subject);
  describe_values(caption, d);
  describe_lines(caption, d);
  if (d->axis.zero) {
    ls_text_add(caption, " 0 has a place of its own on the logarithmic axis.");
  }
  if (d->chart->note) ls_text_add(caption, " %s", d->chart->note);
}
