/* Results files side by side: a row for each match, with the means at the left and the difference
 * at the right, each with its 95 % interval. */
#include "report/figures/figure.h"

#include "lockstep/error.h"

#include <math.h>

enum {
  MOST_ROWS = 60,
  WIDTH = 760, /* pixels */
  ROW = 26,
  TOP = 14,
  BOTTOM = 56,
  GAP = 28, /* between the panels, and at the right */
  LETTER = 7,
  MOST_LABEL = 240,
};

static ls_plot_style style_of(size_t file) {
  return (ls_plot_style){ls_figure_color(file), .width = 1.4, .point = ls_figure_point(file),
                         .size = 0.7};
}

/* Adds a file's means, or its differences, as points with their intervals; the rows are at 0, 1,
 * ... from top to bottom. Widens `all` by them. */
static void add_file(ls_plot *plot, ls_plot_panel *panel, const report_sides *s, size_t rows,
                     size_t file, bool differences, report_stat *all) {
  ls_plot_style style = style_of(file);
  ls_plot_series *bars = ls_plot_add(plot, panel, LS_PLOT_X_BARS, &style, rows);
  size_t bar = panel->count - 1;
  ls_plot_series *points = ls_plot_add(plot, panel, LS_PLOT_POINTS, &style, rows);
  if (!points) return;
  bars = &panel->series[bar]; /* the list may have moved */
  for (size_t i = 0; i < rows; i++) {
    const report_match *m = &s->matches[i];
    if (file > 0 && m->other != file) continue;
    const report_stat *stat = file ? &m->b_stat : &m->a_stat;
    double x = differences ? m->test.difference : stat->mean;
    double half = differences ? m->test.half_width : report_half_width(stat);
    double y = (double)i + (differences ? 0 : file ? 0.16 : -0.16);
    ls_plot_row(points, x, y, 0);
    if (!isnan(half)) ls_plot_row(bars, x, y, half);
    report_add_interval(all, x, half);
  }
}

/* Sets the axis of a panel's values. */
static void set_range(ls_plot_axis *x, const report_stat *all) {
  ls_plot_range(x, all->n ? all->least : 0, all->n ? all->most : 1, 0.06);
  x->step = ls_figure_tic_step(x->high - x->low);
}

static int label_width(const report_sides *s, size_t rows, const char **labels) {
  size_t longest = 0;
  for (size_t i = 0; i < rows; i++) {
    size_t width = ls_text_width(s->matches[i].name);
    if (width > longest) longest = width;
    labels[i] = s->matches[i].name;
  }
  int width = LETTER * (int)longest;
  return 20 + (width < MOST_LABEL ? width : MOST_LABEL);
}

static void fill_panels(ls_plot *plot, const report_sides *s, size_t rows, const char **labels) {
  int left = label_width(s, rows, labels), width = (WIDTH - left - 2 * GAP) / 2;
  for (int i = 0; i < 2; i++) {
    ls_plot_panel *panel = &plot->panels[i];
    report_stat all = REPORT_NO_STAT;
    panel->frame =
        (ls_figure_box){left + i * (width + GAP), TOP, width, plot->height - TOP - BOTTOM};
    panel->x.title = i ? ls_memory_text(&plot->memory, "difference from %s", s->names[0])
                       : ls_memory_text(&plot->memory, "final %s", s->metric);
    panel->y = (ls_plot_axis){
        .low = (double)rows - 0.3, .high = -0.7, .labels = labels, .count = i ? 0 : rows};
    panel->grid = "x noy";
    if (i) panel->rule = 0;
    if (i) report_add(&all, 0);
    for (size_t file = (size_t)i; file < s->count; file++) {
      add_file(plot, panel, s, rows, file, i == 1, &all);
    }
    set_range(&panel->x, &all);
  }
}

void report_draw_sides(report_figures *list, const report_sides *s) {
  size_t rows = s->match_count < MOST_ROWS ? s->match_count : MOST_ROWS;
  ls_plot plot = {
      .title = "Differences", .width = WIDTH, .height = TOP + BOTTOM + ROW * ((int)rows + 1)};
  const char **labels = ls_memory_new(&plot.memory, rows, sizeof *labels);
  if (ls_plot_begin(&plot, 2) == LS_OK) fill_panels(&plot, s, rows, labels);
  for (size_t i = 0; i < s->count; i++) {
    ls_plot_style style = style_of(i);
    ls_plot_legend(&plot, s->names[i], &style, true, true);
  }
  ls_text caption = {0};
  ls_text_add(&caption,
              "Final %s, and differences from %s. Bars are 95 %% intervals by Student's t, of the "
              "difference as it was tested; there are none of single values.",
              s->metric, s->names[0]);
  if (rows < s->match_count) {
    ls_text_add(&caption, " The first %zu of %zu rows of the table.", rows, s->match_count);
  }
  report_figure_add(list, "differences", &caption, &plot);
}
