/* Figures over epochs: learning curves, and the learning rate. */
#include "report/figures/figure.h"

#include "lockstep/error.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum {
  MOST_POINTS = 8,    /* more lines are hard to distinguish */
  MARKERS = 8,        /* along each line */
  LONG_RUN = 30,      /* epochs */
  PANEL_WIDTH = 430,  /* pixels, with its labels */
  SINGLE_WIDTH = 640, /* the same, of a single panel */
  PANEL_HEIGHT = 310,
};

/* What a panel shows: up to two curves, one dashed, one solid with a band. Either may be NULL. */
typedef struct curve_pair {
  const char *name;
  const report_curve *dashed, *solid;
} curve_pair;

typedef struct drawing {
  const report_summary *summary;
  const report_results *results;
  ls_plot plot;
  curve_pair *pairs; /* [panel] */
  size_t points[MOST_POINTS], point_count;
  bool steep; /* starts with values so far off that the rest would have no room: see below */
} drawing;

static ls_plot_style style_of(const drawing *d, size_t i, bool dashed) {
  const report_results *r = d->results;
  bool ordered = r->variable_count == 1 && r->variables[0].numbers;
  size_t every = r->epochs / MARKERS;
  int color = ordered ? ls_figure_ordered_color(i, d->point_count) : ls_figure_color(i);
  return (ls_plot_style){color,
                         .width = dashed ? 1 : 1.8,
                         .dashes = dashed ? "7,4" : NULL,
                         .point = ls_figure_point(i),
                         .size = 0.5,
                         .every = every};
}

/* ---- Panels ---- */

/* Adds the values of one epoch, the bands included. */
static void add_values(report_stat *all, const drawing *d, const curve_pair *pair, size_t epoch) {
  for (size_t i = 0; i < d->point_count; i++) {
    if (pair->dashed)
      report_add(all, report_at(d->results, pair->dashed, d->points[i], epoch).mean);
    if (!pair->solid) continue;
    report_stat stat = report_at(d->results, pair->solid, d->points[i], epoch);
    report_add_interval(all, stat.mean, stat.deviation);
  }
}

/* Sets the range to the values that must be within the frame: all, but in a steep figure not those
 * of the first tenth of the epochs of a long run. */
static void set_range(ls_plot_axis *axis, const drawing *d, const curve_pair *pair) {
  report_stat all = REPORT_NO_STAT;
  size_t e = d->results->epochs;
  while (e > 0 && all.n == 0) add_values(&all, d, pair, --e);
  for (size_t first = d->steep && e >= LONG_RUN ? (e + 1) / 10 : 0; e > first;)
    add_values(&all, d, pair, --e);
  if (all.n == 0) all = (report_stat){.least = 0, .most = 1}; /* any frame, it stays empty */
  axis->log = all.least > 0 && all.most / all.least >= 100;
  if (axis->log) {
    axis->low = all.least / 1.2;
    axis->high = all.most * 1.2;
  } else {
    ls_plot_range(axis, all.least, all.most, 0.05);
  }
}

/* Adds a curve of a point: its means, or the band about them down to the foot of the panel. */
static void add_curve(drawing *d, ls_plot_panel *panel, const report_curve *curve, size_t i,
                      ls_plot_kind kind, const ls_plot_style *style) {
  size_t epochs = d->results->epochs;
  ls_plot_series *series = ls_plot_add(&d->plot, panel, kind, style, epochs);
  for (size_t e = 0; e < epochs; e++) {
    report_stat stat = report_at(d->results, curve, d->points[i], e);
    if (!stat.n) continue;
    double spread = stat.n > 1 ? stat.deviation : 0, low = stat.mean - spread;
    bool band = kind == LS_PLOT_BAND;
    ls_plot_row(series, (double)e + 1, band ? fmax(low, panel->y.low) : stat.mean,
                stat.mean + spread);
  }
}

static void fill_panel(drawing *d, ls_plot_panel *panel, const curve_pair *pair) {
  const report_results *r = d->results;
  panel->x = (ls_plot_axis){
      .title = "epoch", .low = 1, .high = (double)r->epochs + 0.5, .step = r->epochs <= 10 ? 1 : 0};
  panel->y.title = pair->name;
  panel->y.units = (pair->solid ? pair->solid : pair->dashed)->units;
  set_range(&panel->y, d, pair);
  for (size_t i = 0; i < d->point_count && pair->solid && r->repeats > 1; i++) {
    ls_plot_style style = style_of(d, i, false);
    add_curve(d, panel, pair->solid, i, LS_PLOT_BAND, &style);
  }
  for (size_t i = 0; i < d->point_count; i++) {
    ls_plot_style dashed = style_of(d, i, true), solid = style_of(d, i, false);
    if (pair->dashed) add_curve(d, panel, pair->dashed, i, LS_PLOT_LINE, &dashed);
    if (pair->solid) add_curve(d, panel, pair->solid, i, LS_PLOT_LINEPOINTS, &solid);
  }
}

static void add_legend(drawing *d) {
  for (size_t i = 0; i < d->point_count && d->point_count > 1; i++) {
    ls_plot_style style = style_of(d, i, false);
    ls_text text = {0};
    report_add_swept(&text, d->results, d->points[i], NULL, "");
    const char *name = ls_memory_keep(&d->plot.memory, ls_text_take(&text));
    if (name) ls_plot_legend(&d->plot, name, &style, true, true);
  }
  bool dashed = false, solid = false;
  for (size_t p = 0; p < d->plot.panel_count; p++) {
    dashed = dashed || d->pairs[p].dashed;
    solid = solid || d->pairs[p].solid;
  }
  if (!dashed || !solid) return;
  ls_plot_legend(&d->plot, "validation", &(ls_plot_style){0x555555, .width = 1.8}, true, false);
  ls_plot_legend(&d->plot, "training", &(ls_plot_style){0x555555, .width = 1, .dashes = "7,4"},
                 true, false);
}

static int draw(report_figures *list, const char *name, ls_text *caption, drawing *d,
                size_t panels) {
  int columns = panels > 1 ? 2 : 1, rows = ((int)panels + columns - 1) / columns;
  int width = columns > 1 ? PANEL_WIDTH : SINGLE_WIDTH;
  d->plot.width = columns * width;
  d->plot.height = rows * PANEL_HEIGHT;
  if (ls_plot_begin(&d->plot, panels) != LS_OK) panels = 0; /* drawing it fails */
  for (int p = 0; p < (int)panels; p++) {
    ls_figure_box box = {p % columns * width, p / columns * PANEL_HEIGHT, width, PANEL_HEIGHT};
    fill_panel(d, ls_plot_place(&d->plot, (size_t)p, box, 0), &d->pairs[p]);
  }
  add_legend(d);
  return report_figure_add(list, name, caption, &d->plot);
}

/* ---- Choosing ---- */

static drawing begin(const report_summary *s, const char *title, const report_curve *curve) {
  drawing d = {.summary = s, .results = s->results, .plot = {.title = title}};
  d.point_count = report_choose(s, curve, MOST_POINTS, d.points);
  return d;
}

static void add_choice(ls_text *caption, const drawing *d) {
  if (d->point_count == d->results->points || d->point_count < MOST_POINTS) return;
  ls_text_add(
      caption, " Shown are %zu of %zu points of the sweep%s", d->point_count, d->results->points,
      d->summary->better ? ": the best, the worst, and between them at even distances in rank."
                         : ", at even distances.");
}

/* Pairs up the curves with those of validation, the loss first. Returns how many panels. */
static size_t pair_curves(curve_pair *pairs, const report_results *r) {
  size_t n = 0;
  for (size_t c = 0; c < 2 * r->curve_count; c++) {
    const report_curve *curve = &r->curves[c % r->curve_count];
    bool losses = c < r->curve_count, validation = strncmp(curve->name, "val_", 4) == 0;
    const char *name = curve->name + (validation ? 4 : 0);
    bool other = strcmp(name, "learning_rate") == 0 || strcmp(name, "epoch_seconds") == 0;
    if (curve->final || other || (strcmp(name, "loss") == 0) != losses) continue;
    if (validation && report_find_curve(r, name)) continue; /* drawn with its partner */
    char partner[256];
    snprintf(partner, sizeof partner, "val_%s", name);
    pairs[n++] = (curve_pair){name, validation ? NULL : curve, report_find_curve(r, partner)};
  }
  return n;
}

int report_draw_learning(report_figures *list, const report_summary *s) {
  const report_results *r = s->results;
  drawing d = begin(s, "Learning curves", &r->curves[s->monitor]);
  if (d.point_count == 0 || r->epochs == 1) return LS_OK; /* a single epoch makes no curve */
  d.steep = true;
  d.pairs = ls_memory_new(&d.plot.memory, r->curve_count, sizeof *d.pairs);
  if (!d.pairs) return LS_FAILED;
  ls_text caption = {0};
  ls_text_add(&caption, "Learning curves.");
  if (r->repeats > 1) {
    ls_text_add(&caption, " Mean over the trials of a point that reached the epoch; the band is "
                          "± 1 standard deviation.");
  }
  if (s->counts[REPORT_DIVERGED] || s->counts[REPORT_FAILED]) {
    ls_text_add(&caption, " Diverged and failed trials are left out.");
  }
  add_choice(&caption, &d);
  return draw(list, "learning_curves", &caption, &d, pair_curves(d.pairs, r));
}

/* Whether a curve is the same at two points. */
static bool same_curve(const report_results *r, const report_curve *curve, size_t a, size_t b) {
  for (size_t e = 0; e < r->epochs; e++) {
    report_stat x = report_at(r, curve, a, e), y = report_at(r, curve, b, e);
    if (x.n && y.n && x.mean != y.mean) return false;
  }
  return true;
}

static bool changes(const report_results *r, const report_curve *curve, size_t point) {
  report_stat all = REPORT_NO_STAT;
  for (size_t e = 0; e < r->epochs; e++) report_add(&all, report_at(r, curve, point, e).mean);
  return all.least < all.most; /* false for NaN */
}

int report_draw_learning_rate(report_figures *list, const report_summary *s) {
  const report_results *r = s->results;
  const report_curve *curve = report_find_curve(r, "learning_rate");
  if (!curve) return LS_OK;
  drawing d = begin(s, "Learning rate", curve);
  d.pairs = &(curve_pair){.name = curve->name, .solid = curve};
  bool any = false, same = true;
  for (size_t i = 0; i < d.point_count; i++) {
    any = any || changes(r, curve, d.points[i]);
    same = same && same_curve(r, curve, d.points[0], d.points[i]);
  }
  if (!any) return LS_OK;
  ls_text caption = {0};
  ls_text_add(&caption, "Learning rate in each epoch.");
  if (same && d.point_count > 1) {
    d.point_count = 1;
    ls_text_add(&caption, " The same at all points.");
  } else {
    add_choice(&caption, &d);
  }
  return draw(list, "learning_rate", &caption, &d, 1);
}
