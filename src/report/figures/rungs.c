/* The rungs of a search: the value of each point at each rung that it has reached, and the values
 * that were needed to be promoted. A panel for each bracket. */
#include "report/figures/search.h"

#include "lockstep/error.h"

#include <math.h>
#include <stdint.h>

enum { MOST_BRACKETS = 6, MOST_LINES = 300, MOST_LABELS = 12 };
/* Pixels. */
enum { WIDTH = 720, HEIGHT = 400, SMALL_WIDTH = 430, SMALL_HEIGHT = 310, HEADING = 20 };

/* What has become of a point. */
typedef enum outcome { PRUNED, UNDECIDED, COMPLETED, BEST, OUTCOMES } outcome;

static const struct {
  const char *name;
  ls_plot_style style;
} looks[OUTCOMES] = {
    [PRUNED] = {"pruned", {0xaaaaaa, .width = 0.8, .point = 7, .size = 0.3}},
    [UNDECIDED] = {"not decided yet", {0x009e73, .width = 1, .point = 7, .size = 0.4}},
    [COMPLETED] = {"trained to the end", {0x0072b2, .width = 1.4, .point = 7, .size = 0.5}},
    [BEST] = {"best", {0xd55e00, .width = 2.6, .point = 7, .size = 0.7}}};
static const ls_plot_style needed = {0x222222, .width = 2};

typedef struct diagram {
  const report_summary *summary;
  const report_search *search;
  ls_plot plot;
  size_t brackets[MOST_BRACKETS], count;
  bool shown[OUTCOMES];
  bool thresholds;
  size_t lines, points; /* that are drawn, and that there are */
  size_t *listed;       /* room for all points */
  report_range range;
  const char **labels; /* [rung] */
  double *places;      /* [rung] */
} diagram;

static outcome outcome_of(const diagram *d, size_t point) {
  const report_search *s = d->search;
  size_t last = report_last_rung(d->summary->results, point);
  if (point == d->summary->best) return BEST;
  int64_t decision = s->decisions[point * s->rungs + last];
  return decision == REPORT_COMPLETED  ? COMPLETED
         : decision == REPORT_LEFT_OUT ? PRUNED
                                       : UNDECIDED;
}

/* ---- Lines ---- */

static void add_line(const diagram *d, ls_plot_series *series, size_t point) {
  const report_search *s = d->search;
  for (size_t k = 0; k < s->rungs; k++) {
    double value = s->values[point * s->rungs + k];
    if (isfinite(value)) ls_plot_row(series, (double)s->epochs[k], value, 0);
  }
  ls_plot_row(series, NAN, NAN, 0);
}

/* Lists the points of a bracket that have an outcome. */
static size_t list_points(const diagram *d, size_t *out, size_t bracket, outcome which) {
  const report_results *r = d->summary->results;
  size_t count = 0;
  for (size_t p = 0; p < r->points; p++) {
    bool here = d->search->brackets[p] == (int64_t)bracket && report_last_rung(r, p) != SIZE_MAX;
    if (here && outcome_of(d, p) == which) out[count++] = p;
  }
  return count;
}

/* Draws these points: of very many some, evenly along the sweep. */
static void add_lines(diagram *d, size_t panel, outcome which) {
  size_t count = list_points(d, d->listed, d->brackets[panel], which);
  size_t drawn = count < MOST_LINES ? count : MOST_LINES;
  if (count == 0) return;
  ls_plot_series *series = ls_plot_add(&d->plot, &d->plot.panels[panel], LS_PLOT_LINEPOINTS,
                                       &looks[which].style, drawn * (d->search->rungs + 1));
  for (size_t i = 0; i < drawn; i++) add_line(d, series, d->listed[i * count / drawn]);
  d->lines += drawn;
  d->points += count;
  d->shown[which] = true;
}

/* A dash at each rung. */
static void add_thresholds(diagram *d, size_t panel) {
  const report_search *s = d->search;
  const report_results *r = d->summary->results;
  ls_plot_panel *p = &d->plot.panels[panel];
  ls_plot_series *series = ls_plot_add(&d->plot, p, LS_PLOT_LINE, &needed, 3 * s->rungs);
  for (size_t k = d->brackets[panel]; k < s->rungs; k++) {
    double value = NAN, at = (double)s->epochs[k];
    for (size_t point = 0; point < r->points && !isfinite(value); point++) {
      if (s->brackets[point] == (int64_t)d->brackets[panel]) {
        value = s->thresholds[point * s->rungs + k];
      }
    }
    if (!isfinite(value)) continue;
    double half = 0.02 * (p->x.high - p->x.low), factor = pow(p->x.high / p->x.low, 0.02);
    ls_plot_row(series, p->x.log ? at / factor : at - half, value, 0);
    ls_plot_row(series, p->x.log ? at * factor : at + half, value, 0);
    ls_plot_row(series, NAN, NAN, 0);
    d->thresholds = true;
  }
}

/* ---- Panels ---- */

static bool label_rungs(diagram *d) {
  const report_search *s = d->search;
  d->labels = ls_memory_new(&d->plot.memory, s->rungs, sizeof *d->labels);
  d->places = ls_memory_new(&d->plot.memory, s->rungs, sizeof *d->places);
  for (size_t k = 0; k < s->rungs && d->labels && d->places; k++) {
    d->places[k] = (double)s->epochs[k];
    d->labels[k] = ls_memory_text(&d->plot.memory, "%lld", (long long)s->epochs[k]);
  }
  return ls_memory_status(&d->plot.memory) == LS_OK;
}

static void set_axes(const diagram *d, ls_plot_panel *panel) {
  const report_search *s = d->search;
  double first = (double)s->epochs[0], last = (double)s->epochs[s->rungs - 1];
  panel->x = (ls_plot_axis){.title = "epochs", .log = last / first >= 8};
  ls_plot_range(&panel->x, first, last, 0.08);
  if (s->rungs <= MOST_LABELS) {
    panel->x.labels = d->labels;
    panel->x.places = d->places;
    panel->x.count = s->rungs;
  }
  panel->y.title = d->summary->results->monitor;
  ls_plot_range(&panel->y, d->range.low, d->range.high, 0.05);
}

static void fill_panel(diagram *d, size_t number) {
  bool several = d->count > 1;
  ls_plot_panel *panel = ls_plot_place_cell(&d->plot, number, several ? HEADING : 0, 0);
  if (several) {
    panel->heading = ls_memory_text(&d->plot.memory, "from epoch %lld on",
                                    (long long)d->search->epochs[d->brackets[number]]);
  }
  set_axes(d, panel);
  for (int which = 0; which < OUTCOMES; which++) add_lines(d, number, (outcome)which);
  add_thresholds(d, number);
}

static void fill_panels(diagram *d) {
  bool several = d->count > 1;
  int width = several ? SMALL_WIDTH : WIDTH, height = several ? SMALL_HEIGHT + HEADING : HEIGHT;
  int status = ls_plot_begin_columns(&d->plot, d->count, width, height);
  if (status != LS_OK || !label_rungs(d)) return;
  for (size_t i = 0; i < d->count; i++) fill_panel(d, i);
  for (int which = OUTCOMES; which-- > 0;) {
    if (!d->shown[which]) continue;
    ls_plot_legend(&d->plot, looks[which].name, &looks[which].style, true, true);
  }
  if (d->thresholds) ls_plot_legend(&d->plot, "value needed to continue", &needed, true, false);
}

/* ---- The whole ---- */

static void add_caption(ls_text *caption, const diagram *d) {
  ls_text_add(caption,
              "Mean %s of each point at the rungs of the search that it has reached, and the value "
              "that a point needed to be trained further.",
              d->summary->results->monitor);
  if (d->count > 1)
    ls_text_add(caption, " A panel for each bracket: the points of one are compared "
                         "with one another only.");
  if (d->lines < d->points) ls_text_add(caption, " %zu of %zu points.", d->lines, d->points);
  report_add_outliers(caption, &d->range, "", " are cut");
}

/* Returns false where there is nothing to draw, or no memory. */
static bool prepare(diagram *d) {
  const report_results *r = d->summary->results;
  size_t count = r->points * d->search->rungs;
  ls_memory *memory = d->summary->memory;
  double *values = ls_memory_new(memory, count, sizeof *values);
  d->listed = ls_memory_new(memory, r->points, sizeof *d->listed);
  if (!values || !d->listed) return false;
  for (size_t i = 0; i < count; i++) {
    values[i] = isfinite(d->search->values[i]) ? d->search->values[i] : NAN;
  }
  d->range = report_range_of_values(memory, values, count, d->summary->better);
  return !isnan(d->range.low);
}

void search_draw_rungs(report_figures *list, const report_summary *s) {
  const report_results *r = s->results;
  diagram d = {.summary = s, .search = r->search, .plot = {.title = "Rungs of the search"}};
  if (!r->search || r->search->rungs < 2 || !prepare(&d)) return;
  for (size_t b = 0; b < r->search->rungs && d.count < MOST_BRACKETS; b++) {
    if (report_bracket_size(r, b) > 0) d.brackets[d.count++] = b;
  }
  fill_panels(&d);
  ls_text caption = {0};
  add_caption(&caption, &d);
  report_figure_add(list, "rungs", &caption, &d.plot);
}
