/* A group of ranks at work: its samples, one trial after the other, what is recorded of them. */
#include "run/groups.h"

#include "base/activity.h"
#include "base/clock.h"
#include "comm/reduce.h"
#include "lockstep/error.h"
#include "run/regroup.h"
#include "run/trial_queue.h"
#include "trial/trial.h"

#include <stdio.h>
#include <string.h>
#include <xxhash.h>

/* ---- The samples -------------------------------------------------------------------------------
 */

static void unload(loaded *data) {
  for (int part = 0; part < LS_PART_COUNT; part++) ls_pool_free(&data->pools[part]);
  ls_dataset_free(&data->dataset);
}

/* Collective over the group: has the parts of the plan's dataset that it needs in memory. */
static int load(sweep *s, const ls_plan *plan) {
  loaded *data = &s->data;
  bool messages = plan->recipe.train.reduction == LS_REDUCE_EXCHANGE;
  if (data->dataset &&
      (strcmp(data->dataset->path, plan->dataset->path) != 0 || data->messages != messages)) {
    unload(data);
  }
  data->messages = messages;
  data->peers = ls_group_peers(&s->group, messages);
  int status = data->dataset ? LS_OK : ls_dataset_open(&data->dataset, plan->dataset->path);
  status = ls_group_agree(&s->group, status);
  for (int part = 0; part < LS_PART_COUNT && status == LS_OK; part++) {
    if (!ls_plan_uses(plan, (ls_part)part) || data->pools[part]) continue;
    status = ls_pool_load(&data->pools[part], data->dataset, (ls_part)part, &data->peers);
  }
  return status;
}

/* ---- One trial ---------------------------------------------------------------------------------
 */

static bool asked_to_stop(void *context) {
  return stopping_asked(&((sweep *)context)->stopping);
}

static void on_step(void *context, size_t epoch, size_t step, double loss) {
  progress_step(&((sweep *)context)->progress, epoch, step, loss);
}

/* Whether the trial is left to larger groups; says so to the others once that would pay. */
static int spread(sweep *s, size_t epochs, const double *curves) {
  const ls_plan *plan = s->progress.plan;
  int64_t before;
  const regroup now = {.packing = s->packing,
                       .ranks = (size_t)s->world->size,
                       .counter = s->stopping.counter,
                       .plan = plan,
                       .shards = s->shards,
                       .epochs_left = plan->epochs - epochs,
                       .epoch_seconds = curves[2 * plan->model->measure_count + 1]};
  if (!s->spreads || now.epochs_left == 0) return LS_OK;
  bool always = s->options->spread == LS_REGROUP_ALWAYS;
  if (!s->ready &&
      (always ? regroup_ranks(&now) > s->packing->ranks_per_trial : regroup_pays(&now))) {
    s->ready = true;
    return ls_shared_counter_add(s->board, QUEUE_LEAVE, &before);
  }
  s->leaving = s->ready && regroup_agreed(&now);
  return s->leaving ? ls_fail(LS_STOPPED, "left to larger groups of ranks") : LS_OK;
}

static int on_epoch(void *context, size_t epoch, const double *curves) {
  sweep *s = context;
  int status = ls_results_epoch(s->results, s->progress.trial, epoch, curves);
  if (status != LS_OK) return status;
  progress_epoch(&s->progress, epoch, curves);
  return spread(s, epoch + 1, curves);
}

static int on_write(void *context) {
  return ls_results_check(((sweep *)context)->results);
}

static int on_start(void *context, size_t epochs, size_t step, const double *rows) {
  sweep *s = context;
  int status = ls_results_clear(s->results, s->progress.trial);
  for (size_t epoch = 0; epoch < epochs && status == LS_OK; epoch++) {
    const double *curves = rows + epoch * s->progress.plan->curve_count;
    status = ls_results_epoch(s->results, s->progress.trial, epoch, curves);
  }
  if (status == LS_OK && epochs + step > 0) progress_resume(&s->progress, epochs, step);
  return status;
}

/* Collective over the group: trains the trial. */
static int train(sweep *s, size_t trial, const ls_plan *plan, ls_trial_result *result) {
  size_t shards = ls_results_shards(s->results, trial);
  bool begun = shards > 0;
  if (shards == 0) shards = (size_t)plan->recipe.train.shards;
  if (shards == 0) shards = (size_t)s->group.size;
  s->shards = shards;
  int status = LS_OK;
  if (s->group.rank == 0) {
    status = ls_results_begin(s->results, trial, plan->seed, shards, plan->split.train_count);
  }
  status = ls_group_agree(&s->group, status);
  if (status != LS_OK) return status;
  progress_begin_trial(&s->progress, trial, plan);
  ls_activity_phase(LS_PHASE_LOADING, 0, 0);
  status = load(s, plan);
  if (status != LS_OK) return status;
  const ls_trial_files files = {s->options->models, s->job, trial, s->options->checkpoint_every,
                                begun};
  ls_watch watch = {.context = s,
                    .stop = asked_to_stop,
                    .step = on_step,
                    .start = on_start,
                    .write = on_write,
                    .epoch = on_epoch,
                    .files = &files,
                    .profile = s->options->profile ? stdout : NULL};
  return ls_trial_run(plan, shards, &s->group, s->data.pools, &watch, result);
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

/* A failure of one trial: said once, and passed over. */
static void report_failure(const sweep *s, size_t trial) {
  char name[256];
  ls_job_trial_name(s->job, trial, name, sizeof name);
  if (s->group.rank != 0) return;
  fprintf(stderr, "lockstep: trial %zu%s%s failed: %s\n", trial + 1, *name ? " " : "", name,
          ls_error_message());
}

/* Collective over the group: whether what the trial writes is still this run's to write. */
static int check_owner(const sweep *s) {
  return ls_group_agree(&s->group, s->group.rank == 0 ? ls_results_check(s->results) : LS_OK);
}

/* Collective over the group: trains the trial and records how it ended. Only what concerns the job
 * as a whole (asked to stop, results that can't be written) is returned. */
static int run_trial(sweep *s, size_t trial) {
  double start = ls_clock_seconds();
  ls_trial_result result = {.state = LS_TRIAL_FAILED};
  ls_plan *plan = NULL;
  ls_activity_trial(trial);
  ls_activity_phase(LS_PHASE_PREPARING, 0, 0);
  int status = ls_group_agree(&s->group, ls_plan_create(&plan, s->job, trial));
  if (status == LS_OK) status = group_compare_plans(&s->group, plan);
  if (status == LS_OK) status = train(s, trial, plan, &result);
  if (status == LS_STOPPED) {
    result.state = LS_TRIAL_PENDING;
    int sent = ls_group_broadcast(&s->group, &s->leaving, sizeof s->leaving, 0);
    if (sent != LS_OK || s->leaving) status = sent;
  } else if (status != LS_OK && check_owner(s) == LS_OK) {
    report_failure(s, trial);
    result.state = LS_TRIAL_FAILED;
    status = LS_OK;
  }
  double seconds = result.earlier_seconds + ls_clock_seconds() - start;
  int recorded = LS_OK;
  ls_activity_phase(LS_PHASE_ENDING, 0, 0);
  if (s->group.rank == 0) {
    recorded = ls_results_finish(s->results, trial, &result, seconds);
    if (recorded == LS_OK) s->ended[result.state]++;
  }
  recorded = ls_group_agree(&s->group, recorded);
  bool ended = recorded == LS_OK && s->progress.plan && !s->leaving;
  if (ended) progress_end_trial(&s->progress, &result, seconds);
  s->progress.plan = NULL;
  ls_plan_free(&plan);
  return status == LS_OK ? recorded : status;
}

/* ---- All trials --------------------------------------------------------------------------------
 */

/* Collective over the group: the next trial to run; *trial is SIZE_MAX if there is none. */
static int take_trial(sweep *s, size_t *trial) {
  int64_t before = 0;
  int status = LS_OK;
  *trial = SIZE_MAX;
  ls_activity_phase(LS_PHASE_TAKING, 0, 0);
  int64_t turn = QUEUE_TAKE - (s->ready ? QUEUE_LEAVE : 0);
  if (s->group.rank == 0) status = ls_shared_counter_add(s->board, turn, &before);
  s->ready = false;
  status = ls_group_agree(&s->group, status);
  if (status == LS_OK) status = ls_group_broadcast(&s->group, &before, sizeof before, 0);
  if (status != LS_OK) return status;
  if (queue_stopped(before)) return ls_fail(LS_STOPPED, "stopped on request");
  if (queue_taken(before) < s->packing->count) *trial = s->packing->order[queue_taken(before)];
  return LS_OK;
}

int group_run(sweep *s) {
  int status = LS_OK;
  while (status == LS_OK && !s->leaving) {
    size_t trial;
    status = take_trial(s, &trial);
    if (status != LS_OK || trial == SIZE_MAX) break;
    status = run_trial(s, trial);
  }
  if (status != LS_OK && s->group.rank == 0) stopping_tell(&s->stopping);
  unload(&s->data);
  return status;
}
