/* The final values of a sweep over two variables as a heat map, the values in the cells; of a sweep
 * over three, one map for each value of the variable that has the fewest. */
#include "report/figures/figure.h"

#include "base/memory.h"
#include "lockstep/error.h"
#include "report/format.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

enum { MOST_COLUMNS = 10, MOST_ROWS = 24, MOST_MAPS = 6 };

/* Pixels. */
enum {
  WIDTH = 760,
  RIGHT = 112, /* of the colour bar and its labels */
  BAR = 14,
  TOP = 12,
  HEADING = 24, /* above each map, if there are several */
  BOTTOM = 54,
  CELL = 32,
  TALL_CELL = 42, /* of two lines */
  WIDEST_CELL = 96,
  LETTER = 7,
};

/* Which variable is drawn how. `maps` is SIZE_MAX where there is one map. */
typedef struct layout {
  const report_results *results;
  const report_summary *summary;
  size_t maps, rows, columns;
  size_t *map_order, *row_order, *column_order;
  report_range range;
  int decimals;
  int left, cell_width, cell_height;
  bool deviations; /* below the values */
} layout;

static const report_axis *axis_of(const layout *plan, size_t variable) {
  return &plan->results->variables[variable];
}

/* Of up to three variables the one with the fewest values tells the maps apart, and the one with
 * the most goes from left to right if it fits. */
static bool choose_axes(const report_results *r, size_t *maps, size_t *rows, size_t *columns) {
  size_t swept[3], count = 0;
  for (size_t v = 0; v < r->variable_count; v++) {
    if (r->variables[v].count == 1) continue;
    if (count == 3) return false;
    swept[count++] = v;
  }
  if (count < 2) return false;
  for (size_t i = 1; i < count; i++) { /* from the fewest to the most values */
    for (size_t k = i; k > 0; k--) {
      if (r->variables[swept[k - 1]].count <= r->variables[swept[k]].count) break;
      size_t swap = swept[k];
      swept[k] = swept[k - 1];
      swept[k - 1] = swap;
    }
  }
  *maps = count == 3 ? swept[0] : SIZE_MAX;
  *rows = swept[count - 2];
  *columns = swept[count - 1];
  if (r->variables[*columns].count > MOST_COLUMNS) {
    size_t swap = *columns;
    *columns = *rows;
    *rows = swap;
  }
  return r->variables[*columns].count <= MOST_COLUMNS && r->variables[*rows].count <= MOST_ROWS &&
         (count == 2 || r->variables[*maps].count <= MOST_MAPS);
}

bool report_is_grid(const report_results *results) {
  size_t maps, rows, columns;
  return choose_axes(results, &maps, &rows, &columns);
}

static int make_order(size_t **out, const layout *plan, size_t variable) {
  if (variable == SIZE_MAX) return LS_OK;
  *out = ls_new(axis_of(plan, variable)->count, sizeof **out);
  if (!*out) return LS_FAILED;
  report_value_order(axis_of(plan, variable), *out);
  return LS_OK;
}

static int make_plan(layout *plan, const report_summary *s) {
  const report_results *r = s->results;
  *plan = (layout){.results = r, .summary = s};
  choose_axes(r, &plan->maps, &plan->rows, &plan->columns);
  int status = make_order(&plan->map_order, plan, plan->maps);
  if (status == LS_OK) status = make_order(&plan->row_order, plan, plan->rows);
  if (status == LS_OK) status = make_order(&plan->column_order, plan, plan->columns);
  if (status == LS_OK) status = report_range_of(&plan->range, s);
  plan->decimals = s->decimals[s->monitor];
  size_t longest = 0;
  const report_axis *rows = axis_of(plan, plan->rows);
  for (size_t i = 0; i < rows->count; i++) {
    size_t width = ls_text_width(rows->labels[i]);
    if (width > longest) longest = width;
  }
  plan->left = 38 + LETTER * (int)(longest < 30 ? longest : 30);
  int width = (WIDTH - plan->left - RIGHT) / (int)axis_of(plan, plan->columns)->count;
  plan->cell_width = width < WIDEST_CELL ? width : WIDEST_CELL;
  for (size_t p = 0; p < s->results->points; p++) {
    plan->deviations |= s->points[p].finals[s->monitor].n > 1;
  }
  plan->cell_height = plan->deviations ? TALL_CELL : CELL;
  return status;
}

/* The point at a place of a map, counted from the first value in the drawn order. Other variables
 * have one value. */
static size_t point_at(const layout *plan, size_t map, size_t row, size_t column) {
  size_t point = 0;
  for (size_t v = 0; v < plan->results->variable_count; v++) {
    size_t i = v == plan->rows      ? plan->row_order[row]
               : v == plan->columns ? plan->column_order[column]
               : v == plan->maps    ? plan->map_order[map]
                                    : 0;
    point = point * plan->results->variables[v].count + i;
  }
  return point;
}

/* What is said in a cell without a value: what became of most of its trials. */
static const char *outcome_of(const report_point *point) {
  int most = REPORT_PENDING;
  for (int k = 0; k < REPORT_STATUS_COUNT; k++) {
    if (point->counts[k] > point->counts[most]) most = k;
  }
  return report_status_words[most];
}

/* A cell: place, colour, colour of the texts, the value, and in small letters its deviation or why
 * there is no value. */
static void add_cell(ls_text *script, const layout *plan, size_t row, size_t column, size_t point) {
  const report_point *at = &plan->summary->points[point];
  const report_stat *stat = &at->finals[plan->summary->monitor];
  int color = 0xeeeeee;
  char value[REPORT_NUMBER] = "", small[REPORT_NUMBER + 4] = "";
  if (stat->n > 0) {
    double goodness = report_goodness(&plan->range, plan->summary, stat->mean);
    color = ls_figure_viridis(goodness);
    report_fixed(value, stat->mean, plan->decimals);
  } else {
    snprintf(small, sizeof small, "%s", outcome_of(at));
  }
  if (stat->n > 1) {
    char number[REPORT_NUMBER];
    report_rounded(number, stat->deviation, plan->decimals, false);
    snprintf(small, sizeof small, "±%s", number);
  }
  ls_text_add(script, "%zu %zu %d %d \"%s\" \"%s\"\n", column, row, color,
              ls_figure_contrast(color), value, small);
}

static void add_tics(ls_text *script, const char *which, const report_axis *axis,
                     const size_t *order, const char *turn) {
  ls_text_add(script, "set %stics scale 0 noenhanced %s(", which, turn);
  for (size_t i = 0; i < axis->count; i++) {
    ls_text_add(script, "%s", i ? ", " : "");
    ls_figure_add_quoted(script, axis->labels[order[i]]);
    ls_text_add(script, " %zu", i);
  }
  ls_text_add(script, ")\n");
}

/* The height of the labels below if they have to be turned; 0: they needn't be. */
static int turned_height(const layout *plan) {
  const report_axis *axis = axis_of(plan, plan->columns);
  size_t longest = 0;
  for (size_t i = 0; i < axis->count; i++) {
    size_t width = ls_text_width(axis->labels[i]);
    if (width > longest) longest = width;
  }
  return (int)(longest + 1) * LETTER > plan->cell_width ? (int)longest * LETTER / 2 : 0;
}

static void add_map(ls_text *script, const layout *plan, size_t map) {
  const report_axis *rows = axis_of(plan, plan->rows), *columns = axis_of(plan, plan->columns);
  ls_text_add(script, "$map_%zu << EOD\n", map);
  for (size_t i = 0; i < rows->count; i++) {
    for (size_t k = 0; k < columns->count; k++)
      add_cell(script, plan, i, k, point_at(plan, map, i, k));
  }
  ls_text_add(script, "EOD\nset xrange [-0.5:%zu.5]\nset yrange [-0.5:%zu.5]\n", columns->count - 1,
              rows->count - 1);
  add_tics(script, "x", columns, plan->column_order,
           turned_height(plan) ? "rotate by 30 right " : "");
  add_tics(script, "y", rows, plan->row_order, "");
  bool last = plan->maps == SIZE_MAX || map + 1 == axis_of(plan, plan->maps)->count;
  if (!last) ls_text_add(script, "set xtics ('' 0)\n");
  /* The best, framed. */
  for (size_t i = 0; i < rows->count * columns->count; i++) {
    size_t row = i / columns->count, column = i % columns->count;
    if (point_at(plan, map, row, column) != plan->summary->best) continue;
    ls_text_add(script,
                "set object 1 rectangle from %zu-0.47,%zu-0.45 to %zu+0.47,%zu+0.45 front "
                "fillstyle empty border lc rgb '#000000' lw 2.5\n",
                column, row, column, row);
  }
  ls_text_add(script,
              "plot $map_%zu using 1:2:($1-0.5):($1+0.5):($2-0.5):($2+0.5):3 with boxxyerror "
              "lc rgb variable fs solid noborder",
              map);
  ls_text_add(script,
              ", \\\n  $map_%zu using 1:($2%s):5:4 with labels tc rgb variable font ',12'"
              ", \\\n  $map_%zu using 1:($2%s):6:4 with labels tc rgb variable font ',10'",
              map, plan->deviations ? "+0.17" : "", map, plan->deviations ? "-0.23" : "");
  ls_text_add(script, "\nunset object 1\n");
}

/* The colour bar, with the values at its right and its title behind them. */
static void add_bar(ls_figure_script *script, const layout *plan, ls_figure_box box) {
  enum { STEPS = 100 };
  ls_figure_margins(script, box);
  ls_text title = {0};
  ls_text_add(&title, "final %s", plan->results->monitor);
  ls_figure_label(script, 3, title.data ? title.data : "", script->width - 12,
                  box.top + box.height / 2, "center rotate by 90");
  ls_text_free(&title);
  const report_range *range = &plan->range;
  double low = range->low, high = range->high > low ? range->high : low + 1e-3;
  ls_text_add(&script->text, "$bar << EOD\n");
  for (int i = 0; i < STEPS; i++) {
    double from = low + (high - low) * i / STEPS, to = low + (high - low) * (i + 1) / STEPS;
    double goodness = report_goodness(range, plan->summary, (from + to) / 2);
    ls_text_add(&script->text, "0.5 %.9g 0 1 %.9g %.9g %d\n", (from + to) / 2, from, to,
                ls_figure_viridis(goodness));
  }
  ls_text_add(&script->text,
              "EOD\nunset label 1\nunset label 2\nset border 0\nunset xtics\nunset ytics\n"
              "set xrange [0:1]\nset yrange [%.9g:%.9g]\nset y2range [%.9g:%.9g]\n"
              "set y2tics scale 0.4 nomirror out textcolor '#222222'\n"
              "plot $bar using 1:2:3:4:5:6:7 with boxxyerror lc rgb variable fs solid noborder\n"
              "unset y2tics\n",
              low, high, low, high);
}

static void add_heading(ls_figure_script *script, const layout *plan, size_t map, double y) {
  const report_axis *axis = axis_of(plan, plan->maps);
  ls_text text = {0};
  ls_text_add(&text, "%s = %s", axis->name, axis->labels[plan->map_order[map]]);
  ls_figure_label(script, 3, text.data ? text.data : "", plan->left, y, "left");
  ls_text_free(&text);
}

static void add_figure(ls_figure_script *script, const layout *plan) {
  const report_axis *rows = axis_of(plan, plan->rows), *columns = axis_of(plan, plan->columns);
  int maps = plan->maps == SIZE_MAX ? 1 : (int)axis_of(plan, plan->maps)->count;
  int heading = maps > 1 ? HEADING : 0, height = plan->cell_height * (int)rows->count;
  int width = plan->cell_width * (int)columns->count, turned = turned_height(plan);
  ls_figure_begin(script, plan->left + width + RIGHT,
                  TOP + maps * (heading + height) + BOTTOM + turned);
  ls_text_add(&script->text, "unset grid\nset border 0\n");
  for (int i = 0; i < maps; i++) {
    int top = TOP + i * (heading + height) + heading;
    ls_figure_box box = {plan->left, top, width, height};
    bool last = i + 1 == maps;
    ls_figure_frame(script, box, last ? columns->name : "", rows->name, turned);
    if (heading) add_heading(script, plan, (size_t)i, top - HEADING / 2 + 2);
    add_map(&script->text, plan, (size_t)i);
  }
  int all = maps * (heading + height) - heading;
  ls_figure_box bar = {plan->left + width + 16, TOP + heading, BAR, all < 260 ? all : 260};
  add_bar(script, plan, bar);
  ls_figure_end(script, NULL);
}

static void add_caption(ls_text *caption, const layout *plan) {
  const report_results *r = plan->results;
  ls_text_add(caption, "Final %s (%s) against %s and %s", r->monitor, report_when_final(r),
              axis_of(plan, plan->columns)->name, axis_of(plan, plan->rows)->name);
  if (plan->maps != SIZE_MAX) {
    ls_text_add(caption, ", one map for each %s", axis_of(plan, plan->maps)->name);
  }
  ls_text_add(caption, ".");
  if (plan->deviations) {
    ls_text_add(caption, " Mean ± standard deviation over up to %zu trials.", r->repeats);
  }
  bool ranked = plan->summary->better != 0;
  ls_text_add(caption, ranked ? " Lighter is better; the best is framed." : " Lighter is higher.");
  if (plan->range.beyond > 0) {
    ls_text_add(caption, " The darkest colour also stands for %zu outlier%s beyond %.4g.",
                plan->range.beyond, plan->range.beyond == 1 ? "" : "s",
                plan->summary->better > 0 ? plan->range.low : plan->range.high);
  }
}

int report_draw_grid(report_figure *figure, const report_summary *summary) {
  const report_results *results = summary->results;
  if (summary->ranked == 0) return LS_OK;
  layout plan;
  int status = make_plan(&plan, summary);
  if (status == LS_OK) {
    ls_figure_script script = {0};
    ls_text caption = {0}, title = {0};
    add_caption(&caption, &plan);
    add_figure(&script, &plan);
    ls_text_add(&title, "Final %s of all points", results->monitor);
    status =
        report_figure_finish(figure, "all_points", title.data ? title.data : "", &caption, &script);
    ls_text_free(&title);
  }
  free(plan.map_order);
  free(plan.row_order);
  free(plan.column_order);
  return status;
}
