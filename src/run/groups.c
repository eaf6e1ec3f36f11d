/* The trials of a group: samples, training, recording; then the loop over the queue. */
#include "run/groups.h"

#include "base/activity.h"
#include "base/clock.h"
#include "base/print.h"
#include "comm/reduce.h"
#include "lockstep/error.h"
#include "run/deciding.h"
#include "run/regroup.h"
#include "run/search_sharing.h"
#include "run/taking.h"
#include "run/trial_queue.h"
#include "trial/trial.h"

#include <stdio.h>
#include <string.h>
#include <xxhash.h>

/* ---- The samples ----------------------------------------------------------------------------- */

static void unload(loaded_dataset *data) {
  for (int part = 0; part < LS_PART_COUNT; part++) ls_pool_free(&data->pools[part]);
  ls_dataset_free(&data->dataset);
}

/* Collective over the group: makes the pool of a part, of the samples that the node has unless the
 * group's ranks exchange them. */
static int load_part(run_state *run, const ls_plan *plan, ls_part part) {
  loaded_dataset *data = &run->data;
  const bool shared = data->peers.node_file || ls_plan_shuffles_blocks(plan);
  const ls_node_samples *samples =
      shared ? job_data_find(&run->job_data, data->dataset->path, part) : NULL;
  if (!samples) return ls_pool_load(&data->pools[part], data->dataset, part, &data->peers);
  return ls_group_agree(
      &run->group, ls_pool_open(&data->pools[part], data->dataset, part, &data->peers, samples));
}

/* Collective over the group: loads the parts of the plan's dataset that it needs and lacks. */
static int load(run_state *run, const ls_plan *plan) {
  loaded_dataset *data = &run->data;
  bool messages = plan->recipe.train.reduction == LS_REDUCE_EXCHANGE;
  if (data->dataset &&
      (strcmp(data->dataset->path, plan->dataset->path) != 0 || data->messages != messages)) {
    unload(data);
  }
  data->messages = messages;
  data->peers = ls_group_peers(&run->group, messages);
  const ls_dataset *own = plan->dataset;
  int status = LS_OK;
  if (!data->dataset) status = ls_dataset_open_as(&data->dataset, own->path, own->allow_external);
  status = ls_group_agree(&run->group, status);
  for (int part = 0; part < LS_PART_COUNT && status == LS_OK; part++) {
    if (!ls_plan_uses(plan, (ls_part)part) || data->pools[part]) continue;
    status = load_part(run, plan, (ls_part)part);
  }
  return status;
}

/* ---- One trial ------------------------------------------------------------------------------- */

static bool on_stop(void *context) {
  return stop_requested(&((run_state *)context)->stop);
}

static void on_step(void *context, size_t epoch, size_t step, double loss) {
  progress_step(&((run_state *)context)->progress, epoch, step, loss);
}

/* The epochs up to which the current trial is trained for now. */
static size_t epochs_of(const run_state *run) {
  if (run->search.schedule.rungs == 0) return run->progress.plan->epochs;
  return search_limit(&run->search, run->progress.trial);
}

/* Whether it may be known by now that the current trial is promoted. While the queue has trials,
 * the rung up to which these are trained is not complete, except where the median decides. */
static bool may_be_promoted(const run_state *run) {
  if (run->search.schedule.startup_points > 0 || run->exhausted) return true;
  return queue_taken(run->stop.queue_seen) >= run->packing->count;
}

/* After an epoch: notes the value by which points are compared. LS_STOPPED at the rung up to which
 * the trial is trained for now. */
static int note(run_state *run, size_t epochs, const double *curves) {
  search_state *s = &run->search;
  const ls_plan *plan = run->progress.plan;
  const size_t trial = run->progress.trial;
  int status = LS_OK;
  if (s->schedule.rungs == 0) return LS_OK;
  bool scored = search_note(s, trial, epochs, curves[plan->headline]);
  if (epochs == plan->epochs) return LS_OK;
  if (epochs >= search_limit(s, trial) && may_be_promoted(run)) status = deciding_look(run, trial);
  run->paused = status == LS_OK && epochs >= search_limit(s, trial);
  if (run->paused) return ls_fail(LS_STOPPED, "paused after %zu epochs", epochs);
  return status == LS_OK && scored ? search_publish(s, trial) : status;
}

/* At the end of an epoch: announces when leaving the trial to a larger group would pay, and returns
 * LS_STOPPED when all groups agree to leave theirs. */
static int regroup(run_state *run, size_t epochs, const double *curves) {
  const ls_plan *plan = run->progress.plan;
  int64_t before;
  bool stops;
  const regroup_state now = {.packing = run->packing,
                             .ranks = (size_t)run->world->size,
                             .queue = run->stop.queue_seen,
                             .plan = plan,
                             .shards = run->shards,
                             .epochs_left = epochs_of(run) - epochs,
                             .epoch_seconds = curves[2 * plan->model->measure_count + 1]};
  if (!run->regroups || now.epochs_left == 0) return LS_OK;
  bool always = run->options->regroup == LS_REGROUP_ALWAYS;
  if (!run->ready_to_leave &&
      (always ? regroup_ranks(&now) > run->packing->ranks_per_trial : regroup_pays(&now))) {
    run->ready_to_leave = true;
    return ls_shared_counter_add(run->queue, QUEUE_LEAVE, &before, &stops);
  }
  run->leaving = run->ready_to_leave && regroup_agreed(&now);
  return run->leaving ? ls_fail(LS_STOPPED, "left to a larger group of ranks") : LS_OK;
}

static int on_epoch(void *context, size_t epoch, const double *curves) {
  run_state *run = context;
  int status = ls_results_epoch(run->results, run->progress.trial, epoch, curves);
  if (status != LS_OK) return status;
  progress_epoch(&run->progress, epoch, curves);
  status = note(run, epoch + 1, curves);
  return status == LS_OK ? regroup(run, epoch + 1, curves) : status;
}

static int on_write(void *context) {
  return ls_results_check(((run_state *)context)->results);
}

static bool on_keep(void *context, double value) {
  const run_state *run = context;
  return keeping_wants(&run->keeping, run->progress.trial, value);
}

static int on_start(void *context, size_t epochs, size_t step, const double *rows) {
  run_state *run = context;
  int status = ls_results_clear(run->results, run->progress.trial), reached = LS_OK;
  for (size_t epoch = 0; epoch < epochs && status == LS_OK && reached != LS_FAILED; epoch++) {
    const double *curves = rows + epoch * run->progress.plan->curve_count;
    status = ls_results_epoch(run->results, run->progress.trial, epoch, curves);
    if (status == LS_OK) reached = note(run, epoch + 1, curves);
  }
  if (status == LS_OK && epochs + step > 0) progress_resume(&run->progress, epochs, step);
  return status == LS_OK ? reached : status;
}

/* Collective over the group: trains the trial. */
static int train(run_state *run, size_t trial, const ls_plan *plan, ls_trial_result *result) {
  size_t shards = ls_results_shards(run->results, trial);
  bool begun = shards > 0 || run->resumes;
  if (shards == 0) shards = plan->shards;
  run->shards = shards;
  int status = LS_OK;
  if (run->group.rank == 0) {
    status = ls_results_begin(run->results, trial, plan->seed, shards, plan->split.train_count);
  }
  status = ls_group_agree(&run->group, status);
  if (status != LS_OK) return status;
  progress_begin_trial(&run->progress, trial, plan);
  ls_activity_phase(LS_PHASE_LOADING, 0, 0);
  status = load(run, plan);
  if (status != LS_OK) return status;
  const ls_trial_files files = {.results = run->options->models,
                                .job = run->job,
                                .trial = trial,
                                .digests = &run->digests,
                                .recorded = &run->recorded,
                                .interval = run->options->checkpoint_every,
                                .resume = begun,
                                .late = run->keeping.most != SIZE_MAX};
  ls_callbacks callbacks = {.context = run,
                            .stop = on_stop,
                            .step = on_step,
                            .start = on_start,
                            .write = on_write,
                            .keep = on_keep,
                            .epoch = on_epoch,
                            .files = &files,
                            .profile = run->options->profile ? stdout : NULL};
  return ls_trial_run(plan, shards, &run->group, run->data.pools, &callbacks, result);
}

int group_compare_plans(const ls_group *group, const ls_plan *plan) {
  const ls_dataset *d = plan->dataset;
  const ls_split *split = &plan->split;
  const uint64_t parts[] = {
      d->count[LS_TRAIN],
      d->count[LS_TEST],
      d->record_bytes,
      (uint64_t)plan->model->param_count,
      XXH3_64bits(split->train, split->train_count * sizeof *split->train),
      XXH3_64bits(split->validation, split->validation_count * sizeof *split->validation)};
  bool same = true;
  int status = ls_group_same(group, XXH3_64bits(parts, sizeof parts), &same);
  if (status != LS_OK || same) return status;
  return ls_fail(LS_INVALID, "%s: is not the same file on all ranks", d->path);
}

/* Reports the failure of one trial, on the group's leader. */
static void report_failure(const run_state *run, size_t trial) {
  char name[256];
  ls_job_trial_name(run->job, trial, name, sizeof name);
  if (run->group.rank != 0) return;
  ls_print(stderr, "lockstep: trial %zu%s%s failed: %s\n", trial + 1, *name ? " " : "", name,
           ls_error_message());
}

/* Collective over the group: LS_FAILED if another run has taken over the results. */
static int check_owner(const run_state *run) {
  return ls_group_agree(&run->group, run->group.rank == 0 ? ls_results_check(run->results) : LS_OK);
}

/* On the leader, when all of the trial is written: lets the other groups have its scores or, where
 * it pauses, the trial itself. */
static int end_in_search(run_state *run, size_t trial, const ls_trial_result *result) {
  search_state *s = &run->search;
  if (s->schedule.rungs == 0) return LS_OK;
  if (result->state == LS_TRIAL_PENDING) return run->paused ? search_release(s, trial) : LS_OK;
  search_end(s, trial, result);
  return search_publish(s, trial);
}

/* Collective over the group: trains the trial and records its result. Returns only what concerns
 * the whole job: a request to stop, or results that can't be written. */
static int run_trial(run_state *run, size_t trial) {
  double start = ls_clock_seconds(), paused = ls_clock_paused();
  ls_trial_result result = {.state = LS_TRIAL_FAILED};
  ls_plan *plan = NULL;
  ls_activity_trial(trial);
  ls_activity_phase(LS_PHASE_PREPARING, 0, 0);
  run->paused = false;
  int status =
      ls_group_agree(&run->group, ls_plan_list_create(&run->plans, &plan, run->job, trial));
  if (status == LS_OK) status = group_compare_plans(&run->group, plan);
  if (status == LS_OK) status = train(run, trial, plan, &result);
  if (status == LS_STOPPED) {
    result.state = LS_TRIAL_PENDING;
    bool why[2] = {run->leaving, run->paused};
    int sent = ls_group_broadcast(&run->group, why, sizeof why, 0);
    run->leaving = why[0];
    run->paused = why[1];
    if (sent != LS_OK || run->leaving || run->paused) status = sent;
  } else if (status != LS_OK && check_owner(run) == LS_OK) {
    report_failure(run, trial);
    result.state = LS_TRIAL_FAILED;
    status = LS_OK;
  }
  bool paused_at_rung = result.state == LS_TRIAL_PENDING && run->paused;
  paused = ls_clock_paused() - paused;
  int recorded = ls_group_max(&run->group, &paused, 1);
  double seconds = result.earlier_seconds + ls_clock_seconds() - start - paused;
  ls_activity_phase(LS_PHASE_ENDING, 0, 0);
  if (run->group.rank == 0 && recorded == LS_OK) {
    recorded = ls_results_finish(run->results, trial, &result, seconds);
    if (recorded == LS_OK) run->ended[result.state]++;
    if (recorded == LS_OK) recorded = end_in_search(run, trial, &result);
    if (recorded == LS_OK && ls_trial_is_final(result.state)) {
      recorded = keeping_end(&run->keeping, trial, result.headline);
    }
  }
  recorded = ls_group_agree(&run->group, recorded);
  bool ended = recorded == LS_OK && run->progress.plan && !run->leaving && !paused_at_rung;
  if (ended) progress_end_trial(&run->progress, &result, seconds);
  run->progress.plan = NULL;
  ls_plan_list_release(&run->plans, &plan);
  return status == LS_OK ? recorded : status;
}

/* ---- All trials ------------------------------------------------------------------------------ */

int group_run_trials(run_state *run) {
  int status = LS_OK;
  while (status == LS_OK && !run->leaving) {
    taken_trial taken;
    status = group_take_trial(run, &taken);
    if (status != LS_OK || taken.trial == SIZE_MAX) break;
    run->resumes = taken.resumes;
    status = run_trial(run, taken.trial);
  }
  if (status != LS_OK && run->group.rank == 0) stop_announce(&run->stop);
  unload(&run->data);
  ls_plan_list_free(&run->plans);
  return status;
}
