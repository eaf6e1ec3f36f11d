/* The figures of an embedding: scatter plots with hulls and with ellipses. */
#include "study/embed/result.h"

#include <math.h>

/* Pixels: of a panel that stands alone, of one of several, of a heading. */
enum { ALONE = 600, SHARED = 480, HEADING = 16 };

static const char *axis_title(labelled *l, const embed_projection *p, int c) {
  if (p->method == LS_EMBED_TSNE) {
    return ls_memory_text(&l->memory, "t-SNE coordinate %d", c + 1);
  }
  return ls_memory_text(&l->memory, "principal component %d (%.1f %% of the variance)", c + 1,
                        100 * p->fractions[c]);
}

/* Adds a closed line. */
static void add_outline(ls_plot *plot, ls_plot_panel *panel, ls_plot_kind kind,
                        const ls_plot_style *style, const double *points, size_t count) {
  ls_plot_series *series = ls_plot_add(plot, panel, kind, style, count + 1);
  for (size_t i = 0; i <= count; i++) {
    const double *point = points + 2 * (i % count);
    ls_plot_row(series, point[0], point[1], 0);
  }
}

/* The hulls of projection i. */
static void add_hulls(ls_plot *plot, ls_plot_panel *panel, const embed_result *r, size_t i) {
  const size_t *begin = r->hull_begin + i * r->classes.count;
  for (size_t c = 0; c < r->classes.count; c++) {
    const double *vertices = r->vertices + 2 * begin[c];
    size_t count = begin[c + 1] - begin[c];
    ls_plot_style style = {ls_figure_color(c), .width = 1.2};
    if (count == 0) continue;
    add_outline(plot, panel, LS_PLOT_AREA, &style, vertices, count);
    add_outline(plot, panel, LS_PLOT_LINE, &style, vertices, count);
  }
}

static void add_ellipses(ls_plot *plot, ls_plot_panel *panel, const embed_result *r, size_t i) {
  for (size_t c = 0; c < r->classes.count; c++) {
    const ls_ellipse *ellipse = &r->ellipses[i * r->classes.count + c];
    double points[2 * LS_ELLIPSE_POINTS];
    ls_plot_style style = {ls_figure_color(c), .width = 1.2, .dashes = "6,4"};
    if (!isfinite(ellipse->area)) continue;
    ls_ellipse_polygon(ellipse, points);
    add_outline(plot, panel, LS_PLOT_LINE, &style, points, LS_ELLIPSE_POINTS);
  }
}

static ls_plot_style class_style(size_t c) {
  return (ls_plot_style){ls_figure_color(c), .point = ls_figure_point(c), .size = 0.45};
}

static void add_points(ls_plot *plot, ls_plot_panel *panel, const embed_result *r, size_t i) {
  const double *points = r->positions + i * 2 * r->samples.count;
  for (size_t c = 0; c < r->classes.count; c++) {
    ls_plot_style style = class_style(c);
    ls_plot_series *series = ls_plot_add(plot, panel, LS_PLOT_POINTS, &style, r->samples.count);
    for (size_t s = 0; s < r->samples.count; s++) {
      if (r->labels[s] == (int32_t)c) ls_plot_row(series, points[2 * s], points[2 * s + 1], 0);
    }
  }
}

/* Includes all that is drawn, with the same length of a unit on both axes. */
static void set_ranges(ls_plot_panel *panel) {
  double low[2] = {INFINITY, INFINITY}, high[2] = {-INFINITY, -INFINITY}, unit[2];
  ls_plot_axis *axes[2] = {&panel->x, &panel->y};
  const double room[2] = {panel->frame.width, panel->frame.height};
  for (int k = 0; k < 2; k++) {
    ls_plot_extend(&low[k], &high[k], panel, k);
    if (!(low[k] <= high[k])) low[k] = high[k] = 0;
    ls_plot_range(axes[k], low[k], high[k], 0.04);
    unit[k] = room[k] / (axes[k]->high - axes[k]->low);
  }
  int longer = unit[0] > unit[1] ? 0 : 1;
  double more = (room[longer] / unit[1 - longer] - (axes[longer]->high - axes[longer]->low)) / 2;
  axes[longer]->low -= more;
  axes[longer]->high += more;
}

/* A projection, with hulls or ellipses under its points. */
static void add_panel(labelled *l, ls_plot *plot, ls_plot_panel *panel, const embed_result *r,
                      size_t i, bool hulls) {
  const embed_projection *p = &r->projections[i];
  panel->heading = p->name;
  panel->x.title = axis_title(l, p, 0);
  panel->y.title = axis_title(l, p, 1);
  panel->grid = "x y";
  if (hulls) {
    add_hulls(plot, panel, r, i);
  } else {
    add_ellipses(plot, panel, r, i);
  }
  add_points(plot, panel, r, i);
  set_ranges(panel);
}

/* A panel for each projection, two side by side, and a legend of the classes. */
static ls_plot scatter(labelled *l, const embed_result *r, const char *title, bool hulls) {
  int width = r->count > 1 ? SHARED : ALONE;
  ls_plot plot = {.title = title};
  if (ls_plot_begin_columns(&plot, r->count, width, width * 85 / 100) != LS_OK) return plot;
  for (size_t p = 0; p < r->count; p++) {
    add_panel(l, &plot, ls_plot_place_cell(&plot, p, HEADING, 0), r, p, hulls);
  }
  for (size_t c = 0; c < r->classes.count; c++) {
    ls_plot_style style = class_style(c);
    ls_plot_legend(&plot, r->classes.names[c], &style, false, true);
  }
  return plot;
}

void embed_draw(labelled *l, const void *result) {
  const embed_result *r = result;
  labelled_draw(l, "hulls", scatter(l, r, "Classes with their convex hulls", true),
                "%zu samples and the convex hull of each class.", r->samples.count);
  labelled_draw(l, "ellipses", scatter(l, r, "Classes with their 95 % ellipses", false),
                "%zu samples and the 95 %% ellipse of each class.", r->samples.count);
}
