/* The points of a sweep in parallel coordinates (Inselberg, The Visual Computer 1, 1985): an axis
 * for each variable, one for the final value at the right, and a line across them for each point.
 */
#include "report/figures/figure.h"

#include "base/memory.h"
#include "lockstep/error.h"
#include "report/format.h"
#include "report/sentences.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { MOST_LINES = 1000, MOST_LABELS = 24, MOST_AXES = 12 };
/* Pixels. */
enum { WIDTH = 860, HEIGHT = 440, LEFT = 30, RIGHT = 90, TOP = 40, BOTTOM = 24 };

typedef struct layout {
  const report_results *results;
  const report_summary *summary;
  size_t *swept, count; /* the variables, and how many */
  size_t **place;       /* [axis][value], from the foot of the axis on */
  size_t lines;
  report_range range;
} layout;

static const report_axis *axis_of(const layout *plan, size_t axis) {
  return &plan->results->variables[plan->swept[axis]];
}

static int make_plan(layout *plan, const report_summary *s) {
  const report_results *r = s->results;
  *plan = (layout){.results = r, .summary = s};
  plan->lines = s->ranked < MOST_LINES ? s->ranked : MOST_LINES;
  plan->swept = ls_new(r->variable_count, sizeof *plan->swept);
  plan->place = ls_new(r->variable_count, sizeof(size_t *));
  if (!plan->swept || !plan->place) return LS_FAILED;
  plan->count = report_swept(r, plan->swept);
  if (plan->count > MOST_AXES) plan->count = MOST_AXES;
  for (size_t i = 0; i < plan->count; i++) {
    size_t n = axis_of(plan, i)->count;
    size_t *order = ls_new(2 * n, sizeof *order);
    if (!order) return LS_FAILED;
    plan->place[i] = order + n; /* freed by way of the order */
    report_value_order(axis_of(plan, i), order);
    for (size_t k = 0; k < n; k++) plan->place[i][order[k]] = k;
  }
  return s->ranked > 0 ? report_range_of(&plan->range, s) : LS_OK;
}

static void free_plan(layout *plan) {
  for (size_t i = 0; plan->place && i < plan->count; i++) {
    if (plan->place[i]) free(plan->place[i] - axis_of(plan, i)->count);
  }
  free(plan->place);
  free(plan->swept);
}

/* The height at which a value stands on its axis, from 0 to 1: at equal distances. */
static double height_of(const layout *plan, size_t axis, size_t value) {
  return ((double)plan->place[axis][value] + 0.5) / (double)axis_of(plan, axis)->count;
}

/* Lines of one value are spread around it, the better the higher, so that each can be followed. */
static double spread_of(const layout *plan, size_t axis, size_t rank) {
  double share = plan->lines > 1 ? 0.5 - (double)rank / (double)(plan->lines - 1) : 0;
  return 0.55 * share / (double)axis_of(plan, axis)->count;
}

/* Where a final value stands on the last axis. */
static double final_height(const layout *plan, double value) {
  const report_range *range = &plan->range;
  if (!(range->high > range->low)) return 0.5;
  return fmin(fmax((value - range->low) / (range->high - range->low), 0), 1);
}

/* One line; better ones are darker. */
static void add_line(ls_text *script, const layout *plan, size_t rank) {
  size_t point = plan->summary->ranking[rank];
  double value = plan->summary->points[point].finals[plan->summary->monitor].mean;
  double goodness = report_goodness(&plan->range, plan->summary, value);
  int color = ls_figure_viridis(0.9 * (1 - goodness));
  for (size_t i = 0; i < plan->count; i++) {
    size_t v = report_index(plan->results, point, plan->swept[i]);
    ls_text_add(script, "%zu %.4f %d\n", i, height_of(plan, i, v) + spread_of(plan, i, rank),
                color);
  }
  ls_text_add(script, "%zu %.4f %d\n\n", plan->count, final_height(plan, value), color);
}

static void add_data(ls_text *script, const layout *plan) {
  ls_text_add(script, "$lines << EOD\n");
  for (size_t i = plan->lines; i > 0; i--) add_line(script, plan, i - 1);
  ls_text_add(script, "EOD\n$best << EOD\n");
  if (plan->summary->better) add_line(script, plan, 0);
  ls_text_add(script, "EOD\n");
}

/* A text beside an axis, on a white ground. */
static void add_label(ls_text *script, const char *text, size_t axis, double height) {
  ls_text_add(script, "set label ");
  ls_figure_add_quoted(script, text);
  ls_text_add(script, " at first %zu,%.4f left offset 0.6,0 front boxed noenhanced\n", axis,
              height);
}

static void add_axis(ls_text *script, const layout *plan, size_t i) {
  const report_axis *axis = axis_of(plan, i);
  size_t every = (axis->count + MOST_LABELS - 1) / MOST_LABELS;
  for (size_t v = 0; v < axis->count; v++) {
    if (plan->place[i][v] % every == 0)
      add_label(script, axis->labels[v], i, height_of(plan, i, v));
  }
}

static void add_title(ls_text *script, const char *text, size_t axis) {
  ls_text_add(script,
              "set arrow from first %zu, graph 0 to first %zu, graph 1 nohead front lc rgb "
              "'#444444' lw 1.2\nset label ",
              axis, axis);
  ls_figure_add_quoted(script, text);
  ls_text_add(script, " at first %zu, graph 1 center offset 0,1 noenhanced\n", axis);
}

static void add_figure(ls_figure_script *script, const layout *plan) {
  enum { TICS = 5 };
  ls_text *text = &script->text;
  ls_figure_begin(script, WIDTH, HEIGHT);
  add_data(text, plan);
  ls_figure_margins(script,
                    (ls_figure_box){LEFT, TOP, WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM});
  ls_text_add(text,
              "unset border\nunset tics\nunset grid\nset xrange [-0.12:%zu]\n"
              "set yrange [-0.02:1.02]\nset style textbox opaque noborder fillcolor "
              "'#ffffff' margins 0.4,0.2\n",
              plan->count);
  for (size_t i = 0; i < plan->count; i++) {
    add_title(text, axis_of(plan, i)->name, i);
    add_axis(text, plan, i);
  }
  ls_text last = {0};
  ls_text_add(&last, "final %s", plan->results->monitor);
  add_title(text, last.data ? last.data : "", plan->count);
  ls_text_free(&last);
  bool one = !(plan->range.high > plan->range.low);
  for (int i = 0; i < TICS; i++) {
    char number[REPORT_NUMBER];
    double share = one ? 0.5 : (double)i / (TICS - 1);
    double value = plan->range.low + share * (plan->range.high - plan->range.low);
    report_fixed(number, value, plan->summary->decimals[plan->summary->monitor]);
    if (!one || i == 0) add_label(text, number, plan->count, share);
  }
  ls_text_add(text, "plot $lines using 1:2:3 with lines lc rgb variable lw 0.8");
  if (plan->summary->better) {
    ls_text_add(text, ", \\\n  $best using 1:2 with lines lc rgb '#D55E00' lw 3");
  }
  ls_text_add(text, "\n");
  ls_figure_end(script, NULL);
}

static void add_caption(ls_text *caption, const layout *plan) {
  const report_summary *s = plan->summary;
  ls_text_add(caption,
              "A line for each point of the sweep, from its variables to its final %s; the "
              "darker the %s.",
              plan->results->monitor,
              s->better ? "better, and the best is the thick one" : "higher");
  if (plan->lines < s->ranked) {
    ls_text_add(caption, " The %s %zu of %zu points.", report_which(s), plan->lines, s->ranked);
  }
  if (plan->range.beyond > 0) {
    ls_text_add(caption, " %zu outlier%s beyond %.4g end there.", plan->range.beyond,
                plan->range.beyond == 1 ? "" : "s",
                s->better > 0 ? plan->range.low : plan->range.high);
  }
  if (s->ranked < s->results->points) {
    ls_text_add(caption, " Points without a result (%zu) are left out.",
                s->results->points - s->ranked);
  }
}

int report_draw_parallel(report_figure *figure, const report_summary *summary) {
  const report_results *results = summary->results;
  layout plan;
  int status = make_plan(&plan, summary);
  if (status == LS_OK && plan.count > 1 && summary->ranked > 1) {
    ls_figure_script script = {0};
    ls_text caption = {0}, title = {0};
    add_caption(&caption, &plan);
    add_figure(&script, &plan);
    ls_text_add(&title, "Final %s of all points", results->monitor);
    status =
        report_figure_finish(figure, "all_points", title.data ? title.data : "", &caption, &script);
    ls_text_free(&title);
  }
  free_plan(&plan);
  return status;
}
