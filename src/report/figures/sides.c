/* Results files side by side: a row for each match, with the means at the left and the difference
 * at the right, each with its 95 % interval. */
#include "report/figures/figure.h"

#include "base/memory.h"
#include "lockstep/error.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum {
  MOST_ROWS = 60,
  WIDTH = 760, /* pixels */
  ROW = 26,
  TOP = 14,
  BOTTOM = 56,
  GAP = 28, /* between the panels, and at the right */
  LETTER = 7,
  MOST_LABEL = 240,
};

typedef struct layout {
  const report_sides *sides;
  size_t rows;
  int label; /* width of the column of labels */
} layout;

/* Four columns: where a point stands, and its interval, without a place where it is not known. */
static void add_place(ls_text *script, double x, double y, double half_width) {
  ls_figure_add_number(script, x);
  ls_figure_add_number(script, y);
  ls_figure_add_number(script, isnan(half_width) ? NAN : x);
  ls_figure_add_number(script, half_width);
}

/* The rows from top to bottom, at 0, 1, ...: the means of a file, then the differences. */
static void add_data(ls_text *script, const layout *plan) {
  for (size_t other = 0; other < plan->sides->count; other++) {
    ls_text_add(script, "$side_%zu << EOD\n", other);
    for (size_t i = 0; i < plan->rows; i++) {
      const report_match *m = &plan->sides->matches[i];
      if (other > 0 && m->other != other) continue;
      const report_stat *stat = other ? &m->b_stat : &m->a_stat;
      add_place(script, stat->mean, (double)i + (other ? 0.16 : -0.16), report_half_width(stat));
      add_place(script, m->test.difference, (double)i, m->test.half_width);
      ls_text_add(script, "\n");
    }
    ls_text_add(script, "EOD\n");
  }
}

static int add_labels(ls_text *script, const layout *plan) {
  ls_text_add(script, "set ytics scale 0 noenhanced (");
  for (size_t i = 0; i < plan->rows; i++) {
    const report_match *m = &plan->sides->matches[i];
    ls_text_add(script, "%s", i ? ", " : "");
    ls_figure_add_quoted(script, m->name);
    ls_text_add(script, " %zu", i);
  }
  ls_text_add(script, ")\n");
  return LS_OK;
}

static int label_width(const layout *plan, int *out) {
  size_t longest = 0;
  for (size_t i = 0; i < plan->rows; i++) {
    size_t width = ls_text_width(plan->sides->matches[i].name);
    if (width > longest) longest = width;
  }
  int width = LETTER * (int)longest;
  *out = 20 + (width < MOST_LABEL ? width : MOST_LABEL);
  return LS_OK;
}

/* Sets the range of a panel's values, with a margin. */
static void add_range(ls_text *script, const report_stat *all) {
  double least = all->n > 0 ? all->least : 0, most = all->n > 0 ? all->most : 1;
  double margin = most > least ? 0.06 * (most - least) : 0.01 * fabs(most);
  if (!(margin > 0)) margin = 1e-3;
  ls_text_add(script, "set xrange [%.9g:%.9g]\nset xtics %.9g\n", least - margin, most + margin,
              ls_figure_tic_step(most - least + 2 * margin));
}

static void add_interval(report_stat *all, double middle, double half_width) {
  double half = isnan(half_width) ? 0 : half_width;
  report_add(all, middle - half);
  report_add(all, middle + half);
}

/* One panel: points and intervals out of four columns of the data, from `column` on. */
static void add_plots(ls_text *script, const layout *plan, size_t first, int column) {
  const char *before = "plot ";
  for (size_t i = first; i < plan->sides->count; i++) {
    int color = ls_figure_color(i);
    ls_text_add(script,
                "%s$side_%zu using %d:%d:%d with xerrorbars lc rgb '#%06x' lw 1.4 pt 0, \\\n"
                "  $side_%zu using %d:%d with points lc rgb '#%06x' pt %d ps 0.7",
                before, i, column + 2, column + 1, column + 3, color, i, column, column + 1, color,
                ls_figure_point(i));
    before = ", \\\n  ";
  }
  ls_text_add(script, "\n");
}

static int add_figure(ls_figure_script *script, const layout *plan) {
  const report_sides *s = plan->sides;
  ls_figure_legend legend = {0};
  for (size_t i = 0; i < s->count; i++) {
    char line[80], point[80];
    int color = ls_figure_color(i);
    snprintf(line, sizeof line, "lc rgb '#%06x' lw 1.4", color);
    snprintf(point, sizeof point, "lc rgb '#%06x' pt %d ps 0.7", color, ls_figure_point(i));
    ls_figure_legend_add(&legend, s->names[i], line, point);
  }
  int height = TOP + BOTTOM + ROW * ((int)plan->rows + 1);
  int width = (WIDTH - plan->label - 2 * GAP) / 2;
  ls_figure_box means = {plan->label, TOP, width, height - TOP - BOTTOM};
  ls_figure_box differences = {plan->label + width + GAP, TOP, width, height - TOP - BOTTOM};
  report_stat values = REPORT_NO_STAT, changes = REPORT_NO_STAT;
  report_add(&changes, 0);
  for (size_t i = 0; i < plan->rows; i++) {
    const report_match *m = &s->matches[i];
    add_interval(&values, m->a_stat.mean, report_half_width(&m->a_stat));
    add_interval(&values, m->b_stat.mean, report_half_width(&m->b_stat));
    add_interval(&changes, m->test.difference, m->test.half_width);
  }

  ls_figure_begin(script, WIDTH, height + ls_figure_legend_height(&legend, WIDTH));
  add_data(&script->text, plan);
  ls_text_add(&script->text,
              "set grid x noy lc '#dddddd' lt 1 lw 0.7\n"
              "set yrange [%g:-0.7]\n",
              (double)plan->rows - 0.3);
  ls_text title = {0};
  ls_text_add(&title, "final %s", s->metric);
  ls_figure_frame(script, means, title.data ? title.data : "", "", 0);
  ls_text_free(&title);
  int status = add_labels(&script->text, plan);
  add_range(&script->text, &values);
  add_plots(&script->text, plan, 0, 1);
  ls_text_add(&title, "difference from %s", s->names[0]);
  ls_figure_frame(script, differences, title.data ? title.data : "", "", 0);
  ls_text_free(&title);
  ls_text_add(&script->text, "unset ytics\nset arrow 1 from 0, graph 0 to 0, graph 1 nohead lc rgb "
                             "'#555555' lw 1.2 dt (3,4)\n");
  add_range(&script->text, &changes);
  add_plots(&script->text, plan, 1, 5);
  ls_text_add(&script->text, "unset arrow 1\n");
  ls_figure_end(script, &legend);
  return status;
}

static void add_caption(ls_text *caption, const layout *plan) {
  const report_sides *s = plan->sides;
  ls_text_add(caption, "Final %s, and differences from %s. Bars are 95 %% intervals by Student's t",
              s->metric, s->names[0]);
  ls_text_add(caption, ", of the difference as it was tested; there are none of single values.");
  if (plan->rows < s->match_count) {
    ls_text_add(caption, " The first %zu of %zu rows of the table.", plan->rows, s->match_count);
  }
}

int report_sides_figures(report_figures **out, const report_sides *sides) {
  *out = NULL;
  report_figures *list = ls_new(1, sizeof *list);
  if (!list) return LS_FAILED;
  layout plan = {.sides = sides};
  plan.rows = sides->match_count < MOST_ROWS ? sides->match_count : MOST_ROWS;
  list->items = ls_new(1, sizeof *list->items);
  int status = list->items ? label_width(&plan, &plan.label) : LS_FAILED;
  ls_figure_script script = {0};
  ls_text caption = {0};
  if (status == LS_OK) status = add_figure(&script, &plan);
  if (status == LS_OK) {
    list->count = 1;
    add_caption(&caption, &plan);
    status = report_figure_finish(&list->items[0], "differences", "Differences", &caption, &script);
  }
  ls_text_free(&script.text);
  if (status == LS_OK) *out = list;
  if (status != LS_OK) report_figures_free(&list);
  return status;
}
