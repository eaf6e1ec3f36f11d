/* The view: a table of the trials, with a bar for each, then the run, curves and nodes. */
#include "status/view.h"

#include "base/clock.h"
#include "base/escape.h"
#include "base/visible.h"
#include "status/curves.h"
#include "status/lines.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { NAME_LEAST = 8, BAR_LEAST = 4, BAR_MOST = 30, RUN_BAR = 20 };

/* Widths of the columns right of the bar, which don't depend on the job. */
enum { EPOCH = 9, NUMBER = 8, RATE = 11, LEFT = 12 };

static const double long_idle_seconds = 10;

typedef struct columns {
  int name, bar, epoch, metric, headline;
} columns;

/* ---- Parts that pages use, too --------------------------------------------------------------- */

void ls_status_add_bar(ls_text *out, double fraction, int width) {
  int full = (int)(fraction * width + 0.5);
  for (int i = 0; i < width; i++) ls_text_add(out, "%s", i < full ? "█" : "░");
}

void ls_status_add_run(ls_text *out, const ls_run_status *s) {
  char elapsed[32], left[32];
  ls_clock_duration(elapsed, s->elapsed);
  ls_clock_duration(left, ls_run_seconds_left(s));
  ls_text_add(out, "%zu of %zu trials ", s->finished, s->trials);
  ls_status_add_bar(out, s->fraction, RUN_BAR);
  ls_text_add(out, " %.0f %%, %s so far, %s left", 100 * s->fraction, elapsed, left);
}

bool ls_rank_is_idle(const ls_rank_status *rank) {
  return rank->idle_seconds > long_idle_seconds && strcmp(rank->activity, "idle") != 0;
}

void ls_status_add_activities(ls_text *out, const ls_node_status *node) {
  const char *separator = ":";
  ls_text_add(out, "%zu rank%s", node->count, node->count == 1 ? "" : "s");
  for (size_t i = 0; i < node->count; i++) {
    const char *activity = node->ranks[i].activity;
    size_t count = 0;
    bool listed = false;
    for (size_t k = 0; k < node->count; k++) {
      bool same = strcmp(node->ranks[k].activity, activity) == 0;
      listed = listed || (same && k < i);
      count += same;
    }
    if (listed) continue;
    ls_text_add_visible(out, "%s %zu %s", separator, count, activity);
    separator = ",";
  }
}

void ls_status_add_rank(ls_text *out, const ls_rank_status *rank) {
  char idle[32];
  ls_clock_duration(idle, rank->idle_seconds);
  ls_text_add_visible(out, "rank %d: no progress for %s, %s%s", rank->rank, idle, rank->activity,
                      rank->waiting ? ", waiting for other ranks" : "");
  ls_text_add(out, ", epoch %zu, step %zu", rank->epoch + 1, rank->step + 1);
}

/* ---- Layout ---------------------------------------------------------------------------------- */

/* Columns right of the bar. */
static int fixed_width(const columns *c) {
  return c->epoch + NUMBER + (c->metric > 0 ? c->metric + 2 : 0) + c->headline + 2 + RATE + LEFT;
}

/* " 12/300" of the trial with the most epochs. */
static int widest_epoch(const ls_run_status *s) {
  int widest = EPOCH;
  for (size_t i = 0; i < s->running_count; i++) {
    int width = 2 + 2 * snprintf(NULL, 0, "%.0f", s->running[i].epochs);
    if (width > widest) widest = width;
  }
  return widest;
}

static int widest_name(const ls_run_status *s) {
  int widest = s->name_width > NAME_LEAST ? s->name_width : NAME_LEAST;
  for (size_t i = 0; i < s->running_count; i++) {
    int width = (int)ls_visible_width(s->running[i].name);
    if (width > widest) widest = width;
  }
  return widest;
}

/* Names get the columns that they need, bars the rest. If that is too narrow the training metric is
 * left out, and if it still is, names are cut. */
static columns lay_out(const ls_run_status *s, const ls_view_size *size) {
  int widest = widest_name(s);
  columns c = {.epoch = widest_epoch(s),
               .metric = (int)ls_visible_width(s->metric),
               .headline = (int)ls_visible_width(s->headline)};
  if (c.metric > 0 && c.metric < NUMBER - 2) c.metric = NUMBER - 2;
  if (c.headline < NUMBER - 2) c.headline = NUMBER - 2;
  if (size->width - fixed_width(&c) - 1 < widest + BAR_LEAST) c.metric = 0;
  int room = size->width - fixed_width(&c) - 1;
  c.bar = room - widest < BAR_LEAST ? BAR_LEAST : room - widest;
  if (c.bar > BAR_MOST) c.bar = BAR_MOST;
  c.name = room - c.bar < widest ? room - c.bar : widest;
  if (c.name < NAME_LEAST) c.name = NAME_LEAST;
  return c;
}

/* ---- The table ------------------------------------------------------------------------------- */

static void add_header(ls_text *view, const ls_run_status *s, const ls_view_size *size,
                       const columns *c) {
  ls_text line = {0};
  ls_text_add(&line, "%-*s %-*s%*s%*s", c->name, "trial", c->bar, "", c->epoch, "epoch", NUMBER,
              "loss");
  if (c->metric > 0) ls_text_add_visible(&line, "  %*s", c->metric, s->metric);
  ls_text_add_visible(&line, "  %*s", c->headline, s->headline);
  ls_text_add(&line, "%*s%*s", RATE, "samples/s", LEFT, "left");
  ls_status_end_line(view, &line, size->width);
}

/* A number with four decimals, or spaces while it isn't known. */
static void add_number(ls_text *line, int width, double value) {
  if (isnan(value)) {
    ls_text_add(line, "%*s", width, "");
  } else {
    ls_text_add(line, "%*.4f", width, value);
  }
}

static void add_trial(ls_text *view, const ls_trial_status_row *trial, const ls_view_size *size,
                      const columns *c) {
  char left[32], epoch[32];
  ls_clock_duration(left, trial->seconds_left);
  snprintf(epoch, sizeof epoch, "%.0f/%.0f", trial->epoch, trial->epochs);
  ls_text line = {0};
  ls_status_add_name(&line, trial->name, c->name);
  ls_status_add_bar(&line, ls_trial_fraction(trial), c->bar);
  ls_text_add(&line, "%*s", c->epoch, epoch);
  add_number(&line, NUMBER, trial->loss);
  if (c->metric > 0) add_number(&line, c->metric + 2, trial->metric);
  add_number(&line, c->headline + 2, trial->headline);
  ls_text_add(&line, "%*.0f%*s", RATE, trial->rate, LEFT, left);
  ls_status_end_line(view, &line, size->width);
}

/* As many lines as fit beside `others`; then how many trials are left out. */
static void add_trials(ls_text *view, const ls_run_status *s, const ls_view_size *size,
                       size_t others) {
  columns c = lay_out(s, size);
  size_t room = s->running_count;
  if (size->lines > 0 && room + others + 1 > (size_t)size->lines) {
    room = (size_t)size->lines > others + 2 ? (size_t)size->lines - others - 2 : 0;
  }
  add_header(view, s, size, &c);
  for (size_t i = 0; i < room; i++) add_trial(view, &s->running[i], size, &c);
  if (room == s->running_count) return;
  ls_text line = {0};
  ls_text_add(&line, "and %zu more", s->running_count - room);
  ls_status_end_line(view, &line, size->width);
}

/* ---- Nodes ----------------------------------------------------------------------------------- */

static size_t count_node_lines(const ls_run_status *s) {
  size_t count = s->node_count;
  for (size_t n = 0; n < s->node_count; n++) {
    for (size_t r = 0; r < s->nodes[n].count; r++) count += ls_rank_is_idle(&s->nodes[n].ranks[r]);
  }
  return count;
}

/* Lines of the nodes, at most `most`. */
static void add_nodes(ls_text *view, const ls_run_status *s, const ls_view_size *size,
                      size_t most) {
  for (size_t n = 0; n < s->node_count && most > 0; n++, most--) {
    const ls_node_status *node = &s->nodes[n];
    ls_text line = {0};
    ls_text_add_visible(&line, "%s: ", node->host);
    ls_status_add_activities(&line, node);
    if (node->age > long_idle_seconds) {
      char age[32];
      ls_clock_duration(age, node->age);
      ls_text_add(&line, " (%s ago)", age);
    }
    ls_status_end_line(view, &line, size->width);
    for (size_t r = 0; r < node->count && most > 1; r++) {
      if (!ls_rank_is_idle(&node->ranks[r])) continue;
      ls_text_add(&line, "  ");
      ls_status_add_rank(&line, &node->ranks[r]);
      ls_status_end_line(view, &line, size->width);
      most--;
    }
  }
}

void ls_status_add_view(ls_text *out, const ls_run_status *s, const ls_view_size *size) {
  const bool limited = size->lines > 0;
  size_t nodes = count_node_lines(s), curves = ls_status_count_curves(s);
  /* Beside them: the heading, a line for trials that are left out, and the line of the run. */
  size_t room = size->lines > 3 ? (size_t)size->lines - 3 : 0;
  if (limited && nodes > room) nodes = room;
  if (limited && nodes > (size_t)size->lines / 2) nodes = (size_t)size->lines / 2;
  /* With the heading of either table, and the line of the run. */
  if (limited && curves + s->running_count + nodes + 3 > (size_t)size->lines) curves = 0;
  if (s->running_count > 0) {
    add_trials(out, s, size, nodes + 1 + (curves > 0 ? curves + 1 : 0));
  }
  ls_text line = {0};
  ls_status_add_run(&line, s);
  ls_status_end_line(out, &line, size->width);
  if (curves > 0) ls_status_add_curves(out, s, lay_out(s, size).name, size->width);
  if (!s->ended) add_nodes(out, s, size, nodes);
}
