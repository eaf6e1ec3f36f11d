/* Curves: lines with markers over bands of uncertainty, and a legend below. Lines differ in colour,
 * marker and dashes, so that they can be distinguished in grey. */
#include "figure/figure.h"
#include "lockstep/error.h"

#include <math.h>

enum { WIDTH = 640, HEIGHT = 380 };

/* A reference is thin and grey. */
static ls_plot_style style_of(const ls_figure_line *line, size_t number) {
  if (line->reference) return (ls_plot_style){0x777777, .width = 1.2, .dashes = "6,5"};
  return (ls_plot_style){
      ls_figure_color(number),          .width = 1.8, .dashes = line->dashed ? "8,4" : NULL,
      .point = ls_figure_point(number), .size = 0.7,  .every = line->every};
}

static void add_line(ls_plot *plot, const ls_figure_line *line, size_t number, bool band) {
  ls_plot_style style = style_of(line, number);
  ls_plot_kind kind = band ? LS_PLOT_BAND : line->reference ? LS_PLOT_LINE : LS_PLOT_LINEPOINTS;
  ls_plot_series *series = ls_plot_add(plot, &plot->panels[0], kind, &style, line->count);
  for (size_t k = 0; k < line->count; k++) {
    ls_plot_row(series, line->x[k], band ? line->low[k] : line->y[k], band ? line->high[k] : 0);
  }
  if (!band) ls_plot_legend(plot, line->label, &style, true, !line->reference);
}

ls_plot ls_figure_lines(const ls_figure_curves *curves) {
  ls_plot plot = {.title = curves->title, .width = WIDTH, .height = HEIGHT};
  if (ls_plot_begin(&plot, 1) != LS_OK) return plot;
  ls_plot_panel *panel = ls_plot_place(&plot, 0, (ls_figure_box){0, 0, WIDTH, HEIGHT}, 0);
  panel->x.title = curves->x_title;
  panel->y.title = curves->y_title;
  for (int band = 1; band >= 0; band--) {
    for (size_t i = 0; i < curves->count; i++) {
      if (!band || curves->lines[i].low) add_line(&plot, &curves->lines[i], i, band);
    }
  }
  double least = INFINITY, most = -INFINITY;
  ls_plot_extend(&least, &most, panel, 0);
  ls_plot_range(&panel->x, least, most, 0.03);
  return plot;
}
