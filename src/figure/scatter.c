/* Scatter plots: panels of points whose colours and markers show their classes, with outlines and
 * ellipses, and one legend below. */
#include "figure/kinds.h"
#include "lockstep/error.h"

#include <math.h>

/* Pixels: of a panel that stands alone, of one of several, of a heading. CORNERS: of an ellipse. */
enum { ALONE = 600, SHARED = 480, HEADING = 16, CORNERS = 90 };

static void ellipse_point(const ls_figure_ellipse *e, size_t i, double out[2]) {
  double t = 2 * M_PI * (double)i / CORNERS;
  double a = e->half_axes[0] * cos(t), b = e->half_axes[1] * sin(t);
  out[0] = e->center[0] + a * cos(e->angle) - b * sin(e->angle);
  out[1] = e->center[1] + a * sin(e->angle) + b * cos(e->angle);
}

static void add_polygons(ls_plot *plot, ls_plot_panel *panel, const ls_figure_scatter *s) {
  for (size_t p = 0; p < s->polygon_count; p++) {
    const ls_figure_polygon *polygon = &s->polygons[p];
    ls_plot_style style = {ls_figure_color(polygon->class_index), .width = 1.2};
    for (int filled = 1; filled >= 0; filled--) {
      ls_plot_series *series = ls_plot_add(plot, panel, filled ? LS_PLOT_AREA : LS_PLOT_LINE,
                                           &style, polygon->count + 1);
      for (size_t i = 0; i <= polygon->count && polygon->count; i++) {
        const double *point = polygon->points + 2 * (i % polygon->count);
        ls_plot_row(series, point[0], point[1], 0);
      }
    }
  }
}

static void add_ellipses(ls_plot *plot, ls_plot_panel *panel, const ls_figure_scatter *s) {
  for (size_t e = 0; e < s->ellipse_count; e++) {
    ls_plot_style style = {ls_figure_color(s->ellipses[e].class_index), .width = 1.2,
                           .dashes = "6,4"};
    ls_plot_series *series = ls_plot_add(plot, panel, LS_PLOT_LINE, &style, CORNERS + 1);
    for (size_t i = 0; i <= CORNERS; i++) {
      double point[2];
      ellipse_point(&s->ellipses[e], i, point);
      ls_plot_row(series, point[0], point[1], 0);
    }
  }
}

static ls_plot_style class_style(size_t k) {
  return (ls_plot_style){ls_figure_color(k), .point = ls_figure_point(k), .size = 0.45};
}

static void add_points(ls_plot *plot, ls_plot_panel *panel, const ls_figure_scatter *s,
                       size_t class_count) {
  for (size_t k = 0; k < class_count; k++) {
    ls_plot_style style = class_style(k);
    ls_plot_series *series = ls_plot_add(plot, panel, LS_PLOT_POINTS, &style, s->count);
    for (size_t i = 0; i < s->count; i++) {
      if (s->classes[i] != (int32_t)k) continue;
      ls_plot_row(series, s->points[2 * i], s->points[2 * i + 1], 0);
    }
  }
}

/* Includes all that is drawn, with the same length of a unit on both axes where that is asked for.
 */
static void set_ranges(ls_plot_panel *panel, bool equal_units) {
  double low[2] = {INFINITY, INFINITY}, high[2] = {-INFINITY, -INFINITY}, unit[2];
  ls_plot_axis *axes[2] = {&panel->x, &panel->y};
  const double room[2] = {panel->frame.width, panel->frame.height};
  for (size_t i = 0; i < panel->count; i++) {
    for (size_t r = 0; r < 2 * panel->series[i].count; r++) {
      low[r % 2] = fmin(low[r % 2], panel->series[i].rows[r / 2][r % 2]);
      high[r % 2] = fmax(high[r % 2], panel->series[i].rows[r / 2][r % 2]);
    }
  }
  for (int k = 0; k < 2; k++) {
    if (!(low[k] <= high[k])) low[k] = high[k] = 0;
    ls_plot_range(axes[k], low[k], high[k], 0.04);
    unit[k] = room[k] / (axes[k]->high - axes[k]->low);
  }
  int longer = unit[0] > unit[1] ? 0 : 1;
  double more = (room[longer] / unit[1 - longer] - (axes[longer]->high - axes[longer]->low)) / 2;
  if (!equal_units) return;
  axes[longer]->low -= more;
  axes[longer]->high += more;
}

static void add_panel(ls_plot *plot, ls_plot_panel *panel, const ls_figure_scatter *s,
                      size_t class_count) {
  panel->heading = s->heading;
  panel->x.title = s->x_title;
  panel->y.title = s->y_title;
  panel->grid = "x y";
  add_polygons(plot, panel, s);
  add_ellipses(plot, panel, s);
  add_points(plot, panel, s, class_count);
  set_ranges(panel, s->equal_units);
}

void figure_scatters(ls_plot *plot, const ls_figure_scatters *f) {
  int columns = f->count > 1 ? 2 : 1, rows = ((int)f->count + columns - 1) / columns;
  int width = columns > 1 ? SHARED : ALONE, height = width * 85 / 100;
  *plot = (ls_plot){.title = f->title, .width = columns * width, .height = rows * height};
  if (ls_plot_begin(plot, f->count) != LS_OK) return;
  for (int p = 0; p < (int)f->count; p++) {
    int heading = f->panels[p].heading ? HEADING : 0;
    ls_figure_box box = {p % columns * width, p / columns * height + heading, width,
                         height - heading};
    add_panel(plot, ls_plot_place(plot, (size_t)p, box, 0), &f->panels[p], f->class_count);
  }
  for (size_t k = 0; k < f->class_count; k++) {
    ls_plot_style style = class_style(k);
    ls_plot_legend(plot, f->class_names[k], &style, false, true);
  }
}
