/* Legends: samples of lines and points with their titles, made of series and texts; gnuplot's own
 * legend depends on widths it has to guess. */
#include "figure/pieces.h"

#include <math.h>

/* Pixels: a row, the sample of a line, the gap between columns, about a letter, the margin. */
enum { ROW = 21, SAMPLE = 34, GAP = 28, LETTER = 7, MARGIN = 8 };
enum { MOST_LETTERS = 78 }; /* of a line */

/* Puts line breaks in the place of spaces where the text is too long. */
static void fold(char *text) {
  char *space = NULL;
  size_t line = 0;
  for (char *at = text; *at; at++) {
    if (*at == ' ') space = at;
    if (++line > MOST_LETTERS && space) {
      *space = '\n';
      line = (size_t)(at - space);
      space = NULL;
    }
  }
}

void ls_plot_legend(ls_plot *plot, const char *title, const ls_plot_style *style, bool line,
                    bool point) {
  char *copy = ls_memory_text(&plot->memory, "%s", title);
  plot->legend = plot_grow(plot, plot->legend, plot->entry_count, sizeof *plot->legend);
  if (!copy || !plot->legend) return;
  fold(copy);
  plot->legend[plot->entry_count++] = (ls_plot_entry){copy, *style, line, point};
}

/* Rows and columns of a legend: one column if a title is folded, else filled downwards. */
static void arrange(const ls_plot *plot, int *rows, int *column_width) {
  size_t longest = 0, lines = 0;
  for (size_t i = 0; i < plot->entry_count; i++) {
    size_t width = ls_text_width(plot->legend[i].title);
    if (width > longest) longest = width;
    lines += ls_plot_lines(plot->legend[i].title);
  }
  *column_width = SAMPLE + 8 + GAP + LETTER * (int)longest;
  int columns = plot->width / *column_width, count = (int)plot->entry_count;
  if (columns < 1) columns = 1;
  *rows = lines > plot->entry_count ? (int)lines : (count + columns - 1) / columns;
}

/* An entry, with the middle of its first row at y. */
static void add_entry(ls_plot *plot, ls_plot_panel *panel, const ls_plot_entry *e, int x, int y) {
  if (e->line) {
    ls_plot_series *line = ls_plot_add(plot, panel, LS_PLOT_LINE, &e->style, 2);
    ls_plot_row(line, x, y, 0);
    ls_plot_row(line, x + SAMPLE, y, 0);
  }
  if (e->point) {
    ls_plot_series *point = ls_plot_add(plot, panel, LS_PLOT_POINTS, &e->style, 1);
    ls_plot_row(point, x + SAMPLE / 2.0, y, 0);
  }
  ls_plot_add_text(plot, (ls_plot_text){x + SAMPLE + 8, y, LS_PLOT_LEFT, .text = e->title});
}

ls_plot_panel plot_legend_panel(ls_plot *plot) {
  ls_plot_panel panel = {.border = LS_PLOT_BARE, .rule = NAN};
  int rows, column_width, count = (int)plot->entry_count;
  if (count == 0) return panel;
  arrange(plot, &rows, &column_width);
  int columns = (count + rows - 1) / rows, left = (plot->width - columns * column_width) / 2;
  if (left < 0) left = 0; /* a title wider than the canvas is cut at its end */
  for (int i = 0, row = 0; i < count; i++) {
    if (row >= rows) row = 0;
    int column = columns > 1 ? i / rows : 0;
    add_entry(plot, &panel, &plot->legend[i], left + column * column_width + GAP / 2,
              plot->height + ROW / 2 + row * ROW);
    row += (int)ls_plot_lines(plot->legend[i].title);
  }
  int height = rows * ROW + MARGIN;
  panel.frame = (ls_figure_box){0, plot->height, plot->width, height};
  panel.x = (ls_plot_axis){.high = plot->width};
  panel.y = (ls_plot_axis){.low = plot->height + height, .high = plot->height};
  return panel;
}
