/* Curves: lines with markers over bands of uncertainty, and a legend below. Lines differ in colour,
 * marker and dashes, so that they can be told apart in grey. */
#include "figure/gnuplot.h"
#include "figure/kinds.h"

#include <math.h>
#include <stdio.h>

enum { WIDTH = 640, HEIGHT = 380, STYLE = 80 };

/* Sets the range of the horizontal axis. */
static void add_range(ls_text *script, const ls_figure_curves *curves) {
  double low = INFINITY, high = -INFINITY;
  for (size_t i = 0; i < curves->count; i++) {
    for (size_t k = 0; k < curves->lines[i].count; k++) {
      low = fmin(low, curves->lines[i].x[k]);
      high = fmax(high, curves->lines[i].x[k]);
    }
  }
  double room = high > low ? 0.03 * (high - low) : 0.5;
  ls_text_add(script, "set xrange [%.9g:%.9g]\n", low - room, high + room);
}

static void add_data(ls_text *script, const ls_figure_line *line, size_t number) {
  ls_text_add(script, "$line_%zu << EOD\n", number);
  for (size_t i = 0; i < line->count; i++) {
    ls_figure_add_number(script, line->x[i]);
    ls_figure_add_number(script, line->y[i]);
    ls_figure_add_number(script, line->low ? line->low[i] : NAN);
    ls_figure_add_number(script, line->low ? line->high[i] : NAN);
    ls_text_add(script, "\n");
  }
  ls_text_add(script, "EOD\n");
}

/* Colour, dashes and width of a line. A reference is thin and grey. */
static void choose_style(char style[STYLE], const ls_figure_line *line, size_t number) {
  int color = line->reference ? 0x777777 : ls_figure_color(number);
  const char *dashes = line->reference ? " dt (6,5)" : line->dashed ? " dt (8,4)" : "";
  snprintf(style, STYLE, "lc rgb '#%06x' lw %s%s", color, line->reference ? "1.2" : "1.8", dashes);
}

static void add_plots(ls_text *script, const ls_figure_curves *curves) {
  const char *before = "plot ";
  for (size_t i = 0; i < curves->count; i++) {
    if (!curves->lines[i].low) continue;
    ls_text_add(script,
                "%s$line_%zu using 1:3:4 with filledcurves lc rgb '#%06x' "
                "fs transparent solid 0.2 noborder",
                before, i, ls_figure_color(i));
    before = ", \\\n  ";
  }
  for (size_t i = 0; i < curves->count; i++) {
    const ls_figure_line *line = &curves->lines[i];
    char style[STYLE];
    choose_style(style, line, i);
    ls_text_add(script, "%s$line_%zu using 1:2 with %s %s", before, i,
                line->reference ? "lines" : "linespoints", style);
    if (!line->reference) ls_text_add(script, " pt %d ps 0.7", ls_figure_point(i));
    before = ", \\\n  ";
  }
  ls_text_add(script, "\n");
}

int figure_lines(const char *path, const ls_figure_curves *curves) {
  ls_figure_legend legend = {0};
  for (size_t i = 0; i < curves->count; i++) {
    const ls_figure_line *line = &curves->lines[i];
    char style[STYLE], point[STYLE] = "";
    choose_style(style, line, i);
    if (!line->reference) {
      snprintf(point, STYLE, "lc rgb '#%06x' pt %d ps 0.7", ls_figure_color(i), ls_figure_point(i));
    }
    ls_figure_legend_add(&legend, line->label, style, point);
  }
  ls_figure_script script = {0};
  ls_figure_begin(&script, WIDTH, HEIGHT + ls_figure_legend_height(&legend, WIDTH));
  ls_figure_panel(&script, (ls_figure_box){0, 0, WIDTH, HEIGHT}, curves->x_title, curves->y_title,
                  "", 0);
  add_range(&script.text, curves);
  for (size_t i = 0; i < curves->count; i++) add_data(&script.text, &curves->lines[i], i);
  add_plots(&script.text, curves);
  ls_figure_end(&script, &legend);
  return ls_figure_write(path, &script, curves->title);
}
