/* Plots: the style that all share, and their scripts for gnuplot. */
#include "figure/plot.h"

#include "lockstep/error.h"

#include <math.h>
#include <string.h>

/* Pixels. What the labels of a panel need on each side of it: */
enum { LEFT = 88, RIGHT = 16, TOP = 16, BOTTOM = 52, EDGE = 13 };

/* What gnuplot calls a kind of series, and how many numbers a row has. */
static const struct {
  const char *with;
  int columns;
  bool line, point; /* whether it has the style of lines, of points */
} kinds[] = {
    [LS_PLOT_LINE] = {"lines", 2, true, false},
    [LS_PLOT_POINTS] = {"points", 2, false, true},
    [LS_PLOT_LINEPOINTS] = {"linespoints", 2, true, true},
    [LS_PLOT_BAND] = {"filledcurves fs transparent solid 0.15 noborder", 3, false, false},
    [LS_PLOT_X_BARS] = {"xerrorbars pt 0", 3, true, false},
    [LS_PLOT_Y_BARS] = {"yerrorbars pt 0", 3, true, false},
    [LS_PLOT_AREA] = {"filledcurves closed fs transparent solid 0.1 noborder", 2, false, false},
    [LS_PLOT_COLORED] = {"lines", 3, true, false},
};

/* ---- Describing --------------------------------------------------------------------------------
 */

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

/* Makes room for one more item of a list. */
static void *grow(ls_plot *plot, void *items, size_t count, size_t size) {
  if (count & (count - 1)) return items; /* there is room up to the next power of two */
  void *more = ls_memory_new(&plot->memory, count ? 2 * count : 1, size);
  if (more && count) memcpy(more, items, count * size);
  return more;
}

ls_plot_series *ls_plot_add(ls_plot *plot, ls_plot_panel *panel, ls_plot_kind kind,
                            const ls_plot_style *style, size_t rows) {
  double(*values)[3] = ls_memory_new(&plot->memory, rows, sizeof *values);
  panel->series = grow(plot, panel->series, panel->count, sizeof *panel->series);
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

void ls_plot_label(ls_plot *plot, ls_plot_panel *panel, double x, double y, ls_plot_side side,
                   const char *text) {
  const char *copy = ls_memory_text(&plot->memory, "%s", text ? text : "");
  panel->texts = grow(plot, panel->texts, panel->text_count, sizeof *panel->texts);
  if (copy && panel->texts) panel->texts[panel->text_count++] = (ls_plot_text){copy, x, y, side};
}

void ls_plot_range(ls_plot_axis *axis, double least, double most, double margin) {
  double room = most > least ? margin * (most - least) : 0.01 * fabs(most);
  if (!(room > 0)) room = 1e-3;
  axis->low = least - room;
  axis->high = most + room;
}

/* ---- Axes --------------------------------------------------------------------------------------
 */

static void add_tics(ls_text *script, char name, const ls_plot_axis *axis) {
  ls_text_add(script, "set %ctics noenhanced %s(", name, axis->turned ? "rotate by 30 right " : "");
  for (size_t i = 0; i < axis->count; i++) {
    ls_text_add(script, "%s", i ? ", " : "");
    ls_figure_add_quoted(script, axis->labels[i]);
    ls_figure_add_number(script, axis->places ? axis->places[i] : (double)i);
  }
  ls_text_add(script, ")\n");
}

static void add_axis(ls_text *script, char name, const ls_plot_axis *axis) {
  ls_text_add(script, "%s logscale %c\nset format %c '%s'\n", axis->log ? "set" : "unset", name,
              name, axis->decades ? "10^{%T}" : "% h");
  if (axis->low == axis->high) {
    ls_text_add(script, "set autoscale %c\n", name);
  } else {
    ls_text_add(script, "set %crange [%.9g:%.9g]\n", name, axis->low, axis->high);
  }
  ls_text_add(script, "set m%ctics %s\n", name, axis->decades ? "10" : "default");
  if (axis->labels && axis->count == 0) {
    ls_text_add(script, "unset %ctics\n", name);
  } else if (axis->labels) {
    add_tics(script, name, axis);
  } else if (axis->step > 0) {
    ls_text_add(script, "set %ctics %.9g\n", name, axis->step);
  } else {
    ls_text_add(script, "set %ctics autofreq\n", name);
  }
}

/* The titles are labels rather than gnuplot's own, whose place depends on widths it has to guess.
 */
static void add_frame(ls_figure_script *script, const ls_plot_panel *p) {
  const ls_figure_box *f = &p->frame;
  ls_text y_title = {0};
  bool units = p->y.units && *p->y.units;
  ls_text_add(&y_title, units ? "%s (%s)" : "%s%s", p->y.title ? p->y.title : "",
              units ? p->y.units : "");
  ls_figure_margins(script, *f);
  ls_figure_label(script, 1, p->x.title ? p->x.title : "", f->left + f->width / 2,
                  f->top + f->height + BOTTOM - 12 + p->tic_room, "center");
  ls_figure_label(script, 2, y_title.data ? y_title.data : "", p->y_title, f->top + f->height / 2,
                  "center rotate by 90");
  ls_text_add(&script->text, "unset label 3\n");
  if (p->heading) {
    ls_figure_label(script, 3, p->heading, f->left + f->width / 2, f->top - 10, "center");
  }
  ls_text_free(&y_title);
}

/* ---- Series ------------------------------------------------------------------------------------
 */

static void add_data(ls_text *script, const ls_plot_series *s, size_t panel, size_t number) {
  ls_text_add(script, "$p%zu_%zu << EOD\n", panel, number);
  for (size_t i = 0; i < s->count; i++) {
    bool gap = s->kind == LS_PLOT_COLORED && isnan(s->rows[i][0]);
    for (int k = 0; k < kinds[s->kind].columns && !gap; k++) {
      ls_figure_add_number(script, s->rows[i][k]);
    }
    ls_text_add(script, "\n");
  }
  ls_text_add(script, "EOD\n");
}

static void add_style(ls_text *script, const ls_plot_style *style, bool line, bool point) {
  ls_text_add(script, " lc rgb '#%06x'", style->color);
  if (line) ls_text_add(script, " lw %g", style->width);
  if (line && style->dashes) ls_text_add(script, " dt (%s)", style->dashes);
  if (point) ls_text_add(script, " pt %d ps %g", style->point, style->size);
}

static void add_series(ls_text *script, const ls_plot_series *s, size_t panel, size_t number) {
  static const char *const using[] = {[2] = "1:2", [3] = "1:2:3"};
  ls_text_add(script, "%s$p%zu_%zu using %s with %s", number ? ", \\\n  " : "plot ", panel, number,
              using[kinds[s->kind].columns], kinds[s->kind].with);
  if (s->kind == LS_PLOT_COLORED) {
    ls_text_add(script, " lc rgb variable lw %g", s->style.width);
  } else {
    add_style(script, &s->style, kinds[s->kind].line, kinds[s->kind].point);
  }
  if (s->style.every > 1 && kinds[s->kind].line && kinds[s->kind].point) {
    ls_text_add(script, " pi %zu", s->style.every);
  }
}

static void add_texts(ls_text *script, const ls_plot_panel *p) {
  static const char *const how[] = {
      [LS_PLOT_BESIDE] = "left offset 0.6,0 front boxed", [LS_PLOT_ABOVE] = "center offset 0,1"};
  if (p->bare) {
    ls_text_add(script, "unset border\nunset tics\nunset grid\nset style textbox opaque noborder "
                        "fillcolor '#ffffff' margins 0.4,0.2\n");
  }
  for (size_t i = 0; i < p->text_count; i++) {
    const ls_plot_text *t = &p->texts[i];
    ls_text_add(script, "set label ");
    ls_figure_add_quoted(script, t->text);
    ls_text_add(script, " at first %.9g,%.4f %s noenhanced\n", t->x, t->y, how[t->side]);
  }
}

static void add_panel(ls_figure_script *script, const ls_plot_panel *p, size_t number) {
  ls_text *text = &script->text;
  add_frame(script, p);
  add_axis(text, 'x', &p->x);
  add_axis(text, 'y', &p->y);
  ls_text_add(text, "set grid %s lc '#dddddd' lt 1 lw 0.7\n", p->grid ? p->grid : "nox y");
  add_texts(text, p);
  if (!isnan(p->rule)) {
    ls_text_add(text,
                "set arrow 1 from %.9g, graph 0 to %.9g, graph 1 nohead lc rgb '#555555' lw 1.2 "
                "dt (3,4)\n",
                p->rule, p->rule);
  }
  for (size_t i = 0; i < p->count; i++) add_data(text, &p->series[i], number, i);
  for (size_t i = 0; i < p->count; i++) add_series(text, &p->series[i], number, i);
  ls_text_add(text, "%s\nunset arrow\n", p->count ? "" : "plot NaN");
}

/* ---- Legends -----------------------------------------------------------------------------------
 */

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
  plot->legend = grow(plot, plot->legend, plot->entry_count, sizeof *plot->legend);
  if (!copy || !plot->legend) return;
  fold(copy);
  plot->legend[plot->entry_count++] = (ls_plot_entry){copy, *style, line, point};
}

static size_t line_count(const char *text) {
  size_t lines = 1;
  for (; *text; text++) lines += *text == '\n';
  return lines;
}

/* Rows and columns of a legend: one column if a title is folded, else filled downwards. */
static void arrange(const ls_plot *plot, int *rows, int *column_width) {
  size_t longest = 0, lines = 0;
  for (size_t i = 0; i < plot->entry_count; i++) {
    size_t width = ls_text_width(plot->legend[i].title);
    if (width > longest) longest = width;
    lines += line_count(plot->legend[i].title);
  }
  *column_width = SAMPLE + 8 + GAP + LETTER * (int)longest;
  int columns = plot->width / *column_width, count = (int)plot->entry_count;
  if (columns < 1) columns = 1;
  *rows = lines > plot->entry_count ? (int)lines : (count + columns - 1) / columns;
}

/* An entry, its first row at (x, y) from the lower left corner. */
static void add_entry(ls_text *script, const ls_plot_entry *e, int x, int y) {
  if (e->line) {
    ls_text_add(script, "set arrow from %d,%d to %d,%d nohead", x, y, x + SAMPLE, y);
    add_style(script, &e->style, true, false);
    ls_text_add(script, "\n");
  }
  if (e->point) {
    ls_text_add(script, "set label '' at %d,%d point", x + SAMPLE / 2, y);
    add_style(script, &e->style, false, true);
    ls_text_add(script, "\n");
  }
  for (const char *at = e->title; at; y -= ROW) {
    const char *end = strchr(at, '\n');
    ls_memory memory = {0};
    const char *part = ls_memory_text(&memory, "%.*s", (int)strcspn(at, "\n"), at);
    ls_text_add(script, "set label ");
    ls_figure_add_quoted(script, part ? part : "");
    ls_text_add(script, " at %d,%d left noenhanced\n", x + SAMPLE + 8, y);
    ls_memory_free(&memory);
    at = end ? end + 1 : NULL;
  }
}

/* Made of lines and labels: gnuplot's own legend depends on widths it has to guess. */
static void add_legend(ls_figure_script *script, const ls_plot *plot, int rows, int column_width) {
  int height = script->height - plot->height, count = (int)plot->entry_count;
  int columns = (count + rows - 1) / rows, left = (script->width - columns * column_width) / 2;
  ls_figure_margins(script, (ls_figure_box){0, plot->height, script->width, height});
  ls_text_add(&script->text, "unset border\nunset tics\nunset grid\nunset label\nunset logscale\n");
  if (left < 0) left = 0; /* a title wider than the canvas is cut at its end */
  for (int i = 0, row = 0; i < count; i++) {
    if (row >= rows) row = 0;
    int column = columns > 1 ? i / rows : 0;
    add_entry(&script->text, &plot->legend[i], left + column * column_width + GAP / 2,
              height - ROW / 2 - row * ROW);
    row += (int)line_count(plot->legend[i].title);
  }
  ls_text_add(&script->text, "plot [0:%d] [0:%d] NaN\n", script->width, height);
}

/* ---- The whole ---------------------------------------------------------------------------------
 */

static int make_script(ls_figure_script *script, const ls_plot *plot) {
  int rows = 0, column_width = 0;
  if (plot->entry_count) arrange(plot, &rows, &column_width);
  ls_figure_begin(script, plot->width, plot->height + (rows ? rows * ROW + MARGIN : 0));
  for (size_t i = 0; i < plot->panel_count; i++) add_panel(script, &plot->panels[i], i);
  if (rows) add_legend(script, plot, rows, column_width);
  ls_text_add(&script->text, "unset multiplot\n");
  int status = ls_memory_status(&plot->memory);
  if (status != LS_OK) ls_text_free(&script->text);
  return status;
}

int ls_plot_svg(char **svg, ls_plot *plot) {
  ls_figure_script script = {0};
  int status = make_script(&script, plot);
  if (status == LS_OK) status = ls_figure_svg(svg, &script, plot->title);
  ls_plot_free(plot);
  return status;
}

int ls_plot_write(const char *path, ls_plot *plot) {
  ls_figure_script script = {0};
  int status = make_script(&script, plot);
  if (status == LS_OK) status = ls_figure_write(path, &script, plot->title);
  ls_plot_free(plot);
  return status;
}

void ls_plot_free(ls_plot *plot) {
  ls_memory_free(&plot->memory);
}
