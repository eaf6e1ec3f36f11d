/* Drawing in pixels: everything is an object of one gnuplot plot whose axes are the canvas's
 * pixels. */
#include "figure/canvas.h"

#include "figure/colors.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- Texts -------------------------------------------------------------------------------------
 */

double canvas_text_width(const char *text, int size) {
  return (double)ls_text_width(text) * size * 0.62;
}

size_t canvas_lines(const char *text) {
  size_t lines = 1;
  for (; *text; text++) lines += *text == '\n';
  return lines;
}

static void add_label(canvas *c, double x, double y, const char *how, int size, int color,
                      const char *text) {
  ls_text_add(&c->objects, "set label ");
  ls_figure_add_quoted(&c->objects, text);
  ls_text_add(&c->objects, " at %.2f,%.2f %s noenhanced front font ',%d' textcolor rgb '#%06x'\n",
              x, y, how, size, color);
}

void canvas_colored_text(canvas *c, double x, double y, anchor where, int size, int color,
                         const char *text) {
  static const char *const how[] = {"left", "center", "right"};
  for (size_t line = 0;; line++) {
    size_t length = strcspn(text, "\n");
    double below = (double)line * (size == SMALL ? SMALL_LINE : LINE);
    char *own = strndup(text, length);
    if (own) add_label(c, x, y + below, how[where], size, color, own);
    if (!own) c->objects.failed = true;
    free(own);
    if (!text[length]) break;
    text += length + 1;
  }
}

void canvas_text(canvas *c, double x, double y, anchor where, int size, const char *text) {
  canvas_colored_text(c, x, y, where, size, 0x222222, text);
}

void canvas_upright_text(canvas *c, double x, double y, int size, const char *text) {
  add_label(c, x, y, "center rotate by 90", size, 0x222222, text);
}

void canvas_turned_text(canvas *c, double x, double y, int size, const char *text) {
  add_label(c, x, y, "right rotate by 30", size, 0x222222, text);
}

/* ---- Lines and images --------------------------------------------------------------------------
 */

void canvas_line(canvas *c, double x0, double y0, double x1, double y1, int color) {
  ls_text_add(&c->objects, "set arrow from %.2f,%.2f to %.2f,%.2f nohead front lc rgb '#%06x'\n",
              x0, y0, x1, y1, color);
}

void canvas_frame(canvas *c, ls_figure_box b, int color) {
  ls_text_add(
      &c->objects,
      "set object rectangle from %.2f,%.2f to %.2f,%.2f front fs empty border rgb '#%06x'\n",
      b.left, b.top, b.left + b.width, b.top + b.height, color);
}

/* Starts the data of a plot, and the plot itself. */
static size_t begin_block(canvas *c) {
  size_t number = c->blocks++;
  ls_text_add(&c->data, "$b%zu << EOD\n", number);
  if (number > 0) ls_text_add(&c->plots, ", ");
  return number;
}

void canvas_image(canvas *c, ls_figure_box where, size_t rows, size_t columns,
                  const unsigned char *rgb) {
  double width = where.width / (double)columns, height = where.height / (double)rows;
  size_t number = begin_block(c);
  /* One row or column would be a line to gnuplot: it is drawn twice. */
  size_t down = rows == 1 ? 2 : 1, across = columns == 1 ? 2 : 1;
  for (size_t i = 0; i < rows * down; i++) {
    for (size_t j = 0; j < columns * across; j++) {
      const unsigned char *cell = rgb + 3 * (i / down * columns + j / across);
      ls_text_add(&c->data, "%zu %zu %d %d %d\n", j, i, cell[0], cell[1], cell[2]);
    }
  }
  ls_text_add(&c->data, "EOD\n");
  width /= (double)across;
  height /= (double)down;
  ls_text_add(&c->plots, "$b%zu using (%.6g+%.6g*$1):(%.6g+%.6g*$2):3:4:5 with rgbimage", number,
              where.left + width / 2, width, where.top + height / 2, height);
}

/* ---- Colour bars -------------------------------------------------------------------------------
 */

enum { BAR = 14, BAR_STEPS = 128, TIC = 4 };

static void format_tic(char out[32], double value, double step) {
  int decimals = (int)ceil(-log10(step) - 1e-9);
  if (fabs(value) < step / 2) value = 0;
  if (decimals > 5 || step >= 1e6) {
    snprintf(out, 32, "%.3g", value);
  } else {
    snprintf(out, 32, "%.*f", decimals > 0 ? decimals : 0, value);
  }
}

/* The first tic of a scale, in steps; its numbers are at most `last` steps. */
static double first_tic(const ls_figure_scale *scale, double *step, double *last) {
  double low = fmin(scale->low, scale->high), high = fmax(scale->low, scale->high);
  *step = high > low ? ls_figure_tic_step(high - low) : 1;
  *last = high > low ? high / *step + 1e-9 : -INFINITY;
  return ceil(low / *step - 1e-9);
}

/* The width of the widest number. */
static double tics_width(const ls_figure_scale *scale) {
  double step, last, widest = 0;
  for (double at = first_tic(scale, &step, &last); at <= last; at++) {
    char text[32];
    format_tic(text, at * step, step);
    widest = fmax(widest, canvas_text_width(text, SMALL));
  }
  return widest;
}

double canvas_bar_width(const ls_figure_scale *scale) {
  return BAR + TIC + 3 + tics_width(scale) + LINE + 6;
}

double canvas_bar_least(const ls_figure_scale *scale) {
  return fmax(70, canvas_text_width(scale->bar, SMALL));
}

void canvas_bar(canvas *c, double left, double top, double height, const ls_figure_scale *scale) {
  unsigned char rgb[3 * BAR_STEPS];
  for (size_t i = 0; i < BAR_STEPS; i++) {
    color_at(scale->colors, 1 - ((double)i + 0.5) / BAR_STEPS, rgb + 3 * i);
  }
  ls_figure_box where = {left, top, BAR, height};
  canvas_image(c, where, BAR_STEPS, 1, rgb);
  canvas_frame(c, where, 0x888888);
  double step, last;
  for (double at = first_tic(scale, &step, &last); at <= last; at++) {
    char text[32];
    double y = top + height * (1 - color_share(scale, at * step));
    format_tic(text, at * step, step);
    canvas_line(c, left + BAR, y, left + BAR + TIC, y, 0x444444);
    canvas_text(c, left + BAR + TIC + 3, y, ANCHOR_LEFT, SMALL, text);
  }
  canvas_upright_text(c, left + canvas_bar_width(scale) - LINE / 2.0, top + height / 2, SMALL,
                      scale->bar);
}

/* ---- The whole ---------------------------------------------------------------------------------
 */

void canvas_free(canvas *c) {
  ls_text_free(&c->data);
  ls_text_free(&c->objects);
  ls_text_free(&c->plots);
}

void canvas_script(ls_figure_script *script, canvas *c) {
  script->width = c->width;
  script->height = c->height;
  ls_text_add(&script->text, "set encoding utf8\n%s", c->data.data ? c->data.data : "");
  ls_text_add(&script->text,
              "unset key\nunset border\nunset tics\n"
              "set lmargin at screen 0\nset rmargin at screen 1\n"
              "set tmargin at screen 1\nset bmargin at screen 0\n"
              "set xrange [0:%d]\nset yrange [%d:0]\n%s",
              c->width, c->height, c->objects.data ? c->objects.data : "");
  ls_text_add(&script->text, "plot %s\n", c->plots.data ? c->plots.data : "NaN");
  if (c->data.failed || c->objects.failed || c->plots.failed) script->text.failed = true;
  canvas_free(c);
}

int canvas_finish(canvas *c, const char *path, const char *title) {
  ls_figure_script script = {0};
  canvas_script(&script, c);
  return ls_figure_write(path, &script, title);
}
