/* Curves: lines with markers over bands of uncertainty, and a legend below. Lines differ in colour,
 * marker and dashes, so that they can be told apart in grey. */
#include "canvas.h"
#include "colors.h"
#include "lockstep/error.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Pixels. */
enum { WIDTH = 640, HEIGHT = 380, MARGIN = 10, LEFT = 78, BOTTOM = 54, SAMPLE = 36, ROW = 20 };

static void add_number(ls_text *script, double value) {
  if (isfinite(value)) {
    ls_text_add(script, " %.9g", value);
  } else {
    ls_text_add(script, " NaN");
  }
}

static void find_range(const ls_figure_line *line, double *low, double *high) {
  for (size_t i = 0; i < line->count; i++) {
    *low = fmin(*low, line->x[i]);
    *high = fmax(*high, line->x[i]);
  }
}

static void add_data(ls_text *script, const ls_figure_line *line, size_t number) {
  ls_text_add(script, "$line_%zu << EOD\n", number);
  for (size_t i = 0; i < line->count; i++) {
    add_number(script, line->x[i]);
    add_number(script, line->y[i]);
    add_number(script, line->low ? line->low[i] : NAN);
    add_number(script, line->low ? line->high[i] : NAN);
    ls_text_add(script, "\n");
  }
  ls_text_add(script, "EOD\n");
}

/* Colour, dashes and width of a line. A reference is thin, grey and has no markers. */
static void add_style(ls_text *script, const ls_figure_line *line, size_t number) {
  ls_text_add(script, "lc rgb '#%s' lw %s%s", line->reference ? "777777" : color_kind(number),
              line->reference ? "1.2" : "1.8",
              line->reference ? " dt (6,5)"
              : line->dashed  ? " dt (8,4)"
                              : "");
}

static void add_text(ls_text *script, const char *text, double x, double y, const char *how,
                     int height) {
  ls_text_add(script, "set label ");
  canvas_add_quoted(script, text, strlen(text));
  ls_text_add(script, " at screen %.5f,%.5f %s noenhanced textcolor rgb '#222222'\n", x / WIDTH,
              1 - y / height, how);
}

/* ---- The legend --------------------------------------------------------------------------------
 */

enum { LABEL = 512, LABEL_WIDTH = WIDTH - 2 * MARGIN - SAMPLE - 24 };

/* A label with line breaks where it is longer than the canvas is wide. */
static void fold(char out[LABEL], const char *label) {
  snprintf(out, LABEL, "%s", label);
  char *line = out;
  for (char *space = strchr(out, ' '); space; space = strchr(space + 1, ' ')) {
    char *end = strchr(space + 1, ' ');
    if (end) *end = '\0';
    bool fits = canvas_text_width(line, TEXT) <= LABEL_WIDTH;
    if (end) *end = ' ';
    if (fits) continue;
    *space = '\n';
    line = space + 1;
  }
}

/* Lines of all labels together, in one column. */
static size_t legend_lines(const ls_figure_curves *curves) {
  size_t lines = 0;
  for (size_t i = 0; i < curves->count; i++) {
    char label[LABEL];
    fold(label, curves->lines[i].label);
    lines += canvas_lines(label);
  }
  return lines;
}

/* The legend's entries one below the other, as they may be long; as many columns as there is room
 * for. */
static int legend_columns(const ls_figure_curves *curves) {
  double longest = 0;
  for (size_t i = 0; i < curves->count; i++) {
    longest = fmax(longest, canvas_text_width(curves->lines[i].label, TEXT));
  }
  int columns = (int)((WIDTH - 2 * MARGIN) / (longest + SAMPLE + 24));
  return columns < 1 ? 1 : columns > (int)curves->count ? (int)curves->count : columns;
}

static void add_legend(ls_text *script, const ls_figure_curves *curves, int columns, int height) {
  double width = (double)(WIDTH - 2 * MARGIN) / columns, y = HEIGHT - 0.5 * ROW;
  for (size_t i = 0; i < curves->count; i++) {
    const ls_figure_line *line = &curves->lines[i];
    double x = MARGIN + width * (double)(i % (size_t)columns) + 8;
    if (i % (size_t)columns == 0) y += ROW;
    double left = x / WIDTH, right = (x + SAMPLE) / WIDTH, at = 1 - y / height;
    ls_text_add(script, "set arrow from screen %.5f,%.5f to screen %.5f,%.5f nohead ", left, at,
                right, at);
    add_style(script, line, i);
    if (!line->reference) {
      ls_text_add(script, "\nset label '' at screen %.5f,%.5f point pt %d ps 0.7 lc rgb '#%s'",
                  (left + right) / 2, at, color_point(i), color_kind(i));
    }
    ls_text_add(script, "\n");
    char label[LABEL];
    fold(label, line->label);
    for (char *part = strtok(label, "\n"); part; part = strtok(NULL, "\n")) {
      if (part > label) y += ROW;
      add_text(script, part, x + SAMPLE + 8, y, "left", height);
    }
  }
}

/* ---- The whole ---------------------------------------------------------------------------------
 */

static void add_plots(ls_text *script, const ls_figure_curves *curves) {
  const char *before = "plot ";
  for (size_t i = 0; i < curves->count; i++) {
    if (!curves->lines[i].low) continue;
    ls_text_add(script,
                "%s$line_%zu using 1:3:4 with filledcurves lc rgb '#%s' "
                "fs transparent solid 0.2 noborder",
                before, i, color_kind(i));
    before = ", \\\n  ";
  }
  for (size_t i = 0; i < curves->count; i++) {
    const ls_figure_line *line = &curves->lines[i];
    ls_text_add(script, "%s$line_%zu using 1:2 with %s ", before, i,
                line->reference ? "lines" : "linespoints");
    add_style(script, line, i);
    if (!line->reference) ls_text_add(script, " pt %d ps 0.7", color_point(i));
    before = ", \\\n  ";
  }
  ls_text_add(script, "\n");
}

int ls_figure_lines(const char *path, const ls_figure_curves *curves) {
  int columns = legend_columns(curves);
  int rows = ((int)curves->count + columns - 1) / columns;
  if (columns == 1) rows = (int)legend_lines(curves);
  int height = HEIGHT + rows * ROW + MARGIN;
  double low = INFINITY, high = -INFINITY;
  for (size_t i = 0; i < curves->count; i++) find_range(&curves->lines[i], &low, &high);
  double room = high > low ? 0.03 * (high - low) : 0.5;
  ls_text script = {0};
  ls_text_add(&script,
              "set encoding utf8\nunset key\nset border 3 lc '#444444'\n"
              "set tics nomirror out scale 0.6 textcolor '#222222' format '%%g'\n"
              "set grid y lc '#dddddd' lt 1 lw 0.7\nset xrange [%.9g:%.9g]\n"
              "set lmargin at screen %.5f\nset rmargin at screen %.5f\n"
              "set tmargin at screen %.5f\nset bmargin at screen %.5f\n",
              low - room, high + room, (double)LEFT / WIDTH, 1 - (double)(2 * MARGIN) / WIDTH,
              1 - (double)MARGIN / height, 1 - (double)(HEIGHT - BOTTOM) / height);
  double middle = (double)(HEIGHT - BOTTOM + MARGIN) / 2;
  add_text(&script, curves->x_title, (double)(LEFT + WIDTH - 2 * MARGIN) / 2, HEIGHT - 14, "center",
           height);
  add_text(&script, curves->y_title, 14, middle, "center rotate by 90", height);
  for (size_t i = 0; i < curves->count; i++) add_data(&script, &curves->lines[i], i);
  add_legend(&script, curves, columns, height);
  add_plots(&script, curves);
  char *text = ls_text_take(&script);
  int status = text ? ls_figure_run(path, curves->title, text, WIDTH, height) : LS_FAILED;
  free(text);
  return status;
}
