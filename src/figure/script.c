/* Scripts of gnuplot that draw plots: panels one after the other, then all texts and the legend
 * over them, in pixels. */
#include "figure/pieces.h"

#include "base/paths.h"
#include "base/visible.h"
#include "lockstep/error.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* What gnuplot calls a kind of series, how many numbers a row has, and what style it takes. */
static const struct {
  const char *with, *using;
  int columns;
  bool color, line, point;
} kinds[] = {
    [LS_PLOT_LINE] = {"lines", "1:2", 2, true, true, false},
    [LS_PLOT_POINTS] = {"points", "1:2", 2, true, false, true},
    [LS_PLOT_LINEPOINTS] = {"linespoints", "1:2", 2, true, true, true},
    [LS_PLOT_BAND] = {"filledcurves fs transparent solid 0.15 noborder", "1:2:3", 3, true, false,
                      false},
    [LS_PLOT_X_BARS] = {"xerrorbars pt 0", "1:2:3", 3, true, true, false},
    [LS_PLOT_Y_BARS] = {"yerrorbars pt 0", "1:2:3", 3, true, true, false},
    [LS_PLOT_AREA] = {"filledcurves closed fs transparent solid 0.1 noborder", "1:2", 2, true,
                      false, false},
    [LS_PLOT_COLORED] = {"lines lc rgb variable", "1:2:3", 3, false, true, false},
    [LS_PLOT_DOTS] = {"points lc rgb variable", "1:2:3", 3, false, false, true},
    [LS_PLOT_CELLS] = {"rgbimage", "1:2:(int($3)>>16&255):(int($3)>>8&255):(int($3)&255)", 3, false,
                       false, false},
};

/* Pixels: from a frame to the titles below and above it. */
enum { TITLE = 40, HEADING = 10 };

/* ---- Pieces ---- */

/* Between double quotes gnuplot reads octal numbers. All ASCII characters that mean something to
 * it, or to its preprocessing of lines, are written so. */
static void add_byte(ls_text *script, unsigned char c) {
  if (c >= 0x80 || isalnum(c) || strchr(" .,:;=<>()+-*/", c)) {
    ls_text_add_bytes(script, (const char *)&c, 1);
  } else {
    ls_text_add(script, "\\%03o", c);
  }
}

/* Adds the text up to `end`; what a terminal would not show is not in a figure either. */
static void add_quoted(ls_text *script, const char *text, const char *end, bool is_format) {
  char shown[LS_VISIBLE];
  ls_text_add(script, "\"");
  while (text < end) {
    text = ls_visible_next(shown, text);
    for (const char *c = shown; *c; c++) {
      add_byte(script, (unsigned char)*c);
      if (is_format && *c == '%') add_byte(script, '%');
    }
  }
  ls_text_add(script, "\"");
}

void ls_figure_add_quoted(ls_text *script, const char *text, size_t length) {
  add_quoted(script, text, text + length, false);
}

/* The label of a tic is a format to gnuplot, in which %% stands for a percent sign. */
static void add_tic_label(ls_text *script, const char *label) {
  add_quoted(script, label, label + strlen(label), true);
}

static void add_number(ls_text *script, double value) {
  if (isfinite(value)) {
    ls_text_add(script, " %.17g", value);
  } else {
    ls_text_add(script, " NaN");
  }
}

/* Makes a part of the canvas the frame of the next plots. */
static void add_margins(ls_figure_script *script, ls_figure_box frame) {
  double w = script->width, h = script->height;
  ls_text_add(&script->text, "set lmargin at screen %.5f\nset rmargin at screen %.5f\n",
              frame.left / w, (frame.left + frame.width) / w);
  ls_text_add(&script->text, "set tmargin at screen %.5f\nset bmargin at screen %.5f\n",
              1 - frame.top / h, 1 - (frame.top + frame.height) / h);
}

/* ---- Axes ---- */

static void add_tics(ls_text *script, const char *name, const ls_plot_axis *axis) {
  ls_text_add(script, "set %stics noenhanced %s(", name, axis->turned ? "rotate by 30 right " : "");
  for (size_t i = 0; i < axis->count; i++) {
    ls_text_add(script, "%s", i ? ", " : "");
    add_tic_label(script, axis->labels[i]);
    add_number(script, axis->places ? axis->places[i] : (double)i);
  }
  ls_text_add(script, ")\n");
}

static void add_axis(ls_text *script, const char *name, const ls_plot_axis *axis) {
  char format[PLOT_FORMAT];
  plot_tic_format(format, axis);
  ls_text_add(script, "%s logscale %s\nset format %s '%s'\n", axis->log ? "set" : "unset", name,
              name, format);
  ls_text_add(script, "set %srange [%.17g:%.17g]\n", name, axis->low, axis->high);
  ls_text_add(script, "set m%stics %s\n", name, axis->decades ? "10" : "default");
  if (axis->labels && axis->count == 0) {
    ls_text_add(script, "unset %stics\n", name);
  } else if (axis->labels) {
    add_tics(script, name, axis);
  } else if (axis->step > 0) {
    ls_text_add(script, "set %stics enhanced %.17g\n", name, axis->step);
  } else {
    ls_text_add(script, "set %stics enhanced autofreq\n", name);
  }
}

/* The horizontal axis, and the vertical one at the side where it is. */
static void add_axes(ls_text *script, const ls_plot_panel *p) {
  ls_plot_axis x = plot_complete_axis(&p->x, p, 0), y = plot_complete_axis(&p->y, p, 1);
  add_axis(script, "x", &x);
  add_axis(script, "y", &y);
  if (p->y.right) {
    ls_text_add(script, "unset ytics\n");
    add_axis(script, "y2", &y);
  } else {
    ls_text_add(script, "unset y2tics\n");
  }
}

/* ---- Series ---- */

static void add_data(ls_text *script, const ls_plot_series *s, size_t panel, size_t number) {
  ls_text_add(script, "$p%zu_%zu << EOD\n", panel, number);
  for (size_t i = 0; i < s->count; i++) {
    bool gap = s->kind == LS_PLOT_COLORED && isnan(s->rows[i][0]);
    for (int k = 0; k < kinds[s->kind].columns && !gap; k++) {
      add_number(script, s->rows[i][k]);
    }
    ls_text_add(script, "\n");
  }
  ls_text_add(script, "EOD\n");
}

static void add_series(ls_text *script, const ls_plot_series *s, size_t panel, size_t number) {
  const ls_plot_style *style = &s->style;
  bool line = kinds[s->kind].line, point = kinds[s->kind].point;
  ls_text_add(script, "%s$p%zu_%zu using %s with %s", number ? ", \\\n  " : "plot ", panel, number,
              kinds[s->kind].using, kinds[s->kind].with);
  if (kinds[s->kind].color) ls_text_add(script, " lc rgb '#%06x'", style->color);
  if (line) ls_text_add(script, " lw %g", style->width);
  if (line && style->dashes) ls_text_add(script, " dt (%s)", style->dashes);
  if (point) ls_text_add(script, " pt %d ps %g", style->point, style->size);
  if (line && point && style->every > 1) ls_text_add(script, " pi %zu", style->every);
}

/* What is around a panel, and its grid lines. */
static void add_frame(ls_text *script, const ls_plot_panel *p) {
  static const struct {
    const char *border;
    double tics;
  } borders[] = {[LS_PLOT_AXES] = {"set border 3 lc '#444444'", 0.6},
                 [LS_PLOT_FRAME] = {"set border 15 lc '#999999'", 0},
                 [LS_PLOT_BARE] = {"unset border", 0}};
  ls_text_add(script, "%s\nset tics nomirror out scale %g textcolor '#222222'\n",
              borders[p->border].border, borders[p->border].tics);
  add_axes(script, p);
  ls_text_add(script, "%sunset grid\n", p->border == LS_PLOT_BARE ? "unset tics\n" : "");
  if (p->border == LS_PLOT_AXES) {
    ls_text_add(script, "set grid %s lc '#dddddd' lt 1 lw 0.7\n", p->grid ? p->grid : "nox y");
  }
}

static void add_panel(ls_figure_script *script, const ls_plot_panel *p, size_t number) {
  ls_text *text = &script->text;
  add_margins(script, p->frame);
  add_frame(text, p);
  if (!isnan(p->rule)) {
    ls_text_add(text,
                "set arrow 1 from %.17g, graph 0 to %.17g, graph 1 nohead lc rgb '#555555' lw 1.2 "
                "dt (3,4)\n",
                p->rule, p->rule);
  }
  for (size_t i = 0; i < p->count; i++) add_data(text, &p->series[i], number, i);
  for (size_t i = 0; i < p->count; i++) add_series(text, &p->series[i], number, i);
  ls_text_add(text, "%s\nunset arrow\n", p->count ? "" : "plot NaN");
}

/* ---- Texts ---- */

static void add_text(ls_text *script, const ls_plot_text *t) {
  static const char *const how[] = {[LS_PLOT_LEFT] = "left",
                                    [LS_PLOT_CENTER] = "center",
                                    [LS_PLOT_RIGHT] = "right",
                                    [LS_PLOT_UPWARDS] = "center rotate by 90",
                                    [LS_PLOT_BOXED] = "left offset 0.6,0 boxed"};
  double y = t->y;
  for (const char *at = t->text; at; y += ls_plot_line_height(t->size)) {
    size_t length = strcspn(at, "\n");
    ls_text_add(script, "set label ");
    ls_figure_add_quoted(script, at, length);
    ls_text_add(script, " at %.2f,%.2f %s noenhanced font ',%d' tc rgb '#%06x'\n", t->x, y,
                how[t->anchor], t->size ? t->size : LS_PLOT_TEXT, t->color);
    at = at[length] ? at + length + 1 : NULL;
  }
}

/* The titles of axes are texts rather than gnuplot's own, whose place depends on widths it has to
 * guess. */
static void add_titles(ls_text *script, const ls_plot_panel *p) {
  const ls_figure_box *f = &p->frame;
  double center = f->left + f->width / 2, middle = f->top + f->height / 2;
  bool units = p->y.units && *p->y.units;
  ls_text y_title = {0};
  ls_text_add(&y_title, units ? "%s (%s)" : "%s%s", p->y.title ? p->y.title : "",
              units ? p->y.units : "");
  const ls_plot_text titles[] = {
      {center, f->top + f->height + TITLE + p->tic_room, LS_PLOT_CENTER, .text = p->x.title},
      {p->y_title, middle, LS_PLOT_UPWARDS, .text = y_title.data},
      {center, f->top - HEADING, LS_PLOT_CENTER, .text = p->heading}};
  for (size_t i = 0; i < sizeof titles / sizeof *titles; i++) add_text(script, &titles[i]);
  ls_text_free(&y_title);
}

/* ---- The whole ---- */

/* The texts: on a plot of nothing, whose axes are the pixels of the canvas. */
static void add_texts(ls_figure_script *script, const ls_plot *plot) {
  ls_text *text = &script->text;
  add_margins(script, (ls_figure_box){0, 0, script->width, script->height});
  ls_text_add(text, "unset border\nunset tics\nunset grid\nunset logscale\n");
  for (size_t i = 0; i < plot->panel_count; i++) add_titles(text, &plot->panels[i]);
  for (size_t i = 0; i < plot->text_count; i++) add_text(text, &plot->texts[i]);
  ls_text_add(text, "plot [0:%d] [%d:0] NaN\n", script->width, script->height);
}

/* Makes panels narrower whose last label would be cut at the edge of the canvas. */
static void fit_labels(ls_plot *plot) {
  for (size_t i = 0; i < plot->panel_count; i++) {
    ls_plot_panel *p = &plot->panels[i];
    if (p->border != LS_PLOT_AXES) continue;
    ls_plot_axis x = plot_complete_axis(&p->x, p, 0);
    double end = p->frame.left + p->frame.width + plot_overhang(&x, p->frame.width);
    if (end > plot->width) p->frame.width -= fmin(end - plot->width, p->frame.width / 2);
  }
}

static int make_script(ls_figure_script *script, ls_plot *plot) {
  fit_labels(plot);
  ls_plot_panel legend = plot_legend_panel(plot);
  script->width = plot->width;
  script->height = plot->height + (int)legend.frame.height;
  ls_text_add(&script->text,
              "set encoding utf8\n"
              "set xtics offset 0,0.3\n"
              "set style textbox opaque noborder fillcolor '#ffffff' margins 0.4,0.2\n"
              "unset key\n"
              "set samples 2\n"
              "set multiplot\n");
  for (size_t i = 0; i < plot->panel_count; i++) add_panel(script, &plot->panels[i], i);
  if (plot->entry_count) add_panel(script, &legend, plot->panel_count);
  add_texts(script, plot);
  ls_text_add(&script->text, "unset multiplot\n");
  return ls_memory_status(&plot->memory);
}

/* Draws the plot as SVG and, unless `png` is NULL, as PNG, and releases it. */
static int draw(char **svg, ls_text *png, ls_plot *plot) {
  ls_figure_script script = {0};
  *svg = NULL;
  int status = make_script(&script, plot);
  if (status == LS_OK) status = ls_figure_svg(svg, &script, plot->title);
  if (status == LS_OK && png) status = ls_figure_png(png, &script);
  ls_text_free(&script.text);
  ls_plot_free(plot);
  return status;
}

int ls_plot_svg(char **svg, ls_plot *plot) {
  return draw(svg, NULL, plot);
}

static int put(const char *path, const char *ending, const char *bytes, size_t length) {
  ls_memory memory = {0};
  const char *name = ls_memory_text(&memory, "%s.%s", path, ending);
  int status = name ? ls_write_file(name, bytes, length) : LS_FAILED;
  ls_memory_free(&memory);
  return status;
}

int ls_plot_write(const char *path, ls_plot *plot) {
  char *svg = NULL;
  ls_text png = {0};
  int status = draw(&svg, &png, plot);
  if (status == LS_OK) status = put(path, "svg", svg, strlen(svg));
  if (status == LS_OK) status = put(path, "png", png.data, png.length);
  ls_text_free(&png);
  free(svg);
  return status;
}
