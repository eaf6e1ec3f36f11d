/* The final monitored value against one variable of the sweep. */
#include "report/figures/figure.h"

#include "base/memory.h"
#include "lockstep/error.h"

#include <ctype.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
  MOST_LINES = 9,
  MOST_TICS = 12, /* that stand at the values themselves */
  WIDTH = 720,    /* pixels */
  PANEL_HEIGHT = 400,
  LETTER = 8,
};

/* What is drawn: for each line, the point of the sweep at each value of the variable. */
typedef struct layout {
  const report_results *results;
  const report_summary *summary;
  const report_axis *axis;
  size_t variable;
  size_t other; /* the variable whose values the lines are; SIZE_MAX: one line */
  size_t lines;
  size_t *points; /* [line, value]; SIZE_MAX: no result there */
  size_t *order;  /* [value], from left to right */
  bool logarithmic, ordered;
} layout;

/* Log where the job says so, and for values given one by one that span as much. */
static bool is_logarithmic(const report_axis *axis, const size_t *order) {
  if (!axis->numbers || !(axis->numbers[order[0]] > 0)) return false;
  return axis->log || axis->numbers[order[axis->count - 1]] >= 50 * axis->numbers[order[0]];
}

/* With several points at one place of a line, the best ranked stays. */
static void place_points(layout *plan) {
  size_t cells = plan->lines * plan->axis->count;
  for (size_t i = 0; i < cells; i++) plan->points[i] = SIZE_MAX;
  for (size_t i = 0; i < plan->summary->ranked; i++) {
    size_t point = plan->summary->ranking[i];
    size_t line = plan->other == SIZE_MAX ? 0 : report_index(plan->results, point, plan->other);
    size_t value = report_index(plan->results, point, plan->variable);
    size_t *at = &plan->points[line * plan->axis->count + value];
    if (*at == SIZE_MAX) *at = point;
  }
}

static int make_plan(layout *plan, const report_summary *summary, size_t variable) {
  const report_results *results = summary->results;
  *plan = (layout){.results = results, .summary = summary, .variable = variable};
  const report_axis *axis = plan->axis = &results->variables[variable];
  plan->other = SIZE_MAX;
  plan->lines = 1;
  if (results->variable_count == 2) {
    const report_axis *other = &results->variables[1 - variable];
    if (other->count <= MOST_LINES) {
      plan->other = 1 - variable;
      plan->lines = other->count;
      plan->ordered = other->numbers != NULL;
    }
  }
  plan->points = ls_new(plan->lines, axis->count * sizeof *plan->points);
  plan->order = ls_new(axis->count, sizeof *plan->order);
  if (!plan->points || !plan->order) return LS_FAILED;
  report_value_order(axis, plan->order);
  plan->logarithmic = is_logarithmic(axis, plan->order);
  place_points(plan);
  return LS_OK;
}

/* Where value number `v` of a line stands: the lines of a text variable are set side by side. */
static double position(const layout *plan, size_t line, size_t v) {
  if (plan->axis->numbers) return plan->axis->numbers[v];
  return (double)v + 0.6 * (((double)line + 0.5) / (double)plan->lines - 0.5);
}

/* The same for its single trials, set off a little so that the error bar doesn't hide them. */
static double trial_position(const layout *plan, size_t line, size_t v) {
  const double shift = 0.014; /* of the width */
  double at = position(plan, line, v), count = (double)plan->axis->count;
  if (!plan->axis->numbers) return at + shift * count;
  double low = plan->axis->numbers[plan->order[0]];
  double high = plan->axis->numbers[plan->order[plan->axis->count - 1]];
  return plan->logarithmic ? at * pow(high / low, shift) : at + shift * (high - low);
}

static const report_stat *stat_of(const layout *plan, size_t point) {
  return &plan->summary->points[point].finals[plan->summary->monitor];
}

/* Blocks of one line: means with deviations, and the single trials. */
static void add_data(ls_text *script, const layout *plan, size_t line) {
  const report_results *r = plan->results;
  const report_curve *curve = &r->curves[plan->summary->monitor];
  ls_text_add(script, "$mean_%zu << EOD\n", line);
  for (size_t i = 0; i < plan->axis->count; i++) {
    size_t point = plan->points[line * plan->axis->count + plan->order[i]];
    if (point == SIZE_MAX) continue;
    ls_figure_add_number(script, position(plan, line, plan->order[i]));
    ls_figure_add_number(script, stat_of(plan, point)->mean);
    ls_figure_add_number(script, stat_of(plan, point)->deviation);
    ls_text_add(script, "\n");
  }
  ls_text_add(script, "EOD\n$trial_%zu << EOD\n", line);
  for (size_t v = 0; v < plan->axis->count; v++) {
    size_t point = plan->points[line * plan->axis->count + v];
    for (size_t i = 0; i < r->repeats && point != SIZE_MAX; i++) {
      ls_figure_add_number(script, trial_position(plan, line, v));
      ls_figure_add_number(script, report_final(r, curve, point * r->repeats + i));
      ls_text_add(script, "\n");
    }
  }
  ls_text_add(script, "EOD\n");
}

/* The reference, if it is one for all points and of what is drawn; else NaN. */
static double reference_line(const report_results *r) {
  bool drawn = r->reference_count == 1 && strcmp(r->reference_metric, r->monitor) == 0;
  return drawn ? r->references[0] : NAN;
}

static void add_vertical_axis(ls_text *script, const layout *plan) {
  report_stat all = REPORT_NO_STAT;
  for (size_t i = 0; i < plan->lines * plan->axis->count; i++) {
    if (plan->points[i] == SIZE_MAX) continue;
    const report_stat *stat = stat_of(plan, plan->points[i]);
    double spread = stat->n > 1 ? stat->deviation : 0;
    report_add(&all, fmin(stat->mean - spread, stat->least));
    report_add(&all, fmax(stat->mean + spread, stat->most));
  }
  report_add(&all, reference_line(plan->results));
  double margin = all.most > all.least ? 0.06 * (all.most - all.least) : 0.01 * fabs(all.most);
  if (!(margin > 0)) margin = 1e-3;
  ls_text_add(script, "set yrange [%.9g:%.9g]\n", all.least - margin, all.most + margin);
}

/* The height for the labels of a text axis if they are too long to stand side by side and have to
 * be turned; 0: they needn't be. */
static int turned_height(const report_axis *axis) {
  size_t letters = 0, longest = 0;
  for (size_t v = 0; v < axis->count; v++) {
    size_t width = ls_text_width(axis->labels[v]);
    letters += width + 2;
    if (width > longest) longest = width;
  }
  if (axis->numbers || letters <= WIDTH / LETTER * 4 / 5) return 0;
  return (int)longest * LETTER / 2;
}

/* Tics at the values, with their labels. */
static void add_tics(ls_text *script, const layout *plan) {
  const char *turn = turned_height(plan->axis) ? "rotate by 30 right " : "";
  ls_text_add(script, "set xtics noenhanced %s(", turn);
  for (size_t v = 0; v < plan->axis->count; v++) {
    ls_text_add(script, "%s", v ? ", " : "");
    ls_figure_add_quoted(script, plan->axis->labels[v]);
    ls_figure_add_number(script, plan->axis->numbers ? plan->axis->numbers[v] : (double)v);
  }
  ls_text_add(script, ")\n");
}

static void add_horizontal_axis(ls_text *script, const layout *plan) {
  const report_axis *axis = plan->axis;
  if (!axis->numbers) {
    ls_text_add(script, "set xrange [-0.6:%.9g]\n", (double)axis->count - 0.4);
    add_tics(script, plan);
    return;
  }
  double low = axis->numbers[plan->order[0]], high = axis->numbers[plan->order[axis->count - 1]];
  if (!plan->logarithmic) {
    double margin = high > low ? 0.04 * (high - low) : 0.5;
    ls_text_add(script, "set xrange [%.9g:%.9g]\n", low - margin, high + margin);
    return;
  }
  double factor = pow(high / low, 0.04);
  ls_text_add(script, "set logscale x\nset xrange [%.9g:%.9g]\n", low / factor, high * factor);
  if (high / low < 1e3 && axis->count <= MOST_TICS) {
    add_tics(script, plan); /* powers of ten alone would be too few */
  } else {
    ls_text_add(script, "set format x '10^{%%T}'\nset mxtics 10\n");
  }
}

static int line_color(const layout *plan, size_t line) {
  return plan->ordered ? ls_figure_ordered_color(line, plan->lines) : ls_figure_color(line);
}

static void add_plots(ls_text *script, const layout *plan) {
  const char *mean = plan->axis->numbers ? "linespoints" : "points";
  const char *before = "plot ";
  double reference = reference_line(plan->results);
  if (!isnan(reference)) {
    ls_text_add(script, "plot %.9g with lines lc rgb '#555555' lw 1.2 dt (3,4)", reference);
    before = ", \\\n  ";
  }
  for (size_t line = 0; line < plan->lines; line++) {
    int color = line_color(plan, line);
    if (plan->results->repeats > 1) {
      ls_text_add(script,
                  "%s$trial_%zu using 1:2 with points lc rgb '#70%06x' pt 7 ps 0.4, \\\n"
                  "  $mean_%zu using 1:2:3 with yerrorbars lc rgb '#%06x' lw 1.4 pt 0",
                  before, line, color, line, color);
      before = ", \\\n  ";
    }
    ls_text_add(script, "%s$mean_%zu using 1:2 with %s lc rgb '#%06x' lw 1.4 pt %d ps 0.7", before,
                line, mean, color, ls_figure_point(line));
    before = ", \\\n  ";
  }
  ls_text_add(script, "\n");
}

static void add_legend(ls_figure_legend *legend, const layout *plan) {
  const report_results *r = plan->results;
  char text[256];
  for (size_t i = 0; i < plan->lines && plan->other != SIZE_MAX; i++) {
    char line[80], point[80];
    int color = line_color(plan, i);
    snprintf(line, sizeof line, "lc rgb '#%06x' lw 1.4", color);
    snprintf(point, sizeof point, "lc rgb '#%06x' pt %d ps 0.7", color, ls_figure_point(i));
    const report_axis *other = &r->variables[plan->other];
    snprintf(text, sizeof text, "%s = %s", other->name, other->labels[i]);
    ls_figure_legend_add(legend, text, plan->axis->numbers ? line : "", point);
  }
  double reference = reference_line(r);
  if (isnan(reference)) return;
  snprintf(text, sizeof text, "reference %.6g%s%s", reference, *r->reference_label ? ": " : "",
           r->reference_label);
  ls_figure_legend_add(legend, text, "lc rgb '#555555' lw 1.2 dt (3,4)", "");
}

static void add_caption(ls_text *caption, const layout *plan) {
  const report_results *r = plan->results;
  ls_text_add(caption, "Final %s (%s) against %s.", r->monitor, report_when_final(r),
              plan->axis->name);
  if (r->repeats > 1) {
    ls_text_add(caption, " Mean ± 1 standard deviation over up to %zu trials, the dots.",
                r->repeats);
  }
  if (plan->other != SIZE_MAX) {
    ls_text_add(caption, " One %s for each %s.", plan->axis->numbers ? "line" : "kind of point",
                r->variables[plan->other].name);
  }
  if (plan->other == SIZE_MAX && r->variable_count > 1) {
    ls_text_add(caption, " At each value, the best over the other variables.");
  }
}

static void add_figure(ls_figure_script *script, const layout *plan) {
  ls_figure_legend legend = {0};
  add_legend(&legend, plan);
  int tic_room = turned_height(plan->axis);
  ls_figure_box box = {0, 0, WIDTH, PANEL_HEIGHT + tic_room};
  ls_figure_begin(script, WIDTH, (int)box.height + ls_figure_legend_height(&legend, WIDTH));
  const report_curve *curve = &plan->results->curves[plan->summary->monitor];
  ls_text title = {0};
  ls_text_add(&title, "final %s", curve->name);
  ls_figure_panel(script, box, plan->axis->name, title.data ? title.data : "", curve->units,
                  tic_room);
  ls_text_free(&title);
  add_vertical_axis(&script->text, plan);
  add_horizontal_axis(&script->text, plan);
  for (size_t line = 0; line < plan->lines; line++) add_data(&script->text, plan, line);
  add_plots(&script->text, plan);
  ls_figure_end(script, &legend);
}

int report_draw_final(report_figure *figure, const report_summary *summary, size_t variable) {
  const report_results *results = summary->results;
  if (summary->ranked == 0 || results->variables[variable].count < 2) return LS_OK;
  layout plan;
  int status = make_plan(&plan, summary, variable);
  /* Where a line has the best of several points, there has to be a best. */
  bool drawable = plan.other != SIZE_MAX || results->variable_count == 1 || summary->better;
  if (status == LS_OK && drawable) {
    ls_text name = {0}, title = {0}, caption = {0};
    ls_figure_script script = {0};
    ls_text_add(&name, "%s_vs_%s", results->monitor, plan.axis->name);
    for (char *c = name.data; c && *c; c++) *c = isalnum((unsigned char)*c) ? *c : '_';
    ls_text_add(&title, "Final %s against %s", results->monitor, plan.axis->name);
    add_caption(&caption, &plan);
    add_figure(&script, &plan);
    status = report_figure_finish(figure, name.data ? name.data : "", title.data ? title.data : "",
                                  &caption, &script);
    ls_text_free(&name);
    ls_text_free(&title);
  }
  free(plan.points);
  free(plan.order);
  return status;
}
