/* Progress: lines, and what leaders post for the live view (live.c) and the status file
 * (publisher.c). */
#include "run/progress.h"

#include "base/clock.h"
#include "base/exit_status.h"
#include "base/memory.h"
#include "base/print.h"
#include "base/process.h"
#include "base/text.h"
#include "lockstep/error.h"
#include "run/live.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const double seconds_between_views = 0.2;

/* ---- The status ------------------------------------------------------------------------------ */

static void free_round(progress *p) {
  free(p->running);
  free(p->names);
  p->running = NULL;
  p->names = NULL;
}

int progress_begin_round(progress *p, size_t groups) {
  free_round(p);
  p->running = ls_new(groups, sizeof *p->running);
  p->names = ls_new(groups, sizeof *p->names);
  return p->running && p->names ? LS_OK : LS_FAILED;
}

/* On rank 0. */
static int start_publisher(progress *p, const char *results, const char *title,
                           const ls_group *world) {
  char host[64] = "";
  ls_run_status header = {.title = title,
                          .host = host,
                          .process = (long)getpid(),
                          .process_start = ls_process_start((long)getpid()),
                          .ranks = (size_t)world->size,
                          .trials = p->whole->count,
                          .fraction = p->whole->count == 0};
  gethostname(host, sizeof host - 1);
  return publisher_create(&p->publisher, results, &header, p->nodes);
}

int progress_begin_run(progress *p, const char *results, const char *title, watchdog *dog,
                       const ls_group *world) {
  int status = nodes_create(&p->nodes, dog, world);
  if (status != LS_OK) return status;
  if (world->rank == 0) status = start_publisher(p, results, title, world);
  return ls_group_agree(world, status);
}

void progress_free(progress *p) {
  free_round(p);
  nodes_free(&p->nodes);
}

static void trial_name(char name[256], const progress *p, size_t trial) {
  ls_job_trial_name(p->job, trial, name, 256);
  if (!*name) snprintf(name, 256, "training");
}

static int widest_name(const progress *p) {
  int widest = 1;
  for (size_t i = 0; i < p->whole->count; i++) {
    char name[256];
    trial_name(name, p, p->whole->order[i]);
    if ((int)ls_text_width(name) > widest) widest = (int)ls_text_width(name);
  }
  return widest;
}

static bool is_running(const progress_post *post) {
  return post->epochs > 0 && post->trial >= 0;
}

static void add_running(progress *p, ls_run_status *s, const progress_post *post) {
  const size_t i = s->running_count++;
  trial_name(p->names[i], p, (size_t)post->trial);
  s->running[i] = (ls_trial_status_row){.trial = (size_t)post->trial,
                                        .name = p->names[i],
                                        .epoch = post->epoch,
                                        .epochs = post->epochs,
                                        .epoch_done = post->epoch_done,
                                        .loss = post->loss,
                                        .metric = post->metric,
                                        .headline = post->val_metric,
                                        .rate = post->rate,
                                        .seconds_left = post->seconds_left};
}

void progress_status(progress *p, ls_run_status *s) {
  double finished = p->finished_before, work = p->work_before;
  if (p->widest == 0) p->widest = widest_name(p);
  *s = (ls_run_status){.metric = p->metric.name,
                       .headline = p->headline.name,
                       .trials = p->whole->count,
                       .elapsed = p->start > 0 ? ls_clock_seconds() - p->start : 0,
                       .running = p->running,
                       .name_width = p->widest};
  for (size_t g = 0; g < p->groups; g++) {
    progress_post post;
    ls_shared_counter_read(p->queue, g, &post);
    finished += post.finished;
    work += post.work;
    if (is_running(&post)) add_running(p, s, &post);
  }
  s->finished = (size_t)finished;
  bool all = s->finished >= s->trials || p->whole->work <= 0;
  s->fraction = all ? 1 : fmin(work / p->whole->work, 1);
}

static void publish(progress *p) {
  nodes_post(p->nodes);
  if (!p->publisher || !publisher_is_due(p->publisher)) return;
  ls_run_status status;
  progress_status(p, &status);
  publisher_set(p->publisher, &status);
}

static void draw(progress *p) {
  ls_run_status status;
  progress_status(p, &status);
  p->lines = live_draw(&status, p->options, p->lines);
  p->drawn = ls_clock_seconds();
}

/* Draws and publishes, whether or not it is time for that. */
static void show_last(progress *p) {
  ls_run_status status;
  progress_status(p, &status);
  if (p->publisher) publisher_set(p->publisher, &status);
  if (p->draws_live) draw(p);
}

void progress_end_run(progress *p, bool owned, int status, const char *message) {
  if (p->left_out) show_last(p);
  const ls_run_status final = {.exit_status = ls_exit_status(status),
                               .message = status == LS_OK ? "" : message};
  publisher_end(&p->publisher, owned ? &final : NULL);
}

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

static bool live(const progress *p) {
  return p->options->progress == LS_PROGRESS_LIVE;
}

/* Seconds between two posts. */
static double post_interval(const progress *p) {
  return live(p) ? 0.1 : 1;
}

/* Posts, draws and publishes, if `now` or it is time for that. */
static void show(progress *p, bool now) {
  double time = ls_clock_seconds();
  if (now || time - p->posted > post_interval(p)) {
    if (p->leader && now) ls_shared_counter_write(p->queue, p->group, &p->post);
    if (p->leader && !now) ls_shared_counter_post(p->queue, p->group, &p->post);
    p->posted = time;
  }
  publish(p);
  if (!p->draws_live) return;
  if (now || time - p->drawn > seconds_between_views) draw(p);
}

/* ---- Events of the trials -------------------------------------------------------------------- */

void progress_begin_trial(progress *p, size_t trial, const ls_plan *plan) {
  p->plan = plan;
  size_t metric = plan->headline % plan->model->measure_count;
  if (metric > 0) p->metric = plan->curves[metric];
  p->headline = plan->curves[plan->headline];
  p->trial = trial;
  p->trial_start = p->epoch_start = ls_clock_running();
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

/* The current trial has come to a fraction of an epoch. */
static void count_work(progress *p, size_t epoch, double done) {
  progress_post *post = &p->post;
  const double before = post->epoch - 1 + post->epoch_done;
  post->epoch = (double)epoch + 1;
  post->epoch_done = done;
  post->work += trial_work(p, ((double)epoch + done - before) / post->epochs);
}

void progress_step(progress *p, size_t epoch, size_t step, double loss) {
  double now = ls_clock_seconds();
  if (now - p->posted < post_interval(p)) return;
  const ls_plan *plan = p->plan;
  progress_post *post = &p->post;
  count_work(p, epoch, (double)(step + 1) / (double)plan->steps);
  double fraction = (post->epoch - 1 + post->epoch_done) / post->epochs;
  const double running = ls_clock_running();
  post->seconds_left = (running - p->trial_start) * (1 - fraction) / fraction;
  post->rate = (double)((step + 1) * plan->batch) / (running - p->epoch_start);
  if (isnan(post->metric)) post->loss = loss; /* until the first epoch's means are known */
  show(p, false);
}

void progress_epoch(progress *p, size_t epoch, const double *curves) {
  const ls_plan *plan = p->plan;
  count_work(p, epoch, 1);
  p->post.rate = (double)plan->split.train_count / curves[2 * plan->model->measure_count + 1];
  p->post.loss = curves[0];
  size_t metric = plan->headline % plan->model->measure_count;
  if (metric > 0) p->post.metric = curves[metric];
  p->post.val_metric = curves[plan->headline];
  p->epoch_start = ls_clock_running();
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
  show(p, true);
}

void progress_leave_trial(progress *p) {
  p->post.trial = -1;
  show(p, true);
}

void progress_leave_out(progress *p, size_t trial, double rest) {
  p->finished_before++;
  p->work_before += p->whole->seconds[trial] * rest;
  p->left_out = true;
}

void progress_idle(void *progress_) {
  progress *p = progress_;
  publish(p);
  if (p->draws_live && ls_clock_seconds() - p->drawn > seconds_between_views) draw(p);
}

void progress_end_groups(progress *p) {
  if (!p->running) return; /* not rank 0 */
  show_last(p);
  for (size_t g = 0; g < p->groups; g++) {
    progress_post post;
    ls_shared_counter_read(p->queue, g, &post);
    p->finished_before += post.finished;
    p->work_before += post.work;
  }
  p->groups = 0;
  p->left_out = false;
}
