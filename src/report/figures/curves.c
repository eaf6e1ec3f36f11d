/* Figures over epochs: learning curves, and the learning rate. */
#include "report/figures/figure.h"

#include "base/memory.h"
#include "lockstep/error.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
  MOST_POINTS = 8,    /* more lines can't be told apart */
  MARKERS = 8,        /* along each line */
  PANEL_WIDTH = 430,  /* pixels, with its labels */
  SINGLE_WIDTH = 640, /* the same, of one that stands alone */
  PANEL_HEIGHT = 310,
};

/* Axes with up to two curves: what is drawn dashed, and solid with a band. Either may be NULL. */
typedef struct panel_pair {
  const char *name;
  const report_curve *dashed, *solid;
} panel_pair;

typedef struct figure_data {
  const report_results *results;
  const panel_pair *panels;
  size_t panel_count;
  size_t points[MOST_POINTS];
  size_t point_count;
  bool steep;   /* starts with values so far off that the rest would have no room: see below */
  bool ordered; /* the points are the values of one numeric variable */
} figure_data;

/* Adds the values of one epoch, the band included. */
static void add_values(report_stat *all, const figure_data *d, const panel_pair *panel,
                       size_t epoch) {
  for (size_t i = 0; i < d->point_count; i++) {
    if (panel->dashed) {
      report_add(all, report_at(d->results, panel->dashed, d->points[i], epoch).mean);
    }
    if (panel->solid) {
      report_stat stat = report_at(d->results, panel->solid, d->points[i], epoch);
      double spread = stat.n > 1 ? stat.deviation : 0;
      report_add(all, stat.mean - spread);
      report_add(all, stat.mean + spread);
    }
  }
}

/* The values that must lie within the frame of a panel: all, but in a steep figure not those of the
 * first tenth of the epochs reached. */
static report_stat panel_values(const figure_data *d, const panel_pair *panel) {
  report_stat all = REPORT_NO_STAT;
  size_t e = d->results->epochs;
  while (e > 0 && all.n == 0) add_values(&all, d, panel, --e);
  for (size_t first = d->steep ? (e + 1) / 10 : 0; e > first;) add_values(&all, d, panel, --e);
  if (all.n == 0) all = (report_stat){.least = 0, .most = 1}; /* any frame, it stays empty */
  return all;
}

/* One block of data: epoch, dashed, solid, and the solid curve's band from low to high. */
static void add_data(ls_text *script, const figure_data *d, size_t p, size_t i, double floor) {
  const panel_pair *panel = &d->panels[p];
  ls_text_add(script, "$data_%zu_%zu << EOD\n", p, i);
  for (size_t e = 0; e < d->results->epochs; e++) {
    report_stat dashed = REPORT_NO_STAT, solid = REPORT_NO_STAT;
    if (panel->dashed) dashed = report_at(d->results, panel->dashed, d->points[i], e);
    if (panel->solid) solid = report_at(d->results, panel->solid, d->points[i], e);
    if (!dashed.n && !solid.n) continue;
    double spread = solid.n > 1 ? solid.deviation : 0;
    ls_text_add(script, "%zu", e + 1);
    ls_figure_add_number(script, dashed.mean);
    ls_figure_add_number(script, solid.mean);
    ls_figure_add_number(script, fmax(solid.mean - spread, floor));
    ls_figure_add_number(script, solid.mean + spread);
    ls_text_add(script, "\n");
  }
  ls_text_add(script, "EOD\n");
}

/* Sets the axes; returns the lowest value of the vertical one. */
static double add_axes(ls_text *script, const figure_data *d, const panel_pair *panel) {
  report_stat values = panel_values(d, panel);
  bool logarithmic = values.least > 0 && values.most / values.least >= 100;
  double low = values.least, high = values.most;
  if (logarithmic) {
    low /= 1.2;
    high *= 1.2;
  } else {
    double margin = high > low ? 0.05 * (high - low) : fmax(0.05 * fabs(high), 1e-3);
    low -= margin;
    high += margin;
  }
  ls_text_add(script, "%s logscale y\n", logarithmic ? "set" : "unset");
  ls_text_add(script, "set yrange [%.9g:%.9g]\nset xrange [1:%g]\n", low, high,
              (double)d->results->epochs + 0.5);
  ls_text_add(script, "set xtics %s\n", d->results->epochs <= 10 ? "1" : "autofreq");
  return low;
}

static int line_color(const figure_data *d, size_t i) {
  return d->ordered ? ls_figure_ordered_color(i, d->point_count) : ls_figure_color(i);
}

static void add_panel(ls_text *script, const figure_data *d, size_t p) {
  const panel_pair *panel = &d->panels[p];
  double low = add_axes(script, d, panel);
  for (size_t i = 0; i < d->point_count; i++) add_data(script, d, p, i, low);
  size_t every = d->results->epochs / MARKERS > 0 ? d->results->epochs / MARKERS : 1;
  const char *before = "plot ";
  for (size_t i = 0; i < d->point_count && panel->solid && d->results->repeats > 1; i++) {
    int color = line_color(d, i);
    ls_text_add(script,
                "%s$data_%zu_%zu using 1:4:5 with filledcurves lc rgb '#%06x' "
                "fs transparent solid 0.1 noborder",
                before, p, i, color);
    before = ", \\\n  ";
  }
  for (size_t i = 0; i < d->point_count; i++) {
    int color = line_color(d, i);
    if (panel->dashed) {
      ls_text_add(script, "%s$data_%zu_%zu using 1:2 with lines lc rgb '#%06x' lw 1 dt (7,4)",
                  before, p, i, color);
      before = ", \\\n  ";
    }
    if (panel->solid) {
      ls_text_add(script,
                  "%s$data_%zu_%zu using 1:3 with linespoints lc rgb '#%06x' lw 1.8 pt %d ps 0.5 "
                  "pi %zu",
                  before, p, i, color, ls_figure_point(i), every);
      before = ", \\\n  ";
    }
  }
  ls_text_add(script, "\n");
}

static int add_legend(ls_figure_legend *legend, const figure_data *d) {
  for (size_t i = 0; i < d->point_count && d->point_count > 1; i++) {
    char line[80], point[80];
    int color = line_color(d, i);
    snprintf(line, sizeof line, "lc rgb '#%06x' lw 1.8", color);
    snprintf(point, sizeof point, "lc rgb '#%06x' pt %d ps 0.5", color, ls_figure_point(i));
    ls_memory memory = {0};
    char *name = report_point_name(&memory, d->results, d->points[i]);
    if (!name) return LS_FAILED;
    ls_figure_legend_add(legend, name, line, point);
    ls_memory_free(&memory);
  }
  bool dashed = false, solid = false;
  for (size_t p = 0; p < d->panel_count; p++) {
    dashed = dashed || d->panels[p].dashed;
    solid = solid || d->panels[p].solid;
  }
  if (!dashed || !solid) return LS_OK;
  ls_figure_legend_add(legend, "validation", "lc rgb '#555555' lw 1.8", "");
  ls_figure_legend_add(legend, "training", "lc rgb '#555555' lw 1 dt (7,4)", "");
  return LS_OK;
}

static int add_figure(ls_figure_script *script, const figure_data *d) {
  ls_figure_legend legend = {0};
  int status = add_legend(&legend, d);
  int columns = d->panel_count > 1 ? 2 : 1, rows = ((int)d->panel_count + columns - 1) / columns;
  int width = columns > 1 ? PANEL_WIDTH : SINGLE_WIDTH, all = columns * width;
  ls_figure_begin(script, all, rows * PANEL_HEIGHT + ls_figure_legend_height(&legend, all));
  for (int p = 0; p < (int)d->panel_count; p++) {
    const panel_pair *panel = &d->panels[p];
    const report_curve *curve = panel->solid ? panel->solid : panel->dashed;
    ls_figure_box box = {p % columns * width, p / columns * PANEL_HEIGHT, width, PANEL_HEIGHT};
    ls_figure_panel(script, box, "epoch", panel->name, curve->units, 0);
    add_panel(&script->text, d, (size_t)p);
  }
  ls_figure_end(script, &legend);
  return status;
}

static void choose_points(figure_data *d, const report_summary *summary,
                          const report_curve *curve) {
  const report_results *r = d->results;
  d->point_count = report_choose(summary, curve, MOST_POINTS, d->points);
  d->ordered = r->variable_count == 1 && r->variables[0].numbers;
}

static void add_choice(ls_text *caption, const figure_data *d, bool ranked) {
  if (d->point_count < d->results->points && d->point_count == MOST_POINTS) {
    ls_text_add(caption, " Shown are %zu of %zu points of the sweep%s", d->point_count,
                d->results->points,
                ranked ? ": the best, the worst, and between them at even distances in rank."
                       : ", at even distances.");
  }
}

/* Pairs up the curves with those of validation, the loss first. Returns how many panels. */
static size_t choose_panels(panel_pair *panels, const report_results *r) {
  size_t n = 0;
  for (int losses = 1; losses >= 0; losses--) {
    for (size_t c = 0; c < r->curve_count; c++) {
      const report_curve *curve = &r->curves[c];
      if (curve->final) continue;
      bool validation = strncmp(curve->name, "val_", 4) == 0;
      const char *name = curve->name + (validation ? 4 : 0);
      bool other = strcmp(name, "learning_rate") == 0 || strcmp(name, "epoch_seconds") == 0;
      if (other || (strcmp(name, "loss") == 0) != losses) continue;
      if (validation && report_find_curve(r, name)) continue; /* drawn with its partner */
      char partner[256];
      snprintf(partner, sizeof partner, "val_%s", name);
      panels[n++] = (panel_pair){.name = name,
                                 .dashed = validation ? NULL : curve,
                                 .solid = report_find_curve(r, partner)};
    }
  }
  return n;
}

int report_draw_learning(report_figure *figure, const report_summary *summary) {
  const report_results *results = summary->results;
  panel_pair *panels = ls_new(results->curve_count, sizeof *panels);
  if (!panels) return LS_FAILED;
  figure_data d = {.results = results, .panels = panels};
  d.panel_count = choose_panels(panels, results);
  d.steep = true;
  choose_points(&d, summary, &results->curves[summary->monitor]);
  int status = LS_OK;
  if (d.point_count > 0 && results->epochs > 1) { /* a single epoch makes no curve */
    ls_figure_script script = {0};
    ls_text caption = {0};
    ls_text_add(&caption, "Learning curves.");
    if (results->repeats > 1) {
      ls_text_add(&caption, " Mean over the trials of a point that reached the epoch; the band is "
                            "± 1 standard deviation.");
    }
    if (summary->counts[REPORT_DIVERGED] || summary->counts[REPORT_FAILED]) {
      ls_text_add(&caption, " Diverged and failed trials are left out.");
    }
    add_choice(&caption, &d, summary->better != 0);
    status = add_figure(&script, &d);
    int drawn =
        report_figure_finish(figure, "learning_curves", "Learning curves", &caption, &script);
    if (status == LS_OK) status = drawn;
  }
  free(panels);
  return status;
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
  for (size_t e = 0; e < r->epochs; e++) {
    report_add(&all, report_at(r, curve, point, e).mean);
  }
  return all.least < all.most; /* false for NaN */
}

int report_draw_learning_rate(report_figure *figure, const report_summary *summary) {
  const report_results *results = summary->results;
  const report_curve *curve = report_find_curve(results, "learning_rate");
  if (!curve) return LS_OK;
  panel_pair panel = {.name = curve->name, .solid = curve};
  figure_data d = {.results = results, .panels = &panel, .panel_count = 1};
  choose_points(&d, summary, curve);
  bool any = false, same = true;
  for (size_t i = 0; i < d.point_count; i++) {
    any = any || changes(results, curve, d.points[i]);
    same = same && same_curve(results, curve, d.points[0], d.points[i]);
  }
  if (!any) return LS_OK;
  ls_figure_script script = {0};
  ls_text caption = {0};
  ls_text_add(&caption, "Learning rate in each epoch.");
  if (same && d.point_count > 1) {
    d.point_count = 1;
    ls_text_add(&caption, " The same at all points.");
  } else {
    add_choice(&caption, &d, summary->better != 0);
  }
  int status = add_figure(&script, &d);
  int drawn = report_figure_finish(figure, "learning_rate", "Learning rate", &caption, &script);
  return status == LS_OK ? drawn : status;
}
