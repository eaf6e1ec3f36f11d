/* Running a job: groups of ranks, who takes which trial, what is recorded of it. */
#include "lockstep/sweep.h"

#include "lockstep/board.h"
#include "lockstep/clock.h"
#include "lockstep/compute.h"
#include "lockstep/error.h"
#include "lockstep/memory.h"
#include "lockstep/model_file.h"
#include "lockstep/note.h"
#include "lockstep/packing.h"
#include "lockstep/reduce.h"
#include "lockstep/trial.h"
#include "progress.h"
#include "spreading.h"
#include "stopping.h"
#include "turns.h"
#include "watchdog.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <xxhash.h>

/* A dataset with its pools, kept from trial to trial while they stay the same. */
typedef struct loaded {
  ls_dataset *dataset;
  ls_peers peers;
  bool messages; /* samples are exchanged, not read in shared memory */
  ls_pool *pools[LS_PART_COUNT];
} loaded;

typedef struct sweep {
  const ls_job *job;
  const ls_sweep_options *options;
  const ls_group *world;
  ls_packing whole, left; /* of all trials that are to be run; of those left to larger groups */
  ls_packing *packing;    /* the one in hand */
  size_t longest;         /* epochs of the longest trial */
  ls_results *results;
  ls_board *board;
  stopping stopping;
  watchdog *watchdog;
  ls_group group;
  loaded data;
  progress progress;
  size_t shards;       /* of the trial in hand */
  bool spreads;        /* whether groups ever leave their trials to larger ones */
  bool ready, leaving; /* whether the group would leave its trial to larger ones; does so */
  size_t ended[LS_TRIAL_FAILED + 1]; /* on leaders: trials by state */
} sweep;

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
  bool needed[LS_PART_COUNT] = {[LS_TRAIN] = true};
  needed[LS_TEST] = plan->split.validation_part == LS_TEST || plan->split.test_count > 0;
  for (int part = 0; part < LS_PART_COUNT && status == LS_OK; part++) {
    if (!needed[part] || data->pools[part]) continue;
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
  const spreading now = {.packing = s->packing,
                         .ranks = (size_t)s->world->size,
                         .turns = s->stopping.turns,
                         .plan = plan,
                         .shards = s->shards,
                         .epochs_left = plan->epochs - epochs,
                         .epoch_seconds = curves[2 * plan->model->measure_count + 1]};
  if (!s->spreads || now.epochs_left == 0) return LS_OK;
  bool always = s->options->spread == LS_SPREAD_ALWAYS;
  if (!s->ready &&
      (always ? spreading_ranks(&now) > s->packing->ranks_per_trial : spreading_pays(&now))) {
    s->ready = true;
    return ls_board_take(s->board, TURNS_LEAVE, &before);
  }
  s->leaving = s->ready && spreading_agreed(&now);
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
  ls_note_doing(LS_DOING_LOADING, 0, 0);
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

/* Collective over the group: whether all ranks have found the same samples; on nodes with files of
 * their own they may differ. */
static int compare_plans(const ls_group *group, const ls_plan *plan) {
  const ls_dataset *d = plan->dataset;
  const ls_split *split = &plan->split;
  const uint64_t parts[] = {
      d->count[LS_TRAIN],
      d->count[LS_TEST],
      d->record_bytes,
      (uint64_t)plan->model->param_count,
      XXH3_64bits(split->train, split->train_count * sizeof *split->train),
      XXH3_64bits(split->validation, split->validation_count * sizeof *split->validation)};
  /* The greatest of a number and of its complement tell whether it is the same everywhere. */
  uint64_t own = XXH3_64bits(parts, sizeof parts), both[2] = {own, ~own};
  int status = ls_mpi_check(
      MPI_Allreduce(MPI_IN_PLACE, both, 2, MPI_UINT64_T, MPI_MAX, group->comm), "comparing plans");
  if (status != LS_OK || both[0] == ~both[1]) return status;
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
  ls_note_trial(trial);
  ls_note_doing(LS_DOING_PREPARING, 0, 0);
  int status = ls_group_agree(&s->group, ls_plan_create(&plan, s->job, trial));
  if (status == LS_OK) status = compare_plans(&s->group, plan);
  if (status == LS_OK) status = train(s, trial, plan, &result);
  if (status == LS_STOPPED) {
    result.state = LS_TRIAL_PENDING;
    MPI_Bcast(&s->leaving, 1, MPI_C_BOOL, 0, s->group.comm);
    if (s->leaving) status = LS_OK;
  } else if (status != LS_OK && check_owner(s) == LS_OK) {
    report_failure(s, trial);
    result.state = LS_TRIAL_FAILED;
    status = LS_OK;
  }
  double seconds = result.earlier_seconds + ls_clock_seconds() - start;
  int recorded = LS_OK;
  ls_note_doing(LS_DOING_ENDING, 0, 0);
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
  ls_note_doing(LS_DOING_TAKING, 0, 0);
  int64_t turn = TURNS_TAKE - (s->ready ? TURNS_LEAVE : 0);
  if (s->group.rank == 0) status = ls_board_take(s->board, turn, &before);
  s->ready = false;
  status = ls_group_agree(&s->group, status);
  if (status != LS_OK) return status;
  MPI_Bcast(&before, 1, MPI_INT64_T, 0, s->group.comm);
  if (turns_stopped(before)) return ls_fail(LS_STOPPED, "stopped on request");
  if (turns_taken(before) < s->packing->count) *trial = s->packing->order[turns_taken(before)];
  return LS_OK;
}

static int run_group(sweep *s) {
  int status = LS_OK;
  while (status == LS_OK && !s->leaving) {
    size_t trial;
    status = take_trial(s, &trial);
    if (status != LS_OK || trial == SIZE_MAX) break;
    status = run_trial(s, trial);
  }
  if (status != LS_OK && s->group.rank == 0) stopping_tell(&s->stopping);
  return status;
}

/* ---- Before and after --------------------------------------------------------------------------
 */

/* Collective: rank 0 packs the trials that `todo` names (NULL: all), with so many ranks for each
 * (0: as the job says), and every rank learns how. */
static int pack(sweep *s, ls_packing *p, size_t ranks_per_trial, const bool *todo) {
  size_t trials = ls_job_trials(s->job);
  int status = LS_OK;
  ls_packing_free(p);
  if (s->world->rank == 0) {
    status = ls_packing_create(p, s->job, (size_t)s->world->size, ranks_per_trial,
                               &s->options->slice, todo, &s->longest);
  } else {
    p->order = ls_new(trials, sizeof *p->order);
    p->seconds = ls_new(trials, sizeof *p->seconds);
    if (!p->order || !p->seconds) status = LS_FAILED;
  }
  status = ls_group_agree(s->world, status);
  if (status != LS_OK) return status;
  ls_packing shared = *p;
  MPI_Bcast(&shared, sizeof shared, MPI_BYTE, 0, s->world->comm);
  shared.order = p->order;
  shared.seconds = p->seconds;
  *p = shared;
  MPI_Bcast(&s->longest, sizeof s->longest, MPI_BYTE, 0, s->world->comm);
  MPI_Bcast(p->order, (int)(trials * sizeof *p->order), MPI_BYTE, 0, s->world->comm);
  return ls_mpi_check(MPI_Bcast(p->seconds, (int)trials, MPI_DOUBLE, 0, s->world->comm),
                      "sharing the plan");
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
  if (status == LS_OK) status = compare_plans(s->world, plan);
  if (status != LS_OK) {
    ls_plan_free(&plan);
    return status;
  }
  ls_results_curve curves[LS_MAX_CURVES];
  for (size_t i = 0; i < plan->curve_count; i++) {
    const ls_curve *c = &plan->curves[i];
    curves[i] = (ls_results_curve){c->name, c->long_name, c->units};
  }
  ls_results_curve finals[LS_MAX_MEASURES];
  for (size_t i = 0; i < plan->model->measure_count; i++) {
    const ls_curve *c = &plan->finals[i];
    finals[i] = (ls_results_curve){c->name, c->long_name, c->units};
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
static int pack_remaining(sweep *s, ls_sweep_summary *summary) {
  size_t trials = ls_job_trials(s->job);
  bool *todo = ls_new(trials, sizeof *todo);
  int status = ls_group_agree(s->world, todo ? LS_OK : LS_FAILED);
  for (size_t t = 0; status == LS_OK && t < trials; t++) {
    if (!ls_slice_has(&s->options->slice, t)) continue;
    summary->trials++;
    ls_trial_state state = ls_results_state(s->results, t);
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

static void announce(const sweep *s, const ls_sweep_summary *summary) {
  if (s->world->rank != 0 || s->options->progress == LS_PROGRESS_NONE) return;
  const ls_packing *p = s->packing;
  printf("%s: %zu of %zu trials to run\n", s->options->results, p->count, summary->trials);
  printf("ranks: %d, per trial: %zu, trials at a time: %zu; %s, one thread per rank\n",
         s->world->size, p->ranks_per_trial, p->groups, ls_compute_name());
  fflush(stdout);
}

static void announce_spreading(const sweep *s) {
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
  int status = ls_board_create(&s->board, s->world, s->packing->groups, sizeof(progress_post));
  if (status == LS_OK) status = ls_group_create(&s->group, s->world->comm, idle ? -1 : (int)group);
  status = ls_group_agree(s->world, status);
  if (status == LS_OK) {
    status = watchdog_create(&s->watchdog, s->options->watchdog, s->packing->ranks_per_trial,
                             ls_job_trials(s->job), s->world);
  }
  if (status != LS_OK) return status;
  stopping_begin(&s->stopping, s->board, !idle && s->group.rank == 0);
  s->ready = s->leaving = false;
  if (!idle) begin_progress(s, group);
  return LS_OK;
}

static void free_groups(sweep *s) {
  watchdog_free(&s->watchdog);
  ls_board_free(&s->board);
}

/* Collective: runs trials in groups, until none is left or all groups have left theirs. */
static int run_groups(sweep *s) {
  int status = make_groups(s);
  if (status != LS_OK) return status;
  if (s->group.size > 0) {
    status = run_group(s);
    unload(&s->data);
    ls_group_free(&s->group);
    ls_note_doing(LS_DOING_NOTHING, 0, 0);
  }
  int waited = stopping_wait(&s->stopping, s->world, progress_idle, &s->progress);
  progress_end_groups(&s->progress);
  watchdog_regroup(s->watchdog);
  return status == LS_OK ? waited : status;
}

/* Collective: whether idle ranks are to join others. Where ranks share cores they would only be in
 * the way. */
static int choose_spreading(sweep *s) {
  ls_group node;
  s->spreads = s->options->spread != LS_SPREAD_NEVER;
  if (s->options->spread != LS_SPREAD_AUTO) return LS_OK;
  int status = ls_group_create_node(&node, s->world->comm);
  int crowded = node.size > sysconf(_SC_NPROCESSORS_ONLN);
  ls_group_free(&node);
  status = ls_group_agree(s->world, status);
  if (status != LS_OK) return status;
  status = ls_mpi_check(MPI_Allreduce(MPI_IN_PLACE, &crowded, 1, MPI_INT, MPI_MAX, s->world->comm),
                        "counting cores");
  s->spreads = !crowded;
  return status;
}

/* Collective: runs all trials, in larger groups once they are few. Returns this rank's status. */
static int run_rounds(sweep *s) {
  int status = choose_spreading(s);
  while (status == LS_OK && s->packing->count > 0) {
    free_groups(s);
    status = run_groups(s);
    int halt = status != LS_OK || s->stopping.asked;
    int agreed = ls_mpi_check(
        MPI_Allreduce(MPI_IN_PLACE, &halt, 1, MPI_INT, MPI_MAX, s->world->comm), "ending a round");
    if (agreed != LS_OK || halt) return status == LS_OK ? agreed : status;
    status = pack_left(s);
    if (status == LS_OK && s->packing->count > 0) announce_spreading(s);
  }
  return status;
}

/* Collective: adds up what the groups have done, and finds the status of the whole. */
static int sum_up(sweep *s, int status, ls_sweep_summary *summary) {
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

int ls_sweep_run(const ls_job *job, const ls_sweep_options *options, const ls_group *world,
                 ls_sweep_summary *summary) {
  double start = ls_clock_seconds();
  sweep s = {.job = job, .options = options, .world = world};
  s.packing = &s.whole;
  s.group.comm = MPI_COMM_NULL;
  *summary = (ls_sweep_summary){0};
  int status = stopping_create(&s.stopping, options->models, options->stopping,
                               options->seconds_left, world);
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
  free_groups(&s);
  ls_packing_free(&s.whole);
  ls_packing_free(&s.left);
  stopping_destroy(&s.stopping);
  summary->seconds = ls_clock_seconds() - start;
  return status != LS_OK ? ls_fail(status, "%s", why) : ls_group_agree(world, closed);
}
