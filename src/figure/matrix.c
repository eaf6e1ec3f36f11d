/* Matrices with texts in their cells, one below the other. */
#include "base/memory.h"
#include "figure/canvas.h"
#include "figure/colors.h"
#include "figure/kinds.h"
#include "lockstep/error.h"

#include <math.h>
#include <stdlib.h>

/* Pixels. */
enum { MARGIN = 8, GAP = 6, SMALLEST = 24, LARGEST = 64, HIGHEST = 40, TWO_LINES = 42, BAR = 260 };

/* The same for all matrices of a figure. */
typedef struct layout {
  double left, cell_width, cell_height, heading;
  double turned; /* the height of column names that are turned; 0: they aren't */
} layout;

static double widest(const char *const *texts, size_t count, int size) {
  double most = 0;
  for (size_t i = 0; texts && i < count; i++) {
    double width = canvas_text_width(texts[i], size);
    if (width > most) most = width;
  }
  return most;
}

static layout plan(const ls_figure_matrix *m, size_t count) {
  double texts = 0, names = widest(m->column_names, m->columns, TEXT);
  for (size_t i = 0; i < count; i++) {
    texts = fmax(texts, widest(m[i].texts, m->rows * m->columns, SMALL));
    texts = fmax(texts, widest(m[i].notes, m->rows * m->columns, SMALL));
  }
  layout l = {.left = MARGIN + LINE + GAP + widest(m->row_names, m->rows, TEXT) + GAP};
  if (names > 2 * LARGEST) l.turned = names / 2;
  double needed = fmax(texts, l.turned > 0 ? 0 : names) + 8;
  l.cell_width = fmax(fmax(SMALLEST, 440.0 / (double)m->columns), needed);
  if (l.cell_width > LARGEST) l.cell_width = fmax(LARGEST, needed);
  l.cell_height = m->notes ? TWO_LINES : fmin(l.cell_width, HIGHEST);
  l.heading = m->heading ? LINE + GAP : 0;
  return l;
}

/* The texts of a cell, in black or white. */
static void draw_texts(canvas *c, const ls_figure_matrix *m, size_t k, double x, double y,
                       const unsigned char *rgb) {
  int color = ls_figure_contrast(color_number(rgb));
  double up = m->notes ? SMALL_LINE / 2.0 : 0;
  if (m->texts) canvas_colored_text(c, x, y - up, ANCHOR_CENTER, SMALL, color, m->texts[k]);
  if (m->notes) canvas_colored_text(c, x, y + up, ANCHOR_CENTER, SMALL, color, m->notes[k]);
}

static void draw_row_names(canvas *c, const ls_figure_matrix *m, const layout *l,
                           ls_figure_box all) {
  for (size_t i = 0; i < m->rows; i++) {
    canvas_text(c, all.left - GAP, all.top + ((double)i + 0.5) * l->cell_height, ANCHOR_RIGHT, TEXT,
                m->row_names[i]);
  }
  canvas_upright_text(c, MARGIN + LINE / 2.0, all.top + all.height / 2, TEXT, m->row_title);
  if (m->heading) {
    canvas_text(c, all.left, all.top - l->heading / 2, ANCHOR_LEFT, TEXT, m->heading);
  }
}

/* Below the last matrix. */
static void draw_column_names(canvas *c, const ls_figure_matrix *m, const layout *l,
                              ls_figure_box all) {
  double y = all.top + all.height + LINE / 2.0 + 3;
  for (size_t j = 0; j < m->columns; j++) {
    double x = all.left + ((double)j + 0.5) * l->cell_width;
    if (l->turned > 0) {
      canvas_turned_text(c, x, y, TEXT, m->column_names[j]);
    } else {
      canvas_text(c, x, y, ANCHOR_CENTER, TEXT, m->column_names[j]);
    }
  }
  canvas_text(c, all.left + all.width / 2, y + LINE + 4 + l->turned, ANCHOR_CENTER, TEXT,
              m->column_title);
}

static int draw_matrix(canvas *c, const ls_figure_matrix *m, const layout *l, ls_figure_box all) {
  unsigned char *rgb = ls_new(m->rows * m->columns, 3);
  if (!rgb) return LS_FAILED;
  for (size_t k = 0; k < m->rows * m->columns; k++) {
    unsigned char *cell = rgb + 3 * k;
    color_of(&m->scale, m->values[k], cell);
    if (isnan(m->values[k])) cell[0] = cell[1] = cell[2] = 0xee;
  }
  canvas_image(c, all, m->rows, m->columns, rgb);
  canvas_frame(c, all, 0x888888);
  for (size_t k = 0; k < m->rows * m->columns; k++) {
    ls_figure_box cell = {all.left + (double)(k % m->columns) * l->cell_width,
                          all.top + (double)(k / m->columns) * l->cell_height, l->cell_width,
                          l->cell_height};
    draw_texts(c, m, k, cell.left + cell.width / 2, cell.top + cell.height / 2, rgb + 3 * k);
    cell = (ls_figure_box){cell.left + 2, cell.top + 2, cell.width - 4, cell.height - 4};
    if (m->framed == k + 1) canvas_frame(c, cell, 0x000000);
  }
  draw_row_names(c, m, l, all);
  free(rgb);
  return LS_OK;
}

static int draw(canvas *c, const ls_figure_matrix *m, size_t count) {
  layout l = plan(m, count);
  double height = l.cell_height * (double)m->rows, pitch = height + l.heading + GAP;
  ls_figure_box all = {l.left, MARGIN + l.heading, l.cell_width * (double)m->columns, height};
  double right = all.left + all.width;
  int status = LS_OK;
  if (m->scale.bar) {
    double most = fmax(BAR, canvas_bar_least(&m->scale));
    canvas_bar(c, right + 2 * GAP, all.top, count > 1 ? most : fmax(height, 70), &m->scale);
    right += 2 * GAP + canvas_bar_width(&m->scale);
  }
  for (size_t i = 0; i < count && status == LS_OK; i++) {
    all.top = MARGIN + l.heading + (double)i * pitch;
    status = draw_matrix(c, &m[i], &l, all);
  }
  draw_column_names(c, m, &l, all);
  c->width = (int)ceil(right) + MARGIN;
  c->height = (int)ceil(all.top + height + 3 + LINE + 4 + LINE + l.turned) + MARGIN;
  return status;
}

int figure_matrix(const char *path, const ls_figure_matrix *m) {
  canvas c = {0};
  int status = draw(&c, m, 1);
  if (status == LS_OK) return canvas_finish(&c, path, m->title);
  canvas_free(&c);
  return status;
}

int ls_figure_matrices_svg(char **svg, const ls_figure_matrix *matrices, size_t count) {
  canvas c = {0};
  int status = draw(&c, matrices, count);
  ls_figure_script script = {0};
  canvas_script(&script, &c);
  if (status == LS_OK) status = ls_figure_svg(svg, &script, matrices->title);
  ls_text_free(&script.text);
  return status;
}
