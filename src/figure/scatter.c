/* Scatter plots: panels of points whose classes are told by colour and marker, with outlines and
 * ellipses, and one legend below. */
#include "base/memory.h"
#include "figure/canvas.h"
#include "figure/colors.h"
#include "figure/kinds.h"
#include "lockstep/error.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* Pixels. */
enum { MARGIN = 8, LEFT = 66, BOTTOM = 50, GAP = 14, ALONE = 520, SHARED = 400, CORNERS = 90 };

/* A panel on the canvas, and the part of the plane it shows. */
typedef struct frame {
  ls_figure_box inner;
  double low[2], high[2];
} frame;

static const double pi = 3.14159265358979323846;

static void ellipse_point(const ls_figure_ellipse *e, size_t i, double out[2]) {
  double t = 2 * pi * (double)i / CORNERS;
  double a = e->half_axes[0] * cos(t), b = e->half_axes[1] * sin(t);
  out[0] = e->center[0] + a * cos(e->angle) - b * sin(e->angle);
  out[1] = e->center[1] + a * sin(e->angle) + b * cos(e->angle);
}

/* ---- What a panel shows ------------------------------------------------------------------------
 */

static void widen(frame *f, const double *point) {
  for (int k = 0; k < 2; k++) {
    f->low[k] = fmin(f->low[k], point[k]);
    f->high[k] = fmax(f->high[k], point[k]);
  }
}

/* Room around the data, and the same length of a unit on both axes where that is asked for. */
static void settle(frame *f, bool equal_units) {
  double unit[2], room[2] = {f->inner.width, f->inner.height};
  for (int k = 0; k < 2; k++) {
    if (!(f->low[k] <= f->high[k])) f->low[k] = f->high[k] = 0;
    double pad = 0.04 * (f->high[k] - f->low[k]);
    if (!(pad > 0)) pad = 1;
    f->low[k] -= pad;
    f->high[k] += pad;
    unit[k] = room[k] / (f->high[k] - f->low[k]);
  }
  int longer = unit[0] > unit[1] ? 0 : 1;
  if (!equal_units) return;
  double more = (room[longer] / unit[1 - longer] - (f->high[longer] - f->low[longer])) / 2;
  f->low[longer] -= more;
  f->high[longer] += more;
}

static void find_range(frame *f, const ls_figure_scatter *s) {
  for (int k = 0; k < 2; k++) {
    f->low[k] = INFINITY;
    f->high[k] = -INFINITY;
  }
  for (size_t i = 0; i < s->count; i++) widen(f, s->points + 2 * i);
  for (size_t p = 0; p < s->polygon_count; p++) {
    const ls_figure_polygon *polygon = &s->polygons[p];
    for (size_t i = 0; i < polygon->count; i++) widen(f, polygon->points + 2 * i);
  }
  for (size_t e = 0; e < s->ellipse_count; e++) {
    for (size_t i = 0; i < CORNERS; i++) {
      double point[2];
      ellipse_point(&s->ellipses[e], i, point);
      widen(f, point);
    }
  }
  settle(f, s->equal_units);
}

/* A point of the plane in pixels. */
static void place(const frame *f, const double *point, double out[2]) {
  out[0] = f->inner.left + (point[0] - f->low[0]) / (f->high[0] - f->low[0]) * f->inner.width;
  out[1] = f->inner.top + (f->high[1] - point[1]) / (f->high[1] - f->low[1]) * f->inner.height;
}

/* ---- Drawing -----------------------------------------------------------------------------------
 */

static void draw_axis(canvas *c, const frame *f, int k) {
  double step = ls_figure_tic_step(f->high[k] - f->low[k]);
  double bottom = f->inner.top + f->inner.height;
  for (double at = ceil(f->low[k] / step); at * step <= f->high[k]; at++) {
    double where[2] = {f->low[0], f->low[1]}, pixel[2];
    char text[32];
    where[k] = at * step;
    place(f, where, pixel);
    canvas_format_tic(text, where[k], step);
    if (k == 0) {
      canvas_line(c, pixel[0], bottom, pixel[0], bottom + 4, 0x444444);
      canvas_text(c, pixel[0], bottom + 6 + SMALL_LINE / 2.0, ANCHOR_CENTER, SMALL, text);
    } else {
      canvas_line(c, f->inner.left - 4, pixel[1], f->inner.left, pixel[1], 0x444444);
      canvas_text(c, f->inner.left - 7, pixel[1], ANCHOR_RIGHT, SMALL, text);
    }
  }
}

static void draw_outlines(canvas *c, const frame *f, const ls_figure_scatter *s, double *pixels) {
  for (size_t p = 0; p < s->polygon_count; p++) {
    const ls_figure_polygon *polygon = &s->polygons[p];
    for (size_t i = 0; i < polygon->count; i++) place(f, polygon->points + 2 * i, pixels + 2 * i);
    canvas_outline(c, pixels, polygon->count, true, ls_figure_color(polygon->class_index));
  }
  for (size_t e = 0; e < s->ellipse_count; e++) {
    for (size_t i = 0; i < CORNERS; i++) {
      double point[2];
      ellipse_point(&s->ellipses[e], i, point);
      place(f, point, pixels + 2 * i);
    }
    canvas_outline(c, pixels, CORNERS, false, ls_figure_color(s->ellipses[e].class_index));
  }
}

static void draw_points(canvas *c, const frame *f, const ls_figure_scatter *s, size_t class_count,
                        double *pixels) {
  for (size_t k = 0; k < class_count; k++) {
    size_t count = 0;
    for (size_t i = 0; i < s->count; i++) {
      if (s->classes[i] == (int32_t)k) place(f, s->points + 2 * i, pixels + 2 * count++);
    }
    canvas_points(c, pixels, count, ls_figure_point(k), ls_figure_color(k));
  }
}

static int draw_panel(canvas *c, frame *f, const ls_figure_scatter *s, size_t class_count) {
  size_t most = s->count > CORNERS ? s->count : CORNERS;
  for (size_t p = 0; p < s->polygon_count; p++) {
    if (s->polygons[p].count > most) most = s->polygons[p].count;
  }
  double *pixels = ls_new(most, 2 * sizeof *pixels);
  if (!pixels) return LS_FAILED;
  find_range(f, s);
  canvas_frame(c, f->inner, 0x444444);
  draw_axis(c, f, 0);
  draw_axis(c, f, 1);
  double middle = f->inner.left + f->inner.width / 2, bottom = f->inner.top + f->inner.height;
  canvas_text(c, middle, bottom + 8 + SMALL_LINE + LINE / 2.0, ANCHOR_CENTER, TEXT, s->x_title);
  canvas_upright_text(c, f->inner.left - LEFT + MARGIN + LINE / 2.0,
                      f->inner.top + f->inner.height / 2, TEXT, s->y_title);
  if (s->heading)
    canvas_text(c, middle, f->inner.top - LINE / 2.0 - 2, ANCHOR_CENTER, TEXT, s->heading);
  draw_outlines(c, f, s, pixels);
  draw_points(c, f, s, class_count, pixels);
  free(pixels);
  return LS_OK;
}

/* In columns of equal width below the panels; returns the height. */
static double draw_legend(canvas *c, ls_figure_box where, const char *const *names, size_t count) {
  double width = 0;
  for (size_t k = 0; k < count; k++) width = fmax(width, canvas_text_width(names[k], TEXT));
  width += 34;
  size_t columns = (size_t)(where.width / width);
  if (columns < 1) columns = 1;
  if (columns > count) columns = count;
  size_t rows = (count + columns - 1) / columns;
  columns = (count + rows - 1) / rows;
  double left = where.left + (where.width - (double)columns * width) / 2;
  for (size_t k = 0; k < count; k++) {
    double point[2] = {left + (double)(k % columns) * width + 8,
                       where.top + ((double)(k / columns) + 0.5) * (LINE + 3)};
    canvas_points(c, point, 1, ls_figure_point(k), ls_figure_color(k));
    canvas_text(c, point[0] + 10, point[1], ANCHOR_LEFT, TEXT, names[k]);
  }
  return (double)rows * (LINE + 3);
}

int figure_scatters(const char *path, const ls_figure_scatters *figure) {
  const ls_figure_scatter *panels = figure->panels;
  size_t panel_count = figure->count;
  canvas c = {0};
  size_t columns = panel_count > 1 ? 2 : 1, rows = (panel_count + columns - 1) / columns;
  double side = panel_count > 1 ? SHARED : ALONE, heading = 0;
  int status = LS_OK;
  for (size_t p = 0; p < panel_count; p++) heading = panels[p].heading ? LINE + 4 : heading;
  double width = LEFT + side + GAP, height = heading + 0.85 * side + BOTTOM + GAP;
  for (size_t p = 0; p < panel_count && status == LS_OK; p++) {
    frame f = {.inner = {LEFT + (double)(p % columns) * width,
                         MARGIN + heading + (double)(p / columns) * height, side, 0.85 * side}};
    status = draw_panel(&c, &f, &panels[p], figure->class_count);
  }
  double below = MARGIN + (double)rows * height - GAP + 4;
  ls_figure_box legend = {LEFT, below, (double)columns * width - LEFT - GAP, 0};
  below += draw_legend(&c, legend, figure->class_names, figure->class_count);
  c.width = (int)ceil((double)columns * width);
  c.height = (int)ceil(below) + MARGIN;
  if (status == LS_OK) return canvas_finish(&c, path, figure->title);
  canvas_free(&c);
  return status;
}
