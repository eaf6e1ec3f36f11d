/* Plots as plain data: adding to them. */
#include "figure/pieces.h"

#include <math.h>
#include <string.h>

/* Pixels. What the labels of a panel need on each side of it, and the title of the vertical axis:
 */
enum { LEFT = 88, RIGHT = 16, TOP = 16, BOTTOM = 52, EDGE = 13 };

int ls_plot_begin(ls_plot *plot, size_t panels) {
  plot->panels = ls_memory_new(&plot->memory, panels, sizeof *plot->panels);
  plot->panel_count = plot->panels ? panels : 0;
  for (size_t i = 0; i < plot->panel_count; i++) plot->panels[i].rule = NAN;
  return ls_memory_status(&plot->memory);
}

ls_plot_panel *ls_plot_place(ls_plot *plot, size_t panel, ls_figure_box box, int tic_room) {
  ls_plot_panel *p = &plot->panels[panel];
  p->frame = (ls_figure_box){box.left + LEFT, box.top + TOP, box.width - LEFT - RIGHT,
                             box.height - TOP - BOTTOM - tic_room};
  p->y_title = box.left + EDGE;
  p->tic_room = tic_room;
  return p;
}

static int columns_of(size_t panels) {
  return panels > 1 ? 2 : 1;
}

static int rows_of(size_t panels) {
  int columns = columns_of(panels);
  return ((int)panels + columns - 1) / columns;
}

int ls_plot_begin_columns(ls_plot *plot, size_t panels, int width, int height) {
  plot->width = columns_of(panels) * width;
  plot->height = rows_of(panels) * height;
  return ls_plot_begin(plot, panels);
}

ls_plot_panel *ls_plot_place_cell(ls_plot *plot, size_t panel, int heading, int tic_room) {
  int columns = columns_of(plot->panel_count);
  int width = plot->width / columns, height = plot->height / rows_of(plot->panel_count);
  int left = (int)panel % columns * width, top = (int)panel / columns * height;
  ls_figure_box box = {left, top + heading, width, height - heading};
  return ls_plot_place(plot, panel, box, tic_room);
}

void *plot_grow(ls_plot *plot, void *items, size_t count, size_t size) {
  if (count & (count - 1)) return items; /* there is room up to the next power of two */
  void *more = ls_memory_new(&plot->memory, count ? 2 * count : 1, size);
  if (more && count) memcpy(more, items, count * size);
  return more;
}

ls_plot_series *ls_plot_add(ls_plot *plot, ls_plot_panel *panel, ls_plot_kind kind,
                            const ls_plot_style *style, size_t rows) {
  double(*values)[3] = ls_memory_new(&plot->memory, rows, sizeof *values);
  panel->series = plot_grow(plot, panel->series, panel->count, sizeof *panel->series);
  if (!values || !panel->series) return NULL;
  ls_plot_series *s = &panel->series[panel->count++];
  *s = (ls_plot_series){.kind = kind, .style = *style, .rows = values};
  return s;
}

void ls_plot_row(ls_plot_series *series, double x, double y, double z) {
  if (!series) return;
  double *row = series->rows[series->count++];
  row[0] = x, row[1] = y, row[2] = z;
}

void ls_plot_add_text(ls_plot *plot, ls_plot_text text) {
  if (!text.text) return;
  text.text = ls_memory_text(&plot->memory, "%s", text.text);
  plot->texts = plot_grow(plot, plot->texts, plot->text_count, sizeof *plot->texts);
  if (text.text && plot->texts) plot->texts[plot->text_count++] = text;
}

double ls_plot_widest(const char *const *texts, size_t count, int size) {
  size_t most = 0;
  for (size_t i = 0; texts && i < count; i++) {
    size_t width = ls_text_width(texts[i]);
    if (width > most) most = width;
  }
  return (double)most * size * 0.62;
}

size_t ls_plot_lines(const char *text) {
  size_t lines = 1;
  for (; *text; text++) lines += *text == '\n';
  return lines;
}

int ls_plot_line_height(int size) {
  return size == LS_PLOT_SMALL ? 14 : 17;
}

double ls_plot_share(const ls_plot_axis *axis, double value) {
  if (axis->log) return log(value / axis->low) / log(axis->high / axis->low);
  return (value - axis->low) / (axis->high - axis->low);
}

double ls_plot_x(const ls_plot_panel *panel, double x) {
  return panel->frame.left + panel->frame.width * ls_plot_share(&panel->x, x);
}

double ls_plot_y(const ls_plot_panel *panel, double y) {
  return panel->frame.top + panel->frame.height * (1 - ls_plot_share(&panel->y, y));
}

void ls_plot_range(ls_plot_axis *axis, double least, double most, double margin) {
  const double narrowest = 1e-6; /* relative to the values: labels would need too many digits */
  const double factor = 1.2;
  double room = most > least ? margin * (most - least) : 0.01 * fabs(most);
  if (most - least < narrowest * fabs(most)) room = fmax(room, narrowest * fabs(most));
  if (!(room > 0)) room = 1e-3;
  axis->low = axis->log ? least / factor : least - room;
  axis->high = axis->log ? most * factor : most + room;
}

double ls_figure_tic_step(double range) {
  double power = pow(10, floor(log10(range / 3)));
  double share = range / 3 / power;
  return power * (share >= 5 ? 5 : share >= 2 ? 2 : 1);
}

void ls_plot_free(ls_plot *plot) {
  ls_memory_free(&plot->memory);
}
