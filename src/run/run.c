/* Running a job: packing its trials, groups of ranks and larger ones after them, what is recorded
 * of the whole. */
#include "run/run.h"

#include "base/activity.h"
#include "base/clock.h"
#include "base/memory.h"
#include "lockstep/error.h"
#include "nn/compute.h"
#include "run/groups.h"
#include "run/packing.h"
#include "store/checkpoint/model_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- Before and after --------------------------------------------------------------------------
 */

/* Collective: rank 0 packs the trials that `todo` names (NULL: all), with so many ranks for each
 * (0: as the job says), and every rank learns how. */
static int pack(sweep *s, ls_packing *p, size_t ranks_per_trial, const bool *todo) {
  int status = LS_OK;
  ls_packing_free(p);
  if (s->world->rank == 0) {
    status = ls_packing_create(p, s->job, (size_t)s->world->size, ranks_per_trial,
                               &s->options->slice, todo, &s->longest);
  }
  status = ls_group_agree(s->world, status);
  if (status == LS_OK) status = ls_packing_broadcast(p, ls_job_trials(s->job), s->world);
  if (status != LS_OK) return status;
  return ls_group_broadcast(s->world, &s->longest, sizeof s->longest, 0);
}

/* On rank 0: whether layers find their initial weights in the files that they name, so that a
 * mistake is told before anything is made. */
static int check_weights(const sweep *s) {
  int status = LS_OK;
  size_t trials = s->whole.reads_weights ? ls_job_trials(s->job) : 0;
  for (size_t trial = 0; trial < trials && status == LS_OK; trial++) {
    ls_plan *plan = NULL;
    status = ls_plan_create(&plan, s->job, trial);
    if (status == LS_OK) status = ls_model_file_read_layers(plan->model, NULL);
    ls_plan_free(&plan);
  }
  return status;
}

/* Collective: opens the results file, with the curves of the first trial, which all trials have. */
static int open_results(sweep *s) {
  ls_plan *plan = NULL;
  int status = ls_group_agree(s->world, ls_plan_create(&plan, s->job, 0));
  if (status == LS_OK) status = group_compare_plans(s->world, plan);
  if (status != LS_OK) {
    ls_plan_free(&plan);
    return status;
  }
  ls_results_curve curves[LS_MAX_CURVES];
  for (size_t i = 0; i < plan->curve_count; i++) {
    const ls_curve *c = &plan->curves[i];
    curves[i] = (ls_results_curve){c->name, c->long_name, c->units, c->better};
  }
  ls_results_curve finals[LS_MAX_MEASURES];
  for (size_t i = 0; i < plan->model->measure_count; i++) {
    const ls_curve *c = &plan->finals[i];
    finals[i] = (ls_results_curve){c->name, c->long_name, c->units, c->better};
  }
  const ls_recipe *recipe = &plan->recipe;
  ls_results_plan results = {
      .path = s->options->results,
      .job = s->job,
      .title = recipe->title ? recipe->title : recipe->name,
      .headline = plan->curves[plan->headline].name,
      .references = recipe->reference.values,
      .reference_count = recipe->reference.count,
      .reference_metric = recipe->reference_metric,
      .reference_label = recipe->reference_label,
      .epochs = s->longest,
      .curves = curves,
      .curve_count = plan->curve_count,
      .finals = finals,
      .final_count = plan->split.test_count > 0 ? plan->model->measure_count : 0,
      .command = s->options->command,
      .blas = ls_compute_name(),
  };
  status = ls_results_open(&s->results, &results, s->world);
  ls_plan_free(&plan);
  return status;
}

/* Collective: which trials are still to be run; counts the others. */
static int pack_remaining(sweep *s, ls_run_summary *summary) {
  size_t trials = ls_job_trials(s->job);
  bool *todo = ls_new(trials, sizeof *todo);
  int status = ls_group_agree(s->world, todo ? LS_OK : LS_FAILED);
  for (size_t t = 0; status == LS_OK && t < trials; t++) {
    if (!ls_slice_has(&s->options->slice, t)) continue;
    summary->trials++;
    ls_trial_status state = ls_results_state(s->results, t);
    bool finished = state == LS_TRIAL_DONE || state == LS_TRIAL_STOPPED_EARLY;
    todo[t] = !finished && state != LS_TRIAL_DIVERGED;
    summary->done += finished;
    summary->diverged += state == LS_TRIAL_DIVERGED;
  }
  summary->already = summary->done + summary->diverged;
  if (status == LS_OK) status = pack(s, &s->whole, 0, todo);
  free(todo);
  return status;
}

/* Collective: packs the trials that groups have left, each on as many ranks as there are for it. */
static int pack_left(sweep *s) {
  size_t trials = ls_job_trials(s->job), count = 0, shards = 0;
  bool *todo = ls_new(trials, sizeof *todo);
  int status = ls_group_agree(s->world, todo ? LS_OK : LS_FAILED);
  if (status == LS_OK) status = ls_results_tell(s->results);
  for (size_t i = 0; status == LS_OK && i < s->packing->count; i++) {
    size_t trial = s->packing->order[i], its = ls_results_shards(s->results, trial);
    todo[trial] = ls_results_state(s->results, trial) == LS_TRIAL_PENDING;
    count += todo[trial];
    if (todo[trial] && its > shards) shards = its;
  }
  s->packing = &s->left;
  s->left.count = 0;
  if (status == LS_OK && count > 0) {
    size_t ranks = (size_t)s->world->size / count;
    status = pack(s, &s->left, ranks < shards ? ranks : shards, todo);
  }
  free(todo);
  return status;
}

static void announce(const sweep *s, const ls_run_summary *summary) {
  if (s->world->rank != 0 || s->options->progress == LS_PROGRESS_NONE) return;
  const ls_packing *p = s->packing;
  printf("%s: %zu of %zu trials to run\n", s->options->results, p->count, summary->trials);
  printf("ranks: %d, per trial: %zu, trials at a time: %zu; %s, one thread per rank\n",
         s->world->size, p->ranks_per_trial, p->groups, ls_compute_name());
  fflush(stdout);
}

static void announce_regrouping(const sweep *s) {
  if (s->world->rank != 0 || s->options->progress != LS_PROGRESS_LINES) return;
  printf("trials left: %zu; ranks per trial: %zu\n", s->packing->count,
         s->packing->ranks_per_trial);
  fflush(stdout);
}

static void begin_progress(sweep *s, size_t group) {
  progress *p = &s->progress;
  p->job = s->job;
  p->options = s->options;
  p->whole = &s->whole;
  p->packing = s->packing;
  p->board = s->board;
  p->group = group;
  p->leader = s->group.rank == 0;
  p->artist = s->world->rank == 0 && s->options->progress == LS_PROGRESS_LIVE;
  p->post = (progress_post){0};
  if (p->start == 0) p->start = ls_clock_seconds();
}

/* Collective: makes the groups and what they need. */
static int make_groups(sweep *s) {
  size_t group = (size_t)s->world->rank / s->packing->ranks_per_trial;
  bool idle = group >= s->packing->groups;
  int status =
      ls_shared_counter_create(&s->board, s->world, s->packing->groups, sizeof(progress_post));
  if (status == LS_OK) status = ls_group_create(&s->group, s->world->comm, idle ? -1 : (int)group);
  status = ls_group_agree(s->world, status);
  if (status != LS_OK) return status;
  watchdog_divide(s->watchdog, s->packing->ranks_per_trial);
  stopping_begin(&s->stopping, s->board, !idle && s->group.rank == 0);
  s->ready = s->leaving = false;
  if (!idle) begin_progress(s, group);
  return LS_OK;
}

/* Collective: runs trials in groups, until none is left or all groups have left theirs. */
static int run_groups(sweep *s) {
  int status = make_groups(s);
  if (status != LS_OK) return status;
  if (s->group.size > 0) {
    status = group_run(s);
    ls_group_free(&s->group);
    ls_activity_phase(LS_PHASE_IDLE, 0, 0);
  }
  int waited = stopping_wait(&s->stopping, s->world, progress_idle, &s->progress);
  progress_end_groups(&s->progress);
  watchdog_unite(s->watchdog);
  return status == LS_OK ? waited : status;
}

/* Collective: whether idle ranks are to join others. Where ranks share cores they would only be in
 * the way. */
static int choose_regrouping(sweep *s) {
  ls_group node;
  s->spreads = s->options->spread != LS_REGROUP_NEVER;
  if (s->options->spread != LS_REGROUP_AUTO) return LS_OK;
  int status = ls_group_create_node(&node, s->world->comm);
  int crowded = node.size > sysconf(_SC_NPROCESSORS_ONLN);
  ls_group_free(&node);
  status = ls_group_agree(s->world, status);
  if (status != LS_OK) return status;
  status = ls_group_max_int(s->world, &crowded, 1);
  s->spreads = !crowded;
  return status;
}

/* Collective: runs all trials, in larger groups once they are few. Returns this rank's status. */
static int run_rounds(sweep *s) {
  int status = choose_regrouping(s);
  while (status == LS_OK && s->packing->count > 0) {
    ls_shared_counter_free(&s->board);
    status = run_groups(s);
    int halt = status != LS_OK || s->stopping.asked;
    int agreed = ls_group_max_int(s->world, &halt, 1);
    if (agreed != LS_OK || halt) return status == LS_OK ? agreed : status;
    status = pack_left(s);
    if (status == LS_OK && s->packing->count > 0) announce_regrouping(s);
  }
  return status;
}

/* Collective: adds up what the groups have done, and finds the status of the whole. */
static int sum_up(sweep *s, int status, ls_run_summary *summary) {
  double counts[3] = {(double)(s->ended[LS_TRIAL_DONE] + s->ended[LS_TRIAL_STOPPED_EARLY]),
                      (double)s->ended[LS_TRIAL_DIVERGED], (double)s->ended[LS_TRIAL_FAILED]};
  int summed = ls_group_sum(s->world, counts, 3);
  summary->done += (size_t)counts[0];
  summary->diverged += (size_t)counts[1];
  summary->failed += (size_t)counts[2];
  summary->waiting = summary->trials - summary->done - summary->diverged - summary->failed;
  /* A failure goes before the stop that it has led to elsewhere. */
  int failed = ls_group_agree(s->world, status == LS_STOPPED ? LS_OK : status);
  if (failed != LS_OK || summed != LS_OK) return failed != LS_OK ? failed : summed;
  if (summary->waiting > 0) status = ls_group_agree(s->world, status);
  if (summary->waiting > 0 && status != LS_OK) return stopping_explain(&s->stopping, status);
  if (summary->failed + summary->diverged == 0) return LS_OK;
  return ls_fail(LS_FAILED, "%s: of %zu trials %zu diverged and %zu failed", s->options->results,
                 summary->trials, summary->diverged, summary->failed);
}

int ls_run_job(const ls_job *job, const ls_run_options *options, const ls_group *world,
               ls_run_summary *summary) {
  double start = ls_clock_seconds();
  sweep s = {.job = job, .options = options, .world = world};
  s.packing = &s.whole;
  s.group.comm = MPI_COMM_NULL;
  *summary = (ls_run_summary){0};
  int status = watchdog_create(&s.watchdog, options->watchdog, ls_job_trials(job), world);
  if (status == LS_OK) {
    status = stopping_create(&s.stopping, options->models, options->stopping, options->seconds_left,
                             world);
  }
  if (status == LS_OK) status = pack(&s, &s.whole, 0, NULL);
  if (status == LS_OK) {
    status = ls_group_agree(world, world->rank == 0 ? check_weights(&s) : LS_OK);
  }
  if (status == LS_OK) status = open_results(&s);
  if (status == LS_OK) status = pack_remaining(&s, summary);
  if (status == LS_OK) {
    announce(&s, summary);
    status = run_rounds(&s);
    status = sum_up(&s, status, summary);
  }
  char why[2048]; /* closing may fail for the same reason, and say so in other words */
  snprintf(why, sizeof why, "%s", ls_error_message());
  int closed = ls_results_close(&s.results);
  watchdog_free(&s.watchdog);
  ls_shared_counter_free(&s.board);
  ls_packing_free(&s.whole);
  ls_packing_free(&s.left);
  stopping_destroy(&s.stopping);
  summary->seconds = ls_clock_seconds() - start;
  return status != LS_OK ? ls_fail(status, "%s", why) : ls_group_agree(world, closed);
}
