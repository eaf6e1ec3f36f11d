/* Running a job: packs its trials, opens the results, runs rounds of groups, each of fewer and
 * larger groups than the one before, and sums up. */
#include "run/run.h"

#include "base/activity.h"
#include "base/clock.h"
#include "base/memory.h"
#include "base/print.h"
#include "lockstep/error.h"
#include "nn/compute.h"
#include "run/deciding.h"
#include "run/groups.h"
#include "run/packing.h"
#include "run/search_past.h"
#include "run/search_sharing.h"
#include "run/watchdog.h"
#include "trial/reported.h"
#include "trial/selection.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool has_search(const run_state *run) {
  return run->search.schedule.rungs > 0;
}

/* ---- Before and after ------------------------------------------------------------------------ */

/* Collective: plans and packs all trials on rank 0, and broadcasts the packing. */
static int plan_and_pack(run_state *run) {
  const bool plans = run->world->rank == 0;
  int status = LS_OK;
  if (plans) {
    status =
        ls_packing_create(&run->whole, run->job, (size_t)run->world->size, 0, &run->options->slice);
  }
  status = ls_group_agree(run->world, status);
  if (status != LS_OK) return status;
  return ls_packing_broadcast(&run->whole, ls_job_trials(run->job), run->world);
}

/* Collective: packs the trials of which a fraction is still to be trained, `work` [trial] on rank
 * 0, with `ranks_per_trial` for each (0: as the job says), and broadcasts the packing. */
static int pack(run_state *run, ls_packing *p, size_t ranks_per_trial, const double *work) {
  int status = LS_OK;
  if (run->world->rank == 0) {
    status =
        ls_packing_repeat(p, &run->whole, run->job, ranks_per_trial, &run->options->slice, work);
  }
  status = ls_group_agree(run->world, status);
  if (status != LS_OK) return status;
  return ls_packing_broadcast(p, ls_job_trials(run->job), run->world);
}

/* Collective: opens the results file, with the curves of the first trial, which are those of all.
 */
static int open_results(run_state *run) {
  ls_plan *plan = NULL;
  ls_reported *reported = NULL;
  int status = ls_plan_create(&plan, run->job, 0);
  if (status == LS_OK) status = ls_reported_create(&reported, run->job, plan);
  if (status == LS_OK) status = ls_selection_describe(&run->selection, run->job, plan);
  if (status == LS_OK) status = search_create(&run->search, run->job, plan);
  if (status == LS_OK) {
    status = keeping_create(&run->keeping, run->job, plan, run->options->models);
  }
  status = ls_group_agree(run->world, status);
  if (status == LS_OK) status = group_compare_plans(run->world, plan);
  if (status != LS_OK) {
    ls_reported_free(&reported);
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
  run->title = ls_copy_text(recipe->title ? recipe->title : recipe->name);
  ls_results_plan results = {
      .path = run->options->results,
      .whole = run->options->models,
      .job = run->job,
      .title = run->title,
      .headline = plan->curves[plan->headline].name,
      .reported = reported,
      .selection = run->selection,
      .search = has_search(run) ? &run->search.record : NULL,
      .epochs = run->whole.longest,
      .curves = curves,
      .curve_count = plan->curve_count,
      .finals = finals,
      .final_count = plan->split.test_count > 0 ? plan->model->measure_count : 0,
      .models = run->whole.architectures.tables,
      .model_count = run->whole.architectures.count,
      .trials_left_out = run->whole.architectures.left_out,
      .digests = &run->digests,
      .command = run->options->command,
      .adopt = run->options->adopt,
      .isa = ls_compute_name(),
      .blas = ls_compute_blas(),
      .uses_blas = run->whole.uses_blas,
      .slice = run->options->slice.index,
      .slices = run->options->slice.count,
  };
  status = ls_group_agree(run->world, run->title ? LS_OK : LS_FAILED);
  if (status == LS_OK) status = ls_results_open(&run->results, &results, run->world);
  ls_reported_free(&reported);
  ls_plan_free(&plan);
  return status;
}

/* Counts the trials of the slice that earlier runs have finished. */
static void count_finished(const run_state *run, ls_run_summary *summary) {
  for (size_t t = 0; t < ls_job_trials(run->job); t++) {
    if (!ls_slice_has(&run->options->slice, t)) continue;
    ls_trial_status state = ls_results_state(run->results, t);
    summary->trials++;
    summary->done += state == LS_TRIAL_DONE || state == LS_TRIAL_STOPPED_EARLY;
    summary->diverged += state == LS_TRIAL_DIVERGED;
    summary->already += ls_trial_is_final(state);
  }
}

/* Collective: packs the trials that are still to be run. */
static int pack_remaining(run_state *run) {
  size_t trials = ls_job_trials(run->job);
  double *work = ls_new(trials, sizeof *work);
  double each = has_search(run) ? ls_schedule_fraction(&run->search.schedule) : 1;
  int status = ls_group_agree(run->world, work ? LS_OK : LS_FAILED);
  for (size_t t = 0; status == LS_OK && t < trials; t++) {
    work[t] = ls_trial_is_final(ls_results_state(run->results, t)) ? 0 : each;
  }
  if (status == LS_OK) status = pack(run, &run->whole, 0, work);
  free(work);
  return status;
}

/* Whether the trial is left after a round of groups. */
static bool is_left(const run_state *run, size_t trial) {
  if (ls_results_state(run->results, trial) != LS_TRIAL_PENDING) return false;
  if (!ls_slice_has(&run->options->slice, trial)) return false;
  return !has_search(run) || !search_waits(&run->search, trial);
}

/* Collective: packs the trials that groups have left on all ranks, as many for each as it can use.
 */
static int pack_rest(run_state *run) {
  size_t trials = ls_job_trials(run->job), count = 0, shards = 0;
  double *work = ls_new(trials, sizeof *work);
  int status = ls_group_agree(run->world, work ? LS_OK : LS_FAILED);
  if (status == LS_OK) {
    status = has_search(run) ? deciding_share(run) : ls_results_share(run->results);
  }
  for (size_t t = 0; status == LS_OK && t < trials; t++) {
    if (!is_left(run, t)) continue;
    size_t its = ls_results_shards(run->results, t);
    work[t] = has_search(run) ? search_work(&run->search, t) : 1;
    count++;
    if (its > shards) shards = its;
  }
  run->packing = &run->rest;
  run->rest.count = 0;
  if (status == LS_OK && count > 0) {
    size_t ranks = (size_t)run->world->size / count;
    status = pack(run, &run->rest, ranks < shards ? ranks : shards, work);
  }
  free(work);
  return status;
}

static void announce(const run_state *run, const ls_run_summary *summary) {
  const ls_packing *p = run->packing;
  if (run->world->rank == 0 && p->count > 0) ls_packing_warn(p);
  if (run->world->rank != 0 || run->options->progress == LS_PROGRESS_NONE) return;
  ls_print(stdout, "%s: %zu of %zu trials to run\n", run->options->results, p->count,
           summary->trials);
  ls_print(stdout, "ranks: %d, per trial: %zu, trials at a time: %zu; %s, one thread per rank\n",
           run->world->size, p->ranks_per_trial, p->groups, ls_compute_name());
  if (run->selection && p->count > 0) ls_print(stdout, "note: %s\n", run->selection);
  fflush(stdout);
}

static void announce_regrouping(const run_state *run) {
  if (run->world->rank != 0 || run->options->progress != LS_PROGRESS_LINES) return;
  ls_print(stdout, "trials left: %zu; ranks per trial: %zu\n", run->packing->count,
           run->packing->ranks_per_trial);
  fflush(stdout);
}

static void begin_progress(run_state *run, size_t group) {
  progress *p = &run->progress;
  p->packing = run->packing;
  p->queue = run->queue;
  p->groups = run->packing->groups;
  p->group = group;
  p->leader = run->group.rank == 0;
  p->draws_live = run->world->rank == 0 && run->options->progress == LS_PROGRESS_LIVE;
  p->post = (progress_post){0};
  if (p->start == 0) p->start = ls_clock_seconds();
}

/* Collective: creates the groups of a round. */
static int create_groups(run_state *run) {
  size_t group = (size_t)run->world->rank / run->packing->ranks_per_trial;
  bool idle = group >= run->packing->groups;
  int status = ls_shared_counter_create(&run->queue, run->world, run->packing->groups,
                                        sizeof(progress_post));
  if (status == LS_OK && run->world->rank == 0) {
    status = progress_begin_round(&run->progress, run->packing->groups);
  }
  status = ls_group_agree(run->world, status);
  if (status == LS_OK)
    status = ls_group_create(&run->group, run->world->comm, idle ? -1 : (int)group);
  status = ls_group_agree(run->world, status);
  if (status != LS_OK) return status;
  watchdog_divide(run->watchdog, run->packing->ranks_per_trial);
  stop_begin_round(&run->stop, run->queue, !idle && run->group.rank == 0);
  run->ready_to_leave = run->leaving = run->exhausted = false;
  if (!idle) begin_progress(run, group);
  return LS_OK;
}

/* Collective: runs trials in groups until none is left or all groups leave theirs. */
static int run_round(run_state *run) {
  int status = create_groups(run);
  if (status != LS_OK) return status;
  if (run->group.size > 0) {
    status = group_run_trials(run);
    ls_group_free(&run->group);
    ls_activity_phase(LS_PHASE_IDLE, 0, 0);
  }
  int waited = stop_wait(&run->stop, run->world, progress_idle, &run->progress);
  progress_end_groups(&run->progress);
  watchdog_unite(run->watchdog);
  return status == LS_OK ? waited : status;
}

/* Collective: decides whether idle ranks join others. Where ranks share cores they would only
 * compete with them. */
static int choose_regrouping(run_state *run) {
  ls_group node;
  run->regroups = run->options->regroup != LS_REGROUP_NEVER;
  if (run->options->regroup != LS_REGROUP_AUTO) return LS_OK;
  int status = ls_group_create_node(&node, run->world->comm);
  int crowded = node.size > sysconf(_SC_NPROCESSORS_ONLN);
  ls_group_free(&node);
  status = ls_group_agree(run->world, status);
  if (status != LS_OK) return status;
  status = ls_group_max_int(run->world, &crowded, 1);
  run->regroups = !crowded;
  return status;
}

/* Collective: runs all trials, in larger groups once they are few. Returns this rank's status. */
static int run_rounds(run_state *run) {
  int status = choose_regrouping(run);
  while (status == LS_OK && run->packing->count > 0) {
    ls_shared_counter_free(&run->queue);
    status = run_round(run);
    int halt = status != LS_OK || run->stop.requested;
    int agreed = ls_group_max_int(run->world, &halt, 1);
    if (agreed != LS_OK || halt) return status == LS_OK ? agreed : status;
    status = pack_rest(run);
    if (status == LS_OK && run->packing->count > 0) announce_regrouping(run);
  }
  return status;
}

/* ---- A search -------------------------------------------------------------------------------- */

/* Collective: packs what is to be trained up to the next rungs. With fewer trials than ranks each
 * gets several. */
static int pack_rungs(run_state *run) {
  size_t trials = ls_job_trials(run->job), count = 0;
  double *work = ls_new(trials, sizeof *work);
  int status = ls_group_agree(run->world, work ? LS_OK : LS_FAILED);
  for (size_t t = 0; status == LS_OK && t < trials; t++) {
    if (search_waits(&run->search, t) || ls_trial_is_final(ls_results_state(run->results, t)))
      continue;
    work[t] = search_work(&run->search, t);
    count++;
  }
  size_t each = count > 0 ? (size_t)run->world->size / count : 0;
  if (each < 2 || ls_job_ranks_per_trial(run->job) > 0) each = 0;
  if (each > run->whole.most_ranks) each = run->whole.most_ranks;
  if (status == LS_OK) status = pack(run, &run->rest, each, work);
  run->packing = &run->rest;
  free(work);
  return status;
}

/* Collective: trains points up to their rungs, and those that are promoted further. Returns this
 * rank's status, like run_rounds. */
static int run_search(run_state *run) {
  int status = search_sharing_create(&run->search, run->world);
  if (status == LS_OK) status = deciding_share(run);
  if (status == LS_OK) status = pack_rungs(run);
  return status == LS_OK ? run_rounds(run) : status;
}

/* Ends the publication of the status, with that of the run if this one still owns the results. */
static void end_status(run_state *run, int status, const char *message) {
  bool owned = run->results && run->world->rank == 0 && ls_results_check(run->results) == LS_OK;
  progress_end_run(&run->progress, owned, status, message);
}

/* Collective: sums what the groups have done; returns the status of the run. */
static int sum_up(run_state *run, int status, ls_run_summary *summary) {
  double counts[3] = {(double)(run->ended[LS_TRIAL_DONE] + run->ended[LS_TRIAL_STOPPED_EARLY]),
                      (double)run->ended[LS_TRIAL_DIVERGED], (double)run->ended[LS_TRIAL_FAILED]};
  int summed = ls_group_sum(run->world, counts, 3);
  summary->done += (size_t)counts[0];
  summary->diverged += (size_t)counts[1];
  summary->failed += (size_t)counts[2];
  if (summed == LS_OK) summed = ls_results_share(run->results);
  for (size_t t = 0; t < ls_job_trials(run->job); t++) {
    summary->pruned += ls_results_state(run->results, t) == LS_TRIAL_PRUNED;
  }
  summary->waiting =
      summary->trials - summary->done - summary->diverged - summary->failed - summary->pruned;
  /* A failure has precedence over the stop that it has caused elsewhere. */
  int failed = ls_group_agree(run->world, status == LS_STOPPED ? LS_OK : status);
  if (failed != LS_OK || summed != LS_OK) return failed != LS_OK ? failed : summed;
  if (summary->waiting > 0) status = ls_group_agree(run->world, status);
  if (summary->waiting > 0 && status != LS_OK) return stop_explain(&run->stop, status, run->world);
  if (summary->failed + summary->diverged == 0) return LS_OK;
  return ls_fail(LS_FAILED, "%s: of %zu trials %zu diverged and %zu failed", run->options->results,
                 summary->trials, summary->diverged, summary->failed);
}

int ls_run_job(const ls_job *job, const ls_run_options *options, const ls_group *world,
               ls_run_summary *summary) {
  double start = ls_clock_seconds();
  run_state run = {.job = job, .options = options, .world = world};
  run.progress = (progress){.job = job, .options = options, .whole = &run.whole};
  run.packing = &run.whole;
  run.plans.most = 1;
  run.group.comm = MPI_COMM_NULL;
  *summary = (ls_run_summary){0};
  int status = watchdog_create(&run.watchdog, options->watchdog, ls_job_trials(job), world);
  if (status == LS_OK) {
    status =
        stop_create(&run.stop, options->models, options->stop_signal, options->seconds_left, world);
  }
  if (status == LS_OK) status = plan_and_pack(&run);
  if (status == LS_OK) {
    status =
        ls_digests_of_job(&run.digests, job, &run.whole.datasets, run.whole.reads_weights, world);
  }
  if (status == LS_OK) status = open_results(&run);
  if (status == LS_OK && has_search(&run)) status = search_resume(&run.search, run.results, world);
  if (status == LS_OK) {
    const bool resumes = world->rank == 0;
    status = ls_group_agree(world, resumes ? keeping_resume(&run.keeping, run.results) : LS_OK);
  }
  if (status == LS_OK) count_finished(&run, summary);
  if (status == LS_OK) status = pack_remaining(&run);
  if (status == LS_OK && run.whole.count > 0) {
    status = job_data_open(&run.job_data, job, &run.whole, world);
  }
  if (status == LS_OK) {
    status = progress_begin_run(&run.progress, options->results, run.title, run.watchdog, world);
  }
  if (status == LS_OK) {
    announce(&run, summary);
    status = has_search(&run) ? run_search(&run) : run_rounds(&run);
    status = sum_up(&run, status, summary);
    const int kept = keeping_finish(&run.keeping, world);
    if (status == LS_OK) status = kept;
  }
  char why[2048]; /* closing may fail for the same reason, with another message */
  snprintf(why, sizeof why, "%s", ls_error_message());
  end_status(&run, status, why);
  int closed = ls_group_agree(world, ls_results_close(&run.results));
  watchdog_free(&run.watchdog);
  ls_shared_counter_free(&run.queue);
  ls_packing_free(&run.whole);
  ls_packing_free(&run.rest);
  job_data_close(&run.job_data);
  ls_digests_free(&run.digests);
  free(run.selection);
  ls_compared_job_free(&run.recorded);
  free(run.title);
  progress_free(&run.progress);
  search_sharing_free(&run.search);
  search_destroy(&run.search);
  keeping_destroy(&run.keeping);
  stop_destroy(&run.stop);
  summary->seconds = ls_clock_seconds() - start;
  bool lost = closed != LS_OK && (status == LS_OK || status == LS_STOPPED);
  if (lost) summary->trials = 0; /* nothing is done */
  return lost || status == LS_OK ? closed : ls_fail(status, "%s", why);
}
