/* Cells drawn as an image, and colour bars. */
#include "figure/cells.h"

#include <math.h>

/* Pixels: a colour bar's width, with its numbers and title, its least and largest height. */
enum { BAR = 14, BAR_ROOM = 100, SHORTEST = 70, LONGEST = 300 };
enum { STEPS = 128 }; /* of its colours */

/* ---- Cells ---- */

static void complete_axis(ls_plot_axis *axis, double first, double last) {
  static const char *const none[] = {""};
  if (axis->low == axis->high) {
    axis->low = first;
    axis->high = last;
  }
  if (!axis->labels && !(axis->step > 0)) axis->labels = none;
}

void cells_add(ls_plot *plot, ls_plot_panel *panel, size_t rows, size_t columns,
               const int *colors) {
  ls_plot_axis *x = &panel->x, *y = &panel->y;
  complete_axis(x, -0.5, (double)columns - 0.5);
  complete_axis(y, (double)rows - 0.5, -0.5);
  panel->border = LS_PLOT_FRAME;
  /* One row or column would be a line to gnuplot: it is drawn twice. */
  size_t down = rows == 1 ? 2 : 1, across = columns == 1 ? 2 : 1;
  double height = (y->low - y->high) / (double)(rows * down);
  double width = (x->high - x->low) / (double)(columns * across);
  ls_plot_series *series =
      ls_plot_add(plot, panel, LS_PLOT_CELLS, &(ls_plot_style){0}, rows * down * columns * across);
  for (size_t i = 0; i < rows * down; i++) {
    for (size_t j = 0; j < columns * across; j++) {
      ls_plot_row(series, x->low + ((double)j + 0.5) * width, y->high + ((double)i + 0.5) * height,
                  colors[i / down * columns + j / across]);
    }
  }
}

/* ---- Colour bars ---- */

static void add_bar(ls_plot *plot, ls_plot_panel *panel, ls_figure_box frame,
                    const ls_figure_scale *scale) {
  ls_figure_scale shown = *scale;
  double range = shown.high - shown.low;
  bool numbered = isfinite(range) && range != 0;
  int colors[STEPS];
  if (!numbered) { /* only colours are shown */
    shown.low = 0;
    shown.high = range = 1;
  }
  for (int i = 0; i < STEPS; i++) {
    colors[i] = color_of(&shown, shown.high - range * (i + 0.5) / STEPS);
  }
  panel->frame = frame;
  panel->y = (ls_plot_axis){.title = scale->bar,
                            .low = shown.low,
                            .high = shown.high,
                            .step = numbered ? ls_figure_tic_step(fabs(range)) : 0,
                            .right = true};
  panel->y_title = frame.left + BAR_ROOM - ls_plot_line_height(LS_PLOT_TEXT) / 2.0;
  cells_add(plot, panel, STEPS, 1, colors);
}

void cells_finish(ls_plot *plot, ls_plot_panel *next, ls_figure_box content, double rows,
                  const ls_figure_scale *const *scales, size_t count) {
  double right = content.left + content.width, height = content.height;
  for (size_t i = 0; i < count; i++) {
    if (!scales[i]->bar) continue;
    double least = fmax(SHORTEST, ls_plot_widest(&scales[i]->bar, 1, LS_PLOT_TEXT));
    ls_figure_box bar = {right + 2 * CELLS_GAP, content.top, BAR, fmax(least, fmin(rows, LONGEST))};
    add_bar(plot, next++, bar, scales[i]);
    right = bar.left + BAR_ROOM;
    height = fmax(height, bar.height);
  }
  plot->panel_count = (size_t)(next - plot->panels);
  plot->width = (int)ceil(right) + CELLS_MARGIN;
  plot->height = (int)ceil(content.top + height) + CELLS_MARGIN;
}
