/* The best value so far against the epochs trained. Points are taken in the order of the sweep, of
 * a search rung by rung in each bracket: results do not record when a trial was run, and this order
 * is the same on any number of ranks. */
#include "report/figures/search.h"

#include "lockstep/error.h"

#include <math.h>

enum { WIDTH = 720, HEIGHT = 340, MOST_DOTS = 1000 };

/* A point after some epochs. */
typedef struct step {
  double epochs; /* trained so far, of all trials */
  double value;  /* NaN: none */
} step;

typedef struct course {
  const report_summary *summary;
  step *steps;
  size_t count;
  double epochs;
} course;

/* The epochs that the trials of a point have run up to an epoch. */
static double epochs_of(const report_results *r, size_t point, size_t up_to) {
  double sum = 0;
  for (size_t t = point * r->repeats; t < (point + 1) * r->repeats; t++) {
    size_t run = r->trials[t].epochs_run;
    sum += (double)(run < up_to ? run : up_to);
  }
  return sum;
}

static void add_step(course *c, double epochs, double value) {
  c->epochs += epochs;
  c->steps[c->count++] = (step){c->epochs, isfinite(value) ? value : NAN};
}

/* The points of a bracket from the rung before on to this one. */
static void add_rung(course *c, int64_t bracket, size_t rung) {
  const report_results *r = c->summary->results;
  const report_search *s = r->search;
  size_t before = rung > (size_t)bracket ? (size_t)s->epochs[rung - 1] : 0;
  for (size_t p = 0; p < r->points; p++) {
    if (s->brackets[p] != bracket) continue;
    double epochs = epochs_of(r, p, (size_t)s->epochs[rung]) - epochs_of(r, p, before);
    double value = s->values[p * s->rungs + rung];
    if (epochs > 0) add_step(c, epochs, value);
  }
}

static bool make_course(course *c, const report_summary *s) {
  const report_results *r = s->results;
  size_t rungs = r->search ? r->search->rungs : 1, most = 0;
  if (__builtin_mul_overflow(r->points, rungs, &most)) most = SIZE_MAX;
  *c = (course){.summary = s, .steps = ls_memory_new(s->memory, most, sizeof *c->steps)};
  if (!c->steps) return false;
  for (size_t b = 0; r->search && b < rungs; b++) {
    for (size_t k = b; k < rungs && report_bracket_size(r, b) > 0; k++) add_rung(c, (int64_t)b, k);
  }
  for (size_t p = 0; p < r->points && !r->search; p++) {
    double epochs = epochs_of(r, p, SIZE_MAX);
    if (epochs > 0) add_step(c, epochs, report_monitored(s, p)->mean);
  }
  return true;
}

static void add_dots(ls_plot *plot, const course *c) {
  static const ls_plot_style style = {0x999999, .point = 7, .size = 0.35};
  size_t dots = c->count < MOST_DOTS ? c->count : MOST_DOTS;
  ls_plot_series *series = ls_plot_add(plot, &plot->panels[0], LS_PLOT_POINTS, &style, dots);
  for (size_t i = 0; i < dots; i++) {
    const step *s = &c->steps[i * c->count / dots];
    ls_plot_row(series, s->epochs, s->value, 0);
  }
  ls_plot_legend(plot, "a point", &style, false, true);
}

/* A line that goes up or down where a better value is found. */
static void add_best(ls_plot *plot, const course *c) {
  static const ls_plot_style style = {0xd55e00, .width = 2.2};
  ls_plot_series *series =
      ls_plot_add(plot, &plot->panels[0], LS_PLOT_LINE, &style, 2 * c->count + 1);
  double best = NAN;
  int better = c->summary->better;
  for (size_t i = 0; i < c->count; i++) {
    const step *s = &c->steps[i];
    if (isnan(s->value) || better * s->value <= better * best) continue;
    if (!isnan(best)) ls_plot_row(series, s->epochs, best, 0);
    ls_plot_row(series, s->epochs, s->value, 0);
    best = s->value;
  }
  ls_plot_row(series, c->epochs, best, 0);
  ls_plot_legend(plot, "best so far", &style, true, false);
}

static void add_caption(ls_text *caption, const course *c) {
  const report_results *r = c->summary->results;
  double all = (double)r->points * (double)r->repeats * (double)r->epochs;
  ls_text_add(caption, "The best mean %s so far against the epochs trained, of all trials together",
              r->monitor);
  ls_text_add(caption, r->search ? ": %.0f of the %.0f of all points." : ": %.0f of up to %.0f.",
              c->epochs, all);
  ls_text_add(caption, r->search
                           ? " Points are in the order of the sweep, rung by rung; a dot is "
                             "the value of a point at a rung."
                           : " Points are in the order of the sweep, with their final values.");
}

static void fill_panel(ls_plot *plot, const course *c, const report_range *range) {
  ls_plot_panel *panel = ls_plot_place(plot, 0, (ls_figure_box){0, 0, WIDTH, HEIGHT}, 0);
  panel->x = (ls_plot_axis){.title = "epochs trained", .high = c->epochs * 1.02};
  panel->y.title = c->summary->results->monitor;
  ls_plot_range(&panel->y, range->low, range->high, 0.05);
  add_dots(plot, c);
  add_best(plot, c);
}

void search_draw_progress(report_figures *list, const report_summary *s) {
  course c;
  double *values = make_course(&c, s) ? ls_memory_new(s->memory, c.count, sizeof *values) : NULL;
  if (!values) return;
  for (size_t i = 0; i < c.count; i++) values[i] = c.steps[i].value;
  report_range range = report_range_of_values(s->memory, values, c.count, s->better);
  if (isnan(range.low) || c.count < 2) return;
  ls_plot plot = {
      .title = "Best so far against the epochs trained", .width = WIDTH, .height = HEIGHT};
  if (ls_plot_begin(&plot, 1) == LS_OK) fill_panel(&plot, &c, &range);
  ls_text caption = {0};
  add_caption(&caption, &c);
  report_add_outliers(&caption, &range, "", " are not shown");
  report_figure_add(list, "best_so_far", &caption, &plot);
}
