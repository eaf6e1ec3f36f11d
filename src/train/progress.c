/* Showing how a sweep is going. */
#include "progress.h"

#include "lockstep/clock.h"
#include "lockstep/text.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

static const double seconds_between_posts = 0.1, seconds_between_pictures = 0.2;

/* ---- One line per epoch ------------------------------------------------------------------------
 */

/* "trial=3/15 l2=1e-06 replicate=2", the beginning of every line. */
static void add_trial(ls_text *line, const progress *p) {
  char name[256];
  ls_job_trial_name(p->job, p->trial, name, sizeof name);
  ls_text_add(line, "trial=%zu/%zu%s%s", p->trial + 1, ls_job_trials(p->job), *name ? " " : "",
              name);
}

/* One write, so that lines of several ranks don't mix. */
static void print_line(ls_text *line) {
  ls_text_add(line, "\n");
  if (!line->failed) fwrite(line->data, 1, line->length, stdout);
  fflush(stdout);
  ls_text_free(line);
}

static void print_epoch(const progress *p, size_t epoch, const double *curves) {
  const ls_plan *plan = p->plan;
  ls_text line = {0};
  add_trial(&line, p);
  ls_text_add(&line, " epoch=%zu/%zu", epoch + 1, plan->epochs);
  for (size_t i = 0; i < plan->curve_count; i++) {
    ls_text_add(&line, " %s=%.5g", plan->curves[i].name, curves[i]);
  }
  ls_text_add(&line, " samples_per_second=%.0f", p->post.rate);
  print_line(&line);
}

static void print_end(const progress *p, const ls_trial_result *result, double seconds) {
  ls_text line = {0};
  add_trial(&line, p);
  ls_text_add(&line, " status=%s epochs_run=%zu seconds=%.1f weights_hash=%016llx",
              ls_trial_state_name(result->state), result->epochs_run, seconds,
              (unsigned long long)result->weights_hash);
  print_line(&line);
}

/* ---- The live picture --------------------------------------------------------------------------
 */

/* Text columns of UTF-8: bytes that don't continue a character. */
static size_t columns_of(const char *text) {
  size_t columns = 0;
  for (; *text; text++) columns += ((unsigned char)*text & 0xc0) != 0x80;
  return columns;
}

/* Cuts the text to so many columns. */
static void cut(char *text, size_t columns) {
  size_t seen = 0;
  for (char *c = text; *c; c++) {
    if (((unsigned char)*c & 0xc0) == 0x80) continue;
    if (seen++ == columns) {
      *c = '\0';
      return;
    }
  }
}

static void add_bar(ls_text *line, double share, int width) {
  int full = (int)(share * width + 0.5);
  for (int i = 0; i < width; i++) ls_text_add(line, "%s", i < full ? "█" : "░");
}

/* Ends a line of the picture: cut to the terminal, the rest of the old line wiped. */
static void add_line(ls_text *picture, progress *p, ls_text *line) {
  size_t width = p->options->width > 20 ? (size_t)p->options->width - 1 : 79;
  if (line->data) cut(line->data, width);
  ls_text_add(picture, "%s\033[K\n", line->data ? line->data : "");
  ls_text_free(line);
  p->lines++;
}

static void add_trial_line(ls_text *picture, progress *p, const progress_post *post,
                           size_t widest) {
  char name[256], left[32];
  ls_job_trial_name(p->job, (size_t)post->trial, name, sizeof name);
  if (!*name) snprintf(name, sizeof name, "training");
  ls_clock_duration(left, post->seconds_left);
  double share = (post->epoch - 1 + post->share) / post->epochs;
  ls_text line = {0};
  ls_text_add(&line, "%s%*s ", name, (int)(widest - columns_of(name)), "");
  add_bar(&line, share, 16);
  ls_text_add(&line, " epoch %.0f/%.0f loss %.4f", post->epoch, post->epochs, post->loss);
  if (!isnan(post->metric)) ls_text_add(&line, " %s %.4f", p->plan->curves[1].name, post->metric);
  if (!isnan(post->val_metric)) {
    ls_text_add(&line, " %s %.4f", p->plan->curves[p->plan->headline].name, post->val_metric);
  }
  ls_text_add(&line, " %.0f samples/s %s left", post->rate, left);
  add_line(picture, p, &line);
}

/* The line of the whole sweep. */
static void add_sweep_line(ls_text *picture, progress *p, double finished, double work) {
  char elapsed[32], left[32];
  double now = ls_clock_seconds() - p->start;
  double share = p->packing->work > 0 ? work / p->packing->work : 1;
  ls_clock_duration(elapsed, now);
  ls_clock_duration(left, share > 0.005 ? now * (1 - share) / share : NAN);
  ls_text line = {0};
  ls_text_add(&line, "%.0f of %zu trials done ", finished, p->packing->count);
  add_bar(&line, share, 24);
  ls_text_add(&line, " %3.0f %%  %s so far, %s left", 100 * share, elapsed, left);
  add_line(picture, p, &line);
}

static void draw(progress *p) {
  ls_text picture = {0};
  if (p->lines > 0) ls_text_add(&picture, "\033[%zuA", p->lines);
  size_t before = p->lines, widest = 8;
  double finished = 0, work = 0;
  p->lines = 0;
  for (int pass = 0; pass < 2; pass++) {
    for (size_t g = 0; g < p->packing->groups; g++) {
      progress_post post;
      ls_board_read(p->board, g, &post);
      bool running = post.epochs > 0 && post.trial >= 0;
      if (pass == 0) {
        finished += post.finished;
        work += post.work;
        char name[256];
        if (running) ls_job_trial_name(p->job, (size_t)post.trial, name, sizeof name);
        if (running && columns_of(name) > widest) widest = columns_of(name);
      } else if (running && p->plan) {
        add_trial_line(&picture, p, &post, widest);
      }
    }
  }
  add_sweep_line(&picture, p, finished, work);
  size_t now = p->lines;
  for (size_t i = now; i < before; i++) ls_text_add(&picture, "\033[K\n");
  if (before > now) ls_text_add(&picture, "\033[%zuA", before - now);
  if (!picture.failed) fwrite(picture.data, 1, picture.length, stdout);
  fflush(stdout);
  ls_text_free(&picture);
  p->drawn = ls_clock_seconds();
}

/* Posts and draws, if it is time for that. */
static void show(progress *p, bool now) {
  double time = ls_clock_seconds();
  if (p->leader && (now || time - p->posted > seconds_between_posts)) {
    ls_board_post(p->board, p->group, &p->post);
    p->posted = time;
  }
  if (!p->artist) return;
  if (now || time - p->drawn > seconds_between_pictures) draw(p);
}

/* ---- What the trials tell ----------------------------------------------------------------------
 */

static bool live(const progress *p) {
  return p->options->progress == LS_PROGRESS_LIVE;
}

void progress_begin_trial(progress *p, size_t trial, const ls_plan *plan) {
  p->plan = plan;
  p->trial = trial;
  p->trial_start = p->epoch_start = ls_clock_seconds();
  p->post.trial = (double)trial;
  p->post.epoch = 1;
  p->post.epochs = (double)plan->epochs;
  p->post.share = p->post.rate = 0;
  p->post.loss = p->post.metric = p->post.val_metric = p->post.seconds_left = NAN;
}

/* Estimated seconds of the current trial that are done, in the units of the packing. */
static double trial_work(const progress *p, double share) {
  return p->packing->seconds[p->trial] * share;
}

void progress_step(progress *p, size_t epoch, size_t step, double loss) {
  if (!live(p)) return;
  double now = ls_clock_seconds();
  if (now - p->posted < seconds_between_posts) return;
  const ls_plan *plan = p->plan;
  progress_post *post = &p->post;
  double before = trial_work(p, (post->epoch - 1 + post->share) / post->epochs);
  post->epoch = (double)epoch + 1;
  post->share = (double)(step + 1) / (double)plan->steps;
  double share = (post->epoch - 1 + post->share) / post->epochs;
  post->work += trial_work(p, share) - before;
  post->seconds_left = (now - p->trial_start) * (1 - share) / share;
  post->rate = (double)((step + 1) * plan->batch) / (now - p->epoch_start);
  if (isnan(post->metric)) post->loss = loss; /* until the first epoch's means are known */
  show(p, false);
}

void progress_epoch(progress *p, size_t epoch, const double *curves) {
  const ls_plan *plan = p->plan;
  double now = ls_clock_seconds();
  p->post.rate = (double)plan->split.train_count / curves[2 * plan->metric_count + 1];
  p->post.loss = curves[0];
  if (plan->metric_count > 1) p->post.metric = curves[1];
  p->post.val_metric = curves[plan->headline];
  p->epoch_start = now;
  if (p->options->progress == LS_PROGRESS_LINES) print_epoch(p, epoch, curves);
}

void progress_end_trial(progress *p, const ls_trial_result *result, double seconds) {
  progress_post *post = &p->post;
  post->work += trial_work(p, 1 - (post->epoch - 1 + post->share) / post->epochs);
  post->finished++;
  post->trial = -1;
  if (p->leader && p->options->progress == LS_PROGRESS_LINES) print_end(p, result, seconds);
  if (live(p)) show(p, true);
}

void progress_wait(progress *p) {
  if (!p->artist) return;
  for (;;) {
    double finished = 0;
    for (size_t g = 0; g < p->packing->groups; g++) {
      progress_post post;
      ls_board_read(p->board, g, &post);
      finished += post.finished;
    }
    draw(p);
    if (finished >= (double)p->packing->count || *p->options->stopping) return;
    struct timespec moment = {0, 50000000};
    nanosleep(&moment, NULL);
    ls_board_serve(p->board);
  }
}
