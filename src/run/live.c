/* The live view, redrawn in place by control sequences of ECMA-48, which every terminal has. */
#include "run/live.h"
#include "base/clock.h"
#include "base/print.h"
#include "base/text.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { NAME_LEAST = 8, BAR_LEAST = 4, BAR_MOST = 30, RUN_BAR = 20 };

/* Widths of the columns right of the bar, which don't depend on the job. */
enum { EPOCH = 9, NUMBER = 8, RATE = 11, LEFT = 9 };

typedef struct columns {
  int name, bar, metric, headline;
} columns;

static void add_bar(ls_text *line, double fraction, int width) {
  int full = (int)(fraction * width + 0.5);
  for (int i = 0; i < width; i++) ls_text_add(line, "%s", i < full ? "█" : "░");
}

static int terminal_width(const progress *p) {
  return p->options->width > 20 ? p->options->width - 1 : 79;
}

/* Ends a line of the view: cuts it to the terminal, and erases the rest of the previous line. */
static void end_line(ls_text *view, progress *p, ls_text *line) {
  if (line->data) ls_text_cut(line->data, (size_t)terminal_width(p));
  ls_text_add(view, "%s\033[K\n", line->data ? line->data : "");
  ls_text_free(line);
  p->lines++;
}

/* Columns right of the bar. */
static int fixed_width(const columns *c) {
  return EPOCH + NUMBER + (c->metric > 0 ? c->metric + 2 : 0) + c->headline + 2 + RATE + LEFT;
}

/* Names get the columns that they need, bars the rest. If that is too narrow the training metric is
 * left out, and if it still is, names are cut. */
static columns lay_out(const progress *p) {
  int widest = p->widest;
  columns c = {.metric = (int)strlen(p->metric.name), .headline = (int)strlen(p->headline.name)};
  if (c.metric > 0 && c.metric < NUMBER - 2) c.metric = NUMBER - 2;
  if (c.headline < NUMBER - 2) c.headline = NUMBER - 2;
  if (terminal_width(p) - fixed_width(&c) - 1 < widest + BAR_LEAST) c.metric = 0;
  int room = terminal_width(p) - fixed_width(&c) - 1;
  c.bar = room - widest < BAR_LEAST ? BAR_LEAST : room - widest;
  if (c.bar > BAR_MOST) c.bar = BAR_MOST;
  c.name = room - c.bar < widest ? room - c.bar : widest;
  if (c.name < NAME_LEAST) c.name = NAME_LEAST;
  return c;
}

static void add_header(ls_text *view, progress *p, const columns *c) {
  ls_text line = {0};
  ls_text_add(&line, "%-*s %-*s%*s%*s", c->name, "trial", c->bar, "", EPOCH, "epoch", NUMBER,
              "loss");
  if (c->metric > 0) ls_text_add(&line, "  %*s", c->metric, p->metric.name);
  ls_text_add(&line, "  %*s%*s%*s", c->headline, p->headline.name, RATE, "samples/s", LEFT, "left");
  end_line(view, p, &line);
}

/* A number with four decimals, or spaces while it isn't known. */
static void add_number(ls_text *line, int width, double value) {
  if (isnan(value)) {
    ls_text_add(line, "%*s", width, "");
  } else {
    ls_text_add(line, "%*.4f", width, value);
  }
}

static void trial_name(char *name, size_t size, const progress *p, size_t trial) {
  ls_job_trial_name(p->job, trial, name, size);
  if (!*name) snprintf(name, size, "training");
}

static void add_trial(ls_text *view, progress *p, const progress_post *post, const columns *c) {
  char name[256], left[32], epoch[32];
  trial_name(name, sizeof name, p, (size_t)post->trial);
  ls_text_cut(name, (size_t)c->name);
  ls_clock_duration(left, post->seconds_left);
  snprintf(epoch, sizeof epoch, "%.0f/%.0f", post->epoch, post->epochs);
  ls_text line = {0};
  ls_text_add(&line, "%s%*s ", name, c->name - (int)ls_text_width(name), "");
  add_bar(&line, (post->epoch - 1 + post->epoch_done) / post->epochs, c->bar);
  ls_text_add(&line, "%*s", EPOCH, epoch);
  add_number(&line, NUMBER, post->loss);
  if (c->metric > 0) add_number(&line, c->metric + 2, post->metric);
  add_number(&line, c->headline + 2, post->val_metric);
  ls_text_add(&line, "%*.0f%*s", RATE, post->rate, LEFT, left);
  end_line(view, p, &line);
}

/* The line of the whole run. */
static void add_run(ls_text *view, progress *p, double finished, double work) {
  char elapsed[32], left[32];
  double now = ls_clock_seconds() - p->start;
  double fraction = p->whole->work > 0 ? fmin(work / p->whole->work, 1) : 1;
  ls_clock_duration(elapsed, now);
  ls_clock_duration(left, fraction > 0.005 ? now * (1 - fraction) / fraction : NAN);
  ls_text line = {0};
  ls_text_add(&line, "%.0f of %zu trials ", finished, p->whole->count);
  add_bar(&line, fraction, RUN_BAR);
  ls_text_add(&line, " %.0f %%, %s so far, %s left", 100 * fraction, elapsed, left);
  end_line(view, p, &line);
}

static int widest_name(const progress *p) {
  int widest = NAME_LEAST;
  for (size_t i = 0; i < p->whole->count; i++) {
    char name[256];
    trial_name(name, sizeof name, p, p->whole->order[i]);
    if ((int)ls_text_width(name) > widest) widest = (int)ls_text_width(name);
  }
  return widest;
}

static bool is_running(const progress_post *post) {
  return post->epochs > 0 && post->trial >= 0;
}

/* Lines for all groups' trials. */
static void add_trials(ls_text *view, progress *p) {
  if (p->widest == 0) p->widest = widest_name(p);
  columns c = lay_out(p);
  add_header(view, p, &c);
  for (size_t g = 0; g < p->packing->groups; g++) {
    progress_post post;
    ls_shared_counter_read(p->queue, g, &post);
    if (is_running(&post)) add_trial(view, p, &post, &c);
  }
}

void live_draw(progress *p) {
  ls_text view = {0};
  size_t before = p->lines;
  double finished = p->finished_before, work = p->work_before;
  /* To the first column: the terminal may have echoed a key pressed meanwhile, such as ^C. */
  if (before > 0) ls_text_add(&view, "\r\033[%zuA", before);
  p->lines = 0;
  for (size_t g = 0; g < p->packing->groups; g++) {
    progress_post post;
    ls_shared_counter_read(p->queue, g, &post);
    finished += post.finished;
    work += post.work;
  }
  if (finished < (double)p->whole->count) add_trials(&view, p);
  add_run(&view, p, finished, work);
  size_t now = p->lines;
  for (size_t i = now; i < before; i++) ls_text_add(&view, "\033[K\n");
  if (before > now) ls_text_add(&view, "\033[%zuA", before - now);
  if (!view.failed) ls_print_lines(stdout, view.data);
  fflush(stdout);
  ls_text_free(&view);
  p->drawn = ls_clock_seconds();
}
