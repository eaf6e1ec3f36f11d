/* The style that all figures share: frame, colours, panels, legend. */
#include "gnuplot.h"

#include "format.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Pixels. What the labels of a panel need on each side of it: */
enum { LEFT = 88, RIGHT = 16, TOP = 16, BOTTOM = 52 };
/* And of the legend: a row, the sample of a line, the gap between columns, about a letter. */
enum { ROW = 21, LINE = 34, GAP = 28, LETTER = 7, LEGEND_MARGIN = 8 };

void ls_gnuplot_begin(ls_text *script, const ls_gnuplot_canvas *canvas) {
  ls_text_add(script,
              "set terminal svg size %d,%d enhanced font 'Helvetica,13' background '#ffffff'\n"
              "set encoding utf8\n"
              "set border 3 lc '#444444'\n"
              "set tics nomirror out scale 0.6 textcolor '#222222'\n"
              "set xtics offset 0,0.3\n"
              "set grid y lc '#dddddd' lt 1 lw 0.7\n"
              "unset key\n"
              "set samples 2\n"
              "set multiplot\n",
              canvas->width, canvas->height);
}

void ls_gnuplot_margins(ls_text *script, const ls_gnuplot_canvas *canvas, ls_gnuplot_box box) {
  double w = canvas->width, h = canvas->height;
  ls_text_add(script, "set lmargin at screen %.5f\nset rmargin at screen %.5f\n", box.left / w,
              (box.left + box.width) / w);
  ls_text_add(script, "set tmargin at screen %.5f\nset bmargin at screen %.5f\n", 1 - box.top / h,
              1 - (box.top + box.height) / h);
}

/* A title in the middle between two places of the canvas, in pixels from its top left corner.
 * Labels rather than gnuplot's axis titles, whose place depends on widths it has to guess. */
static void add_title(ls_text *script, const ls_gnuplot_canvas *canvas, int tag, const char *text,
                      int x, int y) {
  ls_text_add(script, "set label %d ", tag);
  ls_gnuplot_add_quoted(script, text);
  ls_text_add(script, " at screen %.5f,%.5f center%s noenhanced\n", (double)x / canvas->width,
              1 - (double)y / canvas->height, tag == 2 ? " rotate by 90" : "");
}

void ls_gnuplot_frame(ls_text *script, const ls_gnuplot_canvas *canvas, ls_gnuplot_box frame,
                      const char *x_title, const char *y_title, int tic_room) {
  const int below = 40, y_place = 13;
  ls_gnuplot_margins(script, canvas, frame);
  add_title(script, canvas, 1, x_title, frame.left + frame.width / 2,
            frame.top + frame.height + below + tic_room);
  add_title(script, canvas, 2, y_title, y_place, frame.top + frame.height / 2);
}

void ls_gnuplot_panel(ls_text *script, const ls_gnuplot_canvas *canvas, ls_gnuplot_box box,
                      const char *x_title, const char *y_title, const char *y_units, int tic_room) {
  ls_gnuplot_box inner = {box.left + LEFT, box.top + TOP, box.width - LEFT - RIGHT,
                          box.height - TOP - BOTTOM - tic_room};
  ls_gnuplot_margins(script, canvas, inner);
  add_title(script, canvas, 1, x_title, inner.left + inner.width / 2, box.top + box.height - 12);
  ls_text title = {0};
  ls_text_add(&title, *y_units ? "%s (%s)" : "%s%s", y_title, y_units);
  add_title(script, canvas, 2, title.data ? title.data : "", box.left + 13,
            inner.top + inner.height / 2);
  ls_text_free(&title);
}

void ls_gnuplot_add_quoted(ls_text *script, const char *text) {
  /* Between single quotes gnuplot substitutes nothing; a line break would end the command. */
  ls_text_add(script, "'");
  for (; *text; text++) {
    if (*text == '\'') ls_text_add(script, "'");
    ls_text_add_bytes(script, (unsigned char)*text < ' ' ? " " : text, 1);
  }
  ls_text_add(script, "'");
}

void ls_gnuplot_add_number(ls_text *script, double value) {
  if (isfinite(value)) {
    ls_text_add(script, " %.9g", value);
  } else {
    ls_text_add(script, " NaN");
  }
}

int ls_gnuplot_viridis(double at) {
  static const unsigned char colors[][3] = {{68, 1, 84},    {72, 36, 117},  {65, 68, 135},
                                            {53, 95, 141},  {42, 120, 142}, {33, 145, 140},
                                            {34, 168, 132}, {68, 191, 112}, {122, 209, 81},
                                            {189, 223, 38}, {253, 231, 37}};
  const size_t last = sizeof colors / sizeof *colors - 1;
  double place = fmin(fmax(at, 0), 1) * (double)last;
  size_t low = (size_t)place < last ? (size_t)place : last - 1;
  int rgb[3];
  for (int k = 0; k < 3; k++) {
    double step = (double)colors[low + 1][k] - (double)colors[low][k];
    rgb[k] = (int)lround((double)colors[low][k] + step * (place - (double)low));
  }
  return rgb[0] << 16 | rgb[1] << 8 | rgb[2];
}

void ls_gnuplot_color(char out[8], size_t i, size_t count, bool ordered) {
  static const char *const okabe_ito[] = {"0072B2", "D55E00", "009E73", "CC79A7",
                                          "E69F00", "56B4E9", "000000", "B8A800"};
  if (!ordered) {
    snprintf(out, 8, "%s", okabe_ito[i % (sizeof okabe_ito / sizeof *okabe_ito)]);
    return;
  }
  /* Up to 0.8: the yellow end is hard to see on white. */
  double at = count > 1 ? 0.8 * (double)i / (double)(count - 1) : 0;
  snprintf(out, 8, "%06x", (unsigned)ls_gnuplot_viridis(at) & 0xffffff);
}

int ls_gnuplot_point(size_t i) {
  /* Filled and open shapes in turn: circle, square, triangle, diamond, inverted triangle. */
  static const int types[] = {7, 4, 9, 12, 5, 6, 11, 8, 13};
  return types[i % (sizeof types / sizeof *types)];
}

void ls_gnuplot_legend_add(ls_gnuplot_legend *legend, const char *title, const char *line,
                           const char *point) {
  if (legend->count == LS_GNUPLOT_ENTRIES) return;
  ls_gnuplot_entry *entry = &legend->entries[legend->count++];
  ls_gnuplot_add_quoted(&entry->title, title);
  snprintf(entry->line, sizeof entry->line, "%s", line);
  snprintf(entry->point, sizeof entry->point, "%s", point);
  size_t width = ls_report_width(title);
  if (width > legend->longest) legend->longest = width;
}

static int column_width(const ls_gnuplot_legend *legend) {
  return LINE + 8 + GAP + LETTER * (int)legend->longest;
}

static int column_count(const ls_gnuplot_legend *legend, int width) {
  int columns = width / column_width(legend), count = (int)legend->count;
  return columns < 1 ? 1 : columns > count ? count : columns;
}

static int row_count(const ls_gnuplot_legend *legend, int width) {
  int columns = column_count(legend, width);
  return ((int)legend->count + columns - 1) / columns;
}

int ls_gnuplot_legend_height(const ls_gnuplot_legend *legend, int width) {
  if (legend->count == 0) return 0;
  return row_count(legend, width) * ROW + LEGEND_MARGIN;
}

/* An entry whose sample begins at (x, y), in pixels from the legend's lower left corner. */
static void add_entry(ls_text *script, const ls_gnuplot_entry *entry, int x, int y) {
  if (*entry->line) {
    ls_text_add(script, "set arrow from %d,%d to %d,%d nohead %s\n", x, y, x + LINE, y,
                entry->line);
  }
  if (*entry->point) {
    ls_text_add(script, "set label '' at %d,%d point %s\n", x + LINE / 2, y, entry->point);
  }
  ls_text_add(script, "set label %s at %d,%d left noenhanced\n",
              entry->title.data ? entry->title.data : "''", x + LINE + 8, y);
}

void ls_gnuplot_legend_draw(ls_text *script, const ls_gnuplot_canvas *canvas,
                            ls_gnuplot_legend *legend) {
  /* Made of lines and labels: gnuplot's own legend depends on widths it has to guess. */
  int height = ls_gnuplot_legend_height(legend, canvas->width);
  if (height > 0) {
    ls_gnuplot_margins(script, canvas,
                       (ls_gnuplot_box){0, canvas->height - height, canvas->width, height});
    ls_text_add(script, "unset border\nunset tics\nunset grid\nunset label\nunset logscale\n");
    int rows = row_count(legend, canvas->width);
    int columns = ((int)legend->count + rows - 1) / rows; /* filled downwards, one may stay empty */
    int left = (canvas->width - columns * column_width(legend)) / 2;
    if (left < 0) left = 0; /* a title wider than the canvas is cut at its end */
    for (int i = 0; i < (int)legend->count; i++) {
      add_entry(script, &legend->entries[i], left + i / rows * column_width(legend) + GAP / 2,
                height - i % rows * ROW - ROW / 2);
      ls_text_free(&legend->entries[i].title);
    }
    ls_text_add(script, "plot [0:%d] [0:%d] NaN\n", canvas->width, height);
  }
  ls_text_add(script, "unset multiplot\n");
}
