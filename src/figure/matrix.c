/* Matrices with numbers in their cells. */
#include "base/memory.h"
#include "figure/canvas.h"
#include "figure/colors.h"
#include "figure/kinds.h"
#include "lockstep/error.h"

#include <math.h>
#include <stdlib.h>

enum { MARGIN = 8, GAP = 6, SMALLEST = 24, LARGEST = 64 };

typedef struct layout {
  double left, top, cell_width, cell_height;
  double names_width; /* of the rows */
} layout;

static double widest(const char *const *texts, size_t count, int size) {
  double most = 0;
  for (size_t i = 0; texts && i < count; i++) {
    double width = canvas_text_width(texts[i], size);
    if (width > most) most = width;
  }
  return most;
}

static layout plan(const ls_figure_matrix *m) {
  layout l = {.names_width = widest(m->row_names, m->rows, TEXT)};
  double names = widest(m->column_names, m->columns, TEXT);
  double texts = widest(m->texts, m->rows * m->columns, SMALL);
  l.cell_width = fmax(fmax(SMALLEST, 440.0 / (double)m->columns), fmax(texts, names) + 8);
  if (l.cell_width > LARGEST) l.cell_width = fmax(LARGEST, fmax(texts, names) + 8);
  l.cell_height = fmin(l.cell_width, 40);
  l.left = MARGIN + LINE + GAP + l.names_width + GAP;
  l.top = MARGIN;
  return l;
}

static void draw_texts(canvas *c, const ls_figure_matrix *m, const layout *l,
                       const unsigned char *rgb) {
  for (size_t k = 0; m->texts && k < m->rows * m->columns; k++) {
    double x = l->left + ((double)(k % m->columns) + 0.5) * l->cell_width;
    double y = l->top + ((double)(k / m->columns) + 0.5) * l->cell_height;
    canvas_colored_text(c, x, y, ANCHOR_CENTER, SMALL,
                        ls_figure_contrast(color_number(rgb + 3 * k)), m->texts[k]);
  }
}

static void draw_names(canvas *c, const ls_figure_matrix *m, const layout *l, ls_figure_box all) {
  for (size_t i = 0; i < m->rows; i++) {
    canvas_text(c, all.left - GAP, all.top + ((double)i + 0.5) * l->cell_height, ANCHOR_RIGHT, TEXT,
                m->row_names[i]);
  }
  double y = all.top + all.height + LINE / 2.0 + 3;
  for (size_t j = 0; j < m->columns; j++) {
    canvas_text(c, all.left + ((double)j + 0.5) * l->cell_width, y, ANCHOR_CENTER, TEXT,
                m->column_names[j]);
  }
  canvas_upright_text(c, MARGIN + LINE / 2.0, all.top + all.height / 2, TEXT, m->row_title);
  canvas_text(c, all.left + all.width / 2, y + LINE + 4, ANCHOR_CENTER, TEXT, m->column_title);
}

int figure_matrix(const char *path, const ls_figure_matrix *m) {
  layout l = plan(m);
  ls_figure_box all = {l.left, l.top, l.cell_width * (double)m->columns,
                       l.cell_height * (double)m->rows};
  unsigned char *rgb = ls_new(m->rows * m->columns, 3);
  if (!rgb) return LS_FAILED;
  for (size_t k = 0; k < m->rows * m->columns; k++) {
    color_of(&m->scale, m->values[k], rgb + 3 * k);
  }
  canvas c = {0};
  canvas_image(&c, all, m->rows, m->columns, rgb);
  canvas_frame(&c, all, 0x888888);
  draw_texts(&c, m, &l, rgb);
  draw_names(&c, m, &l, all);
  double right = all.left + all.width;
  if (m->scale.bar) {
    canvas_bar(&c, right + 2 * GAP, all.top, all.height, &m->scale);
    right += 2 * GAP + canvas_bar_width(&m->scale);
  }
  c.width = (int)ceil(right) + MARGIN;
  c.height = (int)ceil(all.top + all.height) + 3 + LINE + 4 + LINE + MARGIN;
  free(rgb);
  return canvas_finish(&c, path, m->title);
}
