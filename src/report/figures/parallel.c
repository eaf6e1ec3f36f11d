/* The points of a sweep in parallel coordinates (Inselberg, The Visual Computer 1, 1985): an axis
 * for each variable, one for the final value at the right, and a line across them for each point.
 */
#include "report/figures/figure.h"

#include "lockstep/error.h"
#include "report/format.h"
#include "report/sentences.h"

#include <math.h>

enum { MOST_LINES = 1000, MOST_LABELS = 24, MOST_AXES = 12, TICS = 5 };
/* Pixels. */
enum { WIDTH = 860, HEIGHT = 440, LEFT = 30, RIGHT = 90, TOP = 40, BOTTOM = 24, TITLE = 16 };

typedef struct layout {
  const report_results *results;
  const report_summary *summary;
  ls_plot plot;
  size_t swept[MOST_AXES], count; /* the variables, and how many */
  size_t lines;
  report_range range;
} layout;

static const report_axis *axis_of(const layout *l, size_t axis) {
  return &l->results->variables[l->swept[axis]];
}

static layout make_layout(const report_summary *s) {
  const report_results *r = s->results;
  layout l = {.results = r, .summary = s, .plot = {.width = WIDTH, .height = HEIGHT}};
  l.lines = s->ranked < MOST_LINES ? s->ranked : MOST_LINES;
  for (size_t v = 0; v < r->variable_count && l.count < MOST_AXES; v++) {
    if (r->variables[v].count > 1) l.swept[l.count++] = v;
  }
  l.range = report_range_of(s);
  return l;
}

/* The height at which a value is on its axis, from 0 to 1: at equal distances. */
static double height_of(const layout *l, size_t axis, size_t value) {
  return ((double)axis_of(l, axis)->places[value] + 0.5) / (double)axis_of(l, axis)->count;
}

/* Lines of one value are spread around it, the better the higher, so that each can be followed. */
static double spread_of(const layout *l, size_t axis, size_t rank) {
  double share = l->lines > 1 ? 0.5 - (double)rank / (double)(l->lines - 1) : 0;
  return 0.55 * share / (double)axis_of(l, axis)->count;
}

/* One line; better ones are darker. */
static void add_line(ls_plot_series *series, const layout *l, size_t rank) {
  size_t point = l->summary->ranking[rank];
  double value = report_monitored(l->summary, point)->mean;
  double place = report_place(&l->range, value);
  double goodness = report_goodness(&l->range, value, l->summary->better);
  double color = ls_figure_viridis(l->range.high > l->range.low ? 0.9 * (1 - goodness) : 0);
  for (size_t i = 0; i < l->count; i++) {
    size_t v = report_index(l->results, point, l->swept[i]);
    ls_plot_row(series, (double)i, height_of(l, i, v) + spread_of(l, i, rank), color);
  }
  ls_plot_row(series, (double)l->count, place, color);
  ls_plot_row(series, NAN, 0, 0);
}

static void add_lines(layout *l, ls_plot_panel *panel) {
  static const ls_plot_style thin = {.width = 0.8}, thick = {0xd55e00, .width = 3};
  ls_plot_series *all =
      ls_plot_add(&l->plot, panel, LS_PLOT_COLORED, &thin, l->lines * (l->count + 2));
  for (size_t i = l->lines; i > 0; i--) add_line(all, l, i - 1);
  if (!l->summary->better) return;
  ls_plot_series *best = ls_plot_add(&l->plot, panel, LS_PLOT_LINE, &thick, l->count + 2);
  add_line(best, l, 0);
}

static void add_axis(layout *l, ls_plot_panel *panel, size_t i, const char *title) {
  static const ls_plot_style style = {0x444444, .width = 1.2};
  ls_plot_series *series = ls_plot_add(&l->plot, panel, LS_PLOT_LINE, &style, 2);
  ls_plot_row(series, (double)i, -0.02, 0);
  ls_plot_row(series, (double)i, 1.02, 0);
  ls_plot_add_text(&l->plot, (ls_plot_text){ls_plot_x(panel, (double)i), TOP - TITLE,
                                            LS_PLOT_CENTER, .text = title});
}

static void add_variable(layout *l, ls_plot_panel *panel, size_t i) {
  const report_axis *axis = axis_of(l, i);
  size_t every = (axis->count + MOST_LABELS - 1) / MOST_LABELS;
  add_axis(l, panel, i, axis->name);
  for (size_t v = 0; v < axis->count; v++) {
    if (axis->places[v] % every) continue;
    ls_plot_add_text(&l->plot, (ls_plot_text){ls_plot_x(panel, (double)i),
                                              ls_plot_y(panel, height_of(l, i, v)), LS_PLOT_BOXED,
                                              .text = axis->labels[v]});
  }
}

static void add_final(layout *l, ls_plot_panel *panel) {
  const report_range *range = &l->range;
  const char *title = ls_memory_text(&l->plot.memory, "final %s", l->results->monitor);
  int tics = range->high > range->low ? TICS : 1;
  add_axis(l, panel, l->count, title);
  for (int i = 0; i < tics; i++) {
    double share = tics > 1 ? (double)i / (TICS - 1) : 0.5;
    double value = range->low + share * (range->high - range->low);
    report_digits number =
        report_number(value, REPORT_AS_FIXED, report_monitored_decimals(l->summary));
    ls_plot_add_text(&l->plot,
                     (ls_plot_text){ls_plot_x(panel, (double)l->count), ls_plot_y(panel, share),
                                    LS_PLOT_BOXED, .text = number.text});
  }
}

static void add_caption(ls_text *caption, const layout *l) {
  const report_summary *s = l->summary;
  ls_text_add(caption,
              "A line for each point of the sweep, from its variables to its final %s; the "
              "darker the %s.",
              l->results->monitor, s->better ? "better, and the best is the thick one" : "higher");
  if (l->lines < s->ranked) {
    ls_text_add(caption, " The %s %zu of %zu points.", report_which(s), l->lines, s->ranked);
  }
  report_add_outliers(caption, &l->range, "", " end there");
  if (s->ranked < l->results->points) {
    ls_text_add(caption, " Points without a result (%zu) are left out.",
                l->results->points - s->ranked);
  }
}

static void fill_panel(layout *l) {
  ls_plot_panel *panel = &l->plot.panels[0];
  panel->border = LS_PLOT_BARE;
  panel->frame = (ls_figure_box){LEFT, TOP, WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM};
  panel->x = (ls_plot_axis){.low = -0.12, .high = (double)l->count};
  panel->y = (ls_plot_axis){.low = -0.02, .high = 1.02};
  add_lines(l, panel);
  for (size_t i = 0; i < l->count; i++) add_variable(l, panel, i);
  add_final(l, panel);
}

void report_draw_parallel(report_figures *list, const report_summary *summary) {
  layout l = make_layout(summary);
  if (l.count < 2 || summary->ranked < 2) return;
  if (ls_plot_begin(&l.plot, 1) == LS_OK) fill_panel(&l);
  ls_text caption = {0};
  add_caption(&caption, &l);
  l.plot.title = ls_memory_text(summary->memory, "Final %s of all points", l.results->monitor);
  report_figure_add(list, "all_points", &caption, &l.plot);
}
