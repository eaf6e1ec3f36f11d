/* Showing how a sweep is going: lines, and what is posted for the live picture (live.c). */
#include "run/progress.h"
#include "run/live.h"

#include "base/clock.h"
#include "base/print.h"
#include "base/text.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const double seconds_between_posts = 0.1, seconds_between_views = 0.2;

/* ---- One line per epoch ---------------------------------------------------------------------- */

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
  if (!line->failed) ls_print_lines(stdout, line->data);
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
  for (size_t k = 0; p->plan->split.test_count > 0 && k < p->plan->model->measure_count; k++) {
    ls_text_add(&line, " %s=%.5g", p->plan->finals[k].name, result->finals[k]);
  }
  ls_text_add(&line, " status=%s epochs_run=%zu seconds=%.1f weights_hash=%016llx",
              ls_trial_state_name(result->state), result->epochs_run, seconds,
              (unsigned long long)result->weights_hash);
  print_line(&line);
}

/* Posts and draws, if `now` or it is time for that. */
static void show(progress *p, bool now) {
  double time = ls_clock_seconds();
  if (p->leader && (now || time - p->posted > seconds_between_posts)) {
    ls_shared_counter_write(p->queue, p->group, &p->post);
    p->posted = time;
  }
  if (!p->draws_live) return;
  if (now || time - p->drawn > seconds_between_views) live_draw(p);
}

/* A clock that stands still during pauses. */
static double running_seconds(void) {
  return ls_clock_seconds() - ls_clock_paused();
}

/* ---- Events of the trials -------------------------------------------------------------------- */

static bool live(const progress *p) {
  return p->options->progress == LS_PROGRESS_LIVE;
}

void progress_begin_trial(progress *p, size_t trial, const ls_plan *plan) {
  p->plan = plan;
  size_t metric = plan->headline % plan->model->measure_count;
  if (metric > 0) p->metric = plan->curves[metric];
  p->headline = plan->curves[plan->headline];
  p->trial = trial;
  p->trial_start = p->epoch_start = running_seconds();
  p->post.trial = (double)trial;
  p->post.epoch = 1;
  p->post.epochs = (double)plan->epochs;
  p->post.epoch_done = p->post.rate = 0;
  p->post.loss = p->post.metric = p->post.val_metric = p->post.seconds_left = NAN;
}

void progress_resume(progress *p, size_t epochs, size_t step) {
  p->post.epoch = (double)epochs + 1;
  p->post.epoch_done = (double)step / (double)p->plan->steps;
  if (p->options->progress != LS_PROGRESS_LINES) return;
  ls_text line = {0};
  add_trial(&line, p);
  ls_text_add(&line, " resumes after epoch=%zu/%zu step=%zu/%zu", epochs, p->plan->epochs, step,
              p->plan->steps);
  print_line(&line);
}

/* Estimated seconds of work in a fraction of the current trial, by the packing of the whole run. */
static double trial_work(const progress *p, double fraction) {
  return p->whole->seconds[p->trial] * fraction;
}

void progress_step(progress *p, size_t epoch, size_t step, double loss) {
  if (!live(p)) return;
  double now = ls_clock_seconds();
  if (now - p->posted < seconds_between_posts) return;
  const ls_plan *plan = p->plan;
  progress_post *post = &p->post;
  double before = trial_work(p, (post->epoch - 1 + post->epoch_done) / post->epochs);
  post->epoch = (double)epoch + 1;
  post->epoch_done = (double)(step + 1) / (double)plan->steps;
  double fraction = (post->epoch - 1 + post->epoch_done) / post->epochs;
  post->work += trial_work(p, fraction) - before;
  const double running = running_seconds();
  post->seconds_left = (running - p->trial_start) * (1 - fraction) / fraction;
  post->rate = (double)((step + 1) * plan->batch) / (running - p->epoch_start);
  if (isnan(post->metric)) post->loss = loss; /* until the first epoch's means are known */
  show(p, false);
}

void progress_epoch(progress *p, size_t epoch, const double *curves) {
  const ls_plan *plan = p->plan;
  p->post.rate = (double)plan->split.train_count / curves[2 * plan->model->measure_count + 1];
  p->post.loss = curves[0];
  size_t metric = plan->headline % plan->model->measure_count;
  if (metric > 0) p->post.metric = curves[metric];
  p->post.val_metric = curves[plan->headline];
  p->epoch_start = running_seconds();
  if (p->options->progress == LS_PROGRESS_LINES) print_epoch(p, epoch, curves);
}

void progress_end_trial(progress *p, const ls_trial_result *result, double seconds) {
  progress_post *post = &p->post;
  if (result->state != LS_TRIAL_PENDING) { /* not stopped on request */
    post->work += trial_work(p, 1 - (post->epoch - 1 + post->epoch_done) / post->epochs);
    post->finished++;
  }
  post->trial = -1;
  if (p->leader && p->options->progress == LS_PROGRESS_LINES) print_end(p, result, seconds);
  if (live(p)) show(p, true);
}

void progress_idle(void *progress_) {
  progress *p = progress_;
  if (p->draws_live && ls_clock_seconds() - p->drawn > seconds_between_views) live_draw(p);
}

void progress_end_groups(progress *p) {
  if (!p->draws_live) return;
  live_draw(p);
  for (size_t g = 0; g < p->packing->groups; g++) {
    progress_post post;
    ls_shared_counter_read(p->queue, g, &post);
    p->finished_before += post.finished;
    p->work_before += post.work;
  }
}
