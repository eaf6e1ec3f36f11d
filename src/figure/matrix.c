/* Matrices with texts in their cells, one below the other. */
#include "base/memory.h"
#include "figure/cells.h"
#include "figure/figure.h"
#include "lockstep/error.h"

#include <math.h>

/* Pixels: limits of a cell, of all cells side by side; the height of a cell with two lines. */
enum { SMALLEST = 24, LARGEST = 64, HIGHEST = 40, TWO_LINES = 42, NAMED = 440, PLAIN = 640 };
/* The same: a line of text; names and title below the last matrix. */
enum { LINE = 17, BELOW = 46 };

/* The same for all matrices of a figure. */
typedef struct layout {
  double left, cell_width, cell_height, heading;
  double turned; /* the height of column names that are turned; 0: they aren't */
} layout;

/* Cells are as wide as their texts and names need; without any they may be narrower than a pixel.
 */
static layout plan(const ls_figure_matrix *m, size_t count) {
  double texts = 0, labels = 0, names = ls_plot_widest(m->column_names, m->columns, LS_PLOT_TEXT);
  for (size_t i = 0; i < count; i++) {
    texts = fmax(texts, ls_plot_widest(m[i].texts, m->rows * m->columns, LS_PLOT_SMALL));
    texts = fmax(texts, ls_plot_widest(m[i].notes, m->rows * m->columns, LS_PLOT_SMALL));
    labels = fmax(labels, ls_plot_widest(m[i].row_names, m->rows, LS_PLOT_TEXT));
  }
  layout l = {.left = CELLS_MARGIN + (m->row_title ? LINE + CELLS_GAP : 0) + labels + CELLS_GAP};
  if (names > 2 * LARGEST) l.turned = names / 2;
  double needed = fmax(texts, l.turned > 0 ? 0 : names) + 8;
  l.cell_width = fmin(LARGEST, fmax(SMALLEST, NAMED / (double)m->columns));
  if (l.cell_width < needed) l.cell_width = needed;
  if (!m->column_names) {
    l.cell_width = fmin(SMALLEST, PLAIN / (double)m->columns);
    if (l.cell_width > 1) l.cell_width = floor(l.cell_width);
  }
  l.cell_height = m->notes ? TWO_LINES : fmin(fmax(l.cell_width, SMALLEST), HIGHEST);
  l.heading = m->heading ? LINE + CELLS_GAP : 0;
  return l;
}

/* Texts in black or white, and the mark of the framed one. */
static void add_texts(ls_plot *plot, ls_plot_panel *panel, const ls_figure_matrix *m,
                      const int *colors) {
  double up = m->notes ? ls_plot_line_height(LS_PLOT_SMALL) / 2.0 : 0;
  for (size_t k = 0; k < m->rows * m->columns; k++) {
    ls_plot_text text = {.x = ls_plot_x(panel, (double)(k % m->columns)),
                         .y = ls_plot_y(panel, (double)(k / m->columns)) - up,
                         .anchor = LS_PLOT_CENTER,
                         .size = LS_PLOT_SMALL,
                         .color = ls_figure_contrast(colors[k]),
                         .text = m->texts ? m->texts[k] : NULL};
    ls_plot_add_text(plot, text);
    text.y += 2 * up;
    text.text = m->notes ? m->notes[k] : NULL;
    ls_plot_add_text(plot, text);
  }
}

static void add_mark(ls_plot *plot, ls_plot_panel *panel, const ls_figure_matrix *m) {
  static const double corners[][2] = {{-1, -1}, {1, -1}, {1, 1}, {-1, 1}, {-1, -1}};
  double column = (double)((m->framed - 1) % m->columns);
  double row = (double)((m->framed - 1) / m->columns);
  double width = 0.5 - 2 * (double)m->columns / panel->frame.width;
  double height = 0.5 - 2 * (double)m->rows / panel->frame.height;
  ls_plot_series *s = ls_plot_add(plot, panel, LS_PLOT_LINE, &(ls_plot_style){.width = 1}, 5);
  for (size_t i = 0; i < 5; i++) {
    ls_plot_row(s, column + width * corners[i][0], row + height * corners[i][1], 0);
  }
}

/* Names and title of the columns stand below the last matrix. */
static void label_axes(ls_plot_panel *panel, const ls_figure_matrix *m, const layout *l,
                       bool last) {
  panel->heading = m->heading;
  panel->y_title = CELLS_MARGIN + LINE / 2.0;
  panel->y = (ls_plot_axis){.title = m->row_title, .labels = m->row_names, .count = m->rows};
  if (!last) return;
  panel->x = (ls_plot_axis){.title = m->column_title,
                            .labels = m->column_names,
                            .count = m->columns,
                            .turned = l->turned > 0};
  if (!m->column_names) panel->x.step = fmax(1, ls_figure_tic_step((double)m->columns));
  panel->tic_room = (int)l->turned;
}

static void add_matrix(ls_plot *plot, ls_plot_panel *panel, const ls_figure_matrix *m) {
  int *colors = ls_memory_new(&plot->memory, m->rows * m->columns, sizeof *colors);
  if (!colors) return;
  for (size_t k = 0; k < m->rows * m->columns; k++) {
    colors[k] = isnan(m->values[k]) ? 0xeeeeee : color_of(&m->scale, m->values[k]);
  }
  cells_add(plot, panel, m->rows, m->columns, colors);
  add_texts(plot, panel, m, colors);
  if (m->framed) add_mark(plot, panel, m);
}

ls_plot ls_figure_matrices(const ls_figure_matrix *m, size_t count) {
  ls_plot plot = {.title = m->title};
  if (ls_plot_begin(&plot, count + 1) != LS_OK) return plot;
  layout l = plan(m, count);
  double height = l.cell_height * (double)m->rows, pitch = height + l.heading + CELLS_GAP;
  ls_figure_box frame = {l.left, CELLS_MARGIN + l.heading, l.cell_width * (double)m->columns,
                         height};
  ls_figure_box content = frame;
  for (size_t i = 0; i < count; i++) {
    frame.top = content.top + (double)i * pitch;
    plot.panels[i].frame = frame;
    label_axes(&plot.panels[i], &m[i], &l, i + 1 == count);
    add_matrix(&plot, &plot.panels[i], &m[i]);
  }
  double rows = frame.top + height - content.top;
  content.height = rows + BELOW + l.turned;
  cells_finish(&plot, plot.panels + count, content, rows, (const ls_figure_scale *[]){&m->scale},
               1);
  return plot;
}
