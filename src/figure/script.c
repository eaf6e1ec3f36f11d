/* The style that all figures of panels share: frame, titles, legend. */
#include "figure/gnuplot.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* Pixels. What the labels of a panel need on each side of it: */
enum { LEFT = 88, RIGHT = 16, TOP = 16, BOTTOM = 52, EDGE = 13 };
/* And of the legend: a row, the sample of a line, the gap between columns, about a letter. */
enum { ROW = 21, LINE = 34, GAP = 28, LETTER = 7, LEGEND_MARGIN = 8 };
enum { MOST_LETTERS = 78, MOST_TITLE = 512 }; /* of a line; of a title, in bytes */

void ls_figure_begin(ls_figure_script *script, int width, int height) {
  script->width = width;
  script->height = height;
  ls_text_add(&script->text, "set encoding utf8\n"
                             "set border 3 lc '#444444'\n"
                             "set tics nomirror out scale 0.6 textcolor '#222222'\n"
                             "set xtics offset 0,0.3\n"
                             "set grid y lc '#dddddd' lt 1 lw 0.7\n"
                             "unset key\n"
                             "set samples 2\n"
                             "set multiplot\n");
}

void ls_figure_margins(ls_figure_script *script, ls_figure_box frame) {
  double w = script->width, h = script->height;
  ls_text_add(&script->text, "set lmargin at screen %.5f\nset rmargin at screen %.5f\n",
              frame.left / w, (frame.left + frame.width) / w);
  ls_text_add(&script->text, "set tmargin at screen %.5f\nset bmargin at screen %.5f\n",
              1 - frame.top / h, 1 - (frame.top + frame.height) / h);
}

void ls_figure_label(ls_figure_script *script, int tag, const char *text, double x, double y,
                     const char *how) {
  ls_text_add(&script->text, "set label %d ", tag);
  ls_figure_add_quoted(&script->text, text);
  ls_text_add(&script->text, " at screen %.5f,%.5f %s noenhanced\n", x / script->width,
              1 - y / script->height, how);
}

/* The frame of a plot, with the title of its vertical axis at `left`. Labels rather than gnuplot's
 * own titles, whose place depends on widths it has to guess. */
static void add_frame(ls_figure_script *script, ls_figure_box frame, const char *x_title,
                      const char *y_title, double left, int tic_room) {
  double below = frame.top + frame.height + BOTTOM - 12 + tic_room;
  ls_figure_margins(script, frame);
  ls_figure_label(script, 1, x_title, frame.left + frame.width / 2, below, "center");
  ls_figure_label(script, 2, y_title, left, frame.top + frame.height / 2, "center rotate by 90");
}

void ls_figure_frame(ls_figure_script *script, ls_figure_box frame, const char *x_title,
                     const char *y_title, int tic_room) {
  add_frame(script, frame, x_title, y_title, EDGE, tic_room);
}

void ls_figure_panel(ls_figure_script *script, ls_figure_box box, const char *x_title,
                     const char *y_title, const char *y_units, int tic_room) {
  ls_figure_box frame = {box.left + LEFT, box.top + TOP, box.width - LEFT - RIGHT,
                         box.height - TOP - BOTTOM - tic_room};
  ls_text title = {0};
  ls_text_add(&title, *y_units ? "%s (%s)" : "%s%s", y_title, y_units);
  add_frame(script, frame, x_title, title.data ? title.data : "", box.left + EDGE, tic_room);
  ls_text_free(&title);
}

/* Between single quotes gnuplot substitutes nothing; a line break would end the command. */
void ls_figure_add_quoted(ls_text *script, const char *text) {
  ls_text_add(script, "'");
  for (; *text; text++) {
    if (*text == '\'') ls_text_add(script, "'");
    ls_text_add_bytes(script, (unsigned char)*text < ' ' ? " " : text, 1);
  }
  ls_text_add(script, "'");
}

void ls_figure_add_number(ls_text *script, double value) {
  if (isfinite(value)) {
    ls_text_add(script, " %.9g", value);
  } else {
    ls_text_add(script, " NaN");
  }
}

double ls_figure_tic_step(double range) {
  double power = pow(10, floor(log10(range / 3)));
  double share = range / 3 / power;
  return power * (share >= 5 ? 5 : share >= 2 ? 2 : 1);
}

/* ---- Legends -----------------------------------------------------------------------------------
 */

/* Appends a title with line breaks in the place of spaces where it is too long. */
static void add_folded(ls_figure_legend *legend, const char *title) {
  size_t first = legend->entries.length, line = 0;
  ls_text_add_bytes(&legend->entries, title, strlen(title) + 1);
  legend->lines++;
  if (legend->entries.failed) return;
  char *text = legend->entries.data + first, *space = NULL;
  for (char *at = text; *at; at++) {
    if (*at == ' ') space = at;
    if (++line > MOST_LETTERS && space) {
      *space = '\n';
      line = (size_t)(at - space);
      space = NULL;
      legend->lines++;
    }
  }
  for (const char *at = text; *at; at += strcspn(at, "\n") + (at[strcspn(at, "\n")] != '\0')) {
    char one[MOST_TITLE];
    snprintf(one, sizeof one, "%.*s", (int)strcspn(at, "\n"), at);
    size_t width = ls_text_width(one);
    if (width > legend->longest) legend->longest = width;
  }
}

void ls_figure_legend_add(ls_figure_legend *legend, const char *title, const char *line,
                          const char *point) {
  add_folded(legend, title);
  ls_text_add_bytes(&legend->entries, line, strlen(line) + 1);
  ls_text_add_bytes(&legend->entries, point, strlen(point) + 1);
  legend->count++;
}

static int column_width(const ls_figure_legend *legend) {
  return LINE + 8 + GAP + LETTER * (int)legend->longest;
}

/* Rows of text: in one column, which folded titles have for themselves, or filled downwards. */
static int row_count(const ls_figure_legend *legend, int width) {
  if (legend->lines > legend->count) return (int)legend->lines;
  int columns = width / column_width(legend), count = (int)legend->count;
  if (columns < 1) columns = 1;
  return (count + columns - 1) / columns;
}

int ls_figure_legend_height(const ls_figure_legend *legend, int width) {
  return legend->count ? row_count(legend, width) * ROW + LEGEND_MARGIN : 0;
}

/* The entry that starts at `title`, its sample at (x, *y), in pixels from the legend's lower left
 * corner; *y becomes that of the next row. Returns where the next entry starts. */
static const char *add_entry(ls_text *script, const char *title, int x, int *y) {
  const char *line = title + strlen(title) + 1, *point = line + strlen(line) + 1;
  if (*line) {
    ls_text_add(script, "set arrow from %d,%d to %d,%d nohead %s\n", x, *y, x + LINE, *y, line);
  }
  if (*point) ls_text_add(script, "set label '' at %d,%d point %s\n", x + LINE / 2, *y, point);
  for (const char *at = title; at < line - 1; at += strcspn(at, "\n") + 1) {
    char part[MOST_TITLE];
    snprintf(part, sizeof part, "%.*s", (int)strcspn(at, "\n"), at);
    ls_text_add(script, "set label ");
    ls_figure_add_quoted(script, part);
    ls_text_add(script, " at %d,%d left noenhanced\n", x + LINE + 8, *y);
    *y -= ROW;
  }
  return point + strlen(point) + 1;
}

/* Made of lines and labels: gnuplot's own legend depends on widths it has to guess. */
static void add_legend(ls_figure_script *script, const ls_figure_legend *legend) {
  int height = ls_figure_legend_height(legend, script->width);
  ls_figure_margins(script, (ls_figure_box){0, script->height - height, script->width, height});
  ls_text_add(&script->text, "unset border\nunset tics\nunset grid\nunset label\nunset logscale\n");
  int rows = row_count(legend, script->width), width = column_width(legend);
  int columns = ((int)legend->lines + rows - 1) / rows; /* one may stay empty */
  int left = (script->width - columns * width) / 2, y = 0;
  if (left < 0) left = 0; /* a title wider than the canvas is cut at its end */
  const char *entry = legend->entries.data;
  for (int i = 0; i < (int)legend->count; i++) {
    bool single = columns == 1;
    if (i == 0 || (!single && i % rows == 0)) y = height - ROW / 2;
    entry = add_entry(&script->text, entry, left + (single ? 0 : i / rows) * width + GAP / 2, &y);
  }
  ls_text_add(&script->text, "plot [0:%d] [0:%d] NaN\n", script->width, height);
}

void ls_figure_end(ls_figure_script *script, ls_figure_legend *legend) {
  if (legend && legend->entries.failed) {
    script->text.failed = true;
  } else if (legend && legend->count > 0) {
    add_legend(script, legend);
  }
  ls_text_add(&script->text, "unset multiplot\n");
  if (legend) ls_text_free(&legend->entries);
}
