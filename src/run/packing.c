/* Packing a job: the plan of every trial is made once, to check it and to estimate what it costs;
 * then trials are packed by these costs, as often as needed. */
#include "run/packing.h"

#include "base/memory.h"
#include "base/print.h"
#include "data/records.h"
#include "lockstep/error.h"
#include "store/checkpoint/model_file.h"
#include "trial/plan_list.h"
#include "trial/reported.h"

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Samples of a shard from which on the statistics of batch normalization are taken for good. */
enum { ENOUGH_SAMPLES = 16 };

double ls_makespan(const double *seconds, size_t count, size_t groups, double *free_at) {
  double end = 0;
  for (size_t g = 0; g < groups; g++) free_at[g] = 0;
  for (size_t i = 0; i < count; i++) {
    size_t first = 0;
    for (size_t g = 1; g < groups; g++) {
      if (free_at[g] < free_at[first]) first = g;
    }
    free_at[first] += seconds[i];
    if (free_at[first] > end) end = free_at[first];
  }
  return end;
}

bool ls_slice_has(const ls_slice *slice, size_t trial) {
  return slice->count == 0 || trial % slice->count == slice->index;
}

/* ---- Packing a job --------------------------------------------------------------------------- */

typedef struct timed_trial {
  size_t trial;
  double seconds;
} timed_trial;

static int by_length(const void *a, const void *b) {
  const timed_trial *x = a, *y = b;
  if (x->seconds != y->seconds) return x->seconds > y->seconds ? -1 : 1;
  return x->trial < y->trial ? -1 : x->trial > y->trial;
}

static bool same_curves(const ls_plan *plan, const ls_plan *other) {
  if (plan->curve_count != other->curve_count) return false;
  for (size_t i = 0; i < plan->curve_count; i++) {
    if (strcmp(plan->curves[i].name, other->curves[i].name) != 0) return false;
  }
  return true;
}

/* Whether a layer uses the statistics of each shard's samples. */
static bool uses_shards_statistics(const ls_plan *plan) {
  bool found = false;
  for (size_t i = 0; i < plan->model->layer_count; i++) {
    found |= plan->model->layers[i].by_shard && ls_layer_learns(&plan->model->layers[i]);
  }
  return found;
}

static size_t smaller(size_t a, size_t b) {
  return a < b ? a : b;
}

/* Takes a trial's bounds on the ranks per trial into account: each rank has a sample of every full
 * minibatch. */
static void bound_ranks(ls_packing *p, const ls_plan *plan) {
  p->most_ranks = smaller(p->most_ranks, smaller(plan->shards, plan->batch));
  if (uses_shards_statistics(plan)) {
    p->shard_samples = smaller(p->shard_samples, plan->batch / plan->shards);
  }
}

/* LS_INVALID if the samples of a shard under batch normalization have no variance. */
static int check_statistics(const ls_packing *p, const ls_job *job) {
  if (p->shard_samples >= 2) return LS_OK;
  return ls_job_fail(job, "train", "shards",
                     "batch normalization would use the statistics of %zu samples of a shard "
                     "(expected at least 2: a larger batch_size, fewer shards, or "
                     "`synchronized: true`)",
                     p->shard_samples);
}

void ls_packing_warn(const ls_packing *p) {
  ls_warnings_print(&p->warnings);
  if (p->ranks_per_trial > p->most_ranks) {
    ls_print(stderr,
             "lockstep: warning: with %zu ranks per trial some have no samples, as a minibatch has "
             "only %zu %s (expected fewer ranks_per_trial, or more train.shards)\n",
             p->ranks_per_trial, p->most_ranks, p->most_ranks == 1 ? "shard" : "shards");
  }
  if (p->shard_samples >= ENOUGH_SAMPLES) return;
  ls_print(stderr,
           "lockstep: warning: batch normalization uses the statistics of only %zu samples, those "
           "of a shard (expected %d or more: a larger batch_size, fewer shards, or `synchronized: "
           "true`)\n",
           p->shard_samples, ENOUGH_SAMPLES);
}

/* Adds the trial's dataset to the list and checks its targets, once for each dataset. */
static int add_dataset(ls_packing *p, const ls_plan *plan, size_t trial) {
  bool added;
  int status = ls_dataset_list_add(&p->datasets, plan, trial, &added);
  return status == LS_OK && added ? ls_dataset_check_labels(plan->dataset) : status;
}

/* Checks what the job says was reported elsewhere. */
static int check_reported(const ls_job *job, const ls_plan *plan) {
  ls_reported *reported = NULL;
  int status = ls_reported_create(&reported, job, plan);
  ls_reported_free(&reported);
  return status;
}

static size_t replicates_of(const ls_job *job) {
  size_t folds = ls_job_folds(job) > 0 ? ls_job_folds(job) : 1;
  return ls_job_trials(job) / ls_job_points(job) / folds;
}

/* The first replicate of the trial: only their seeds differ. */
static size_t first_replicate(const ls_job *job, size_t trial) {
  size_t folds = ls_job_folds(job) > 0 ? ls_job_folds(job) : 1;
  return trial - ls_job_replicate(job, trial) * folds;
}

/* Raises the memory of a rank to that of a trial, for each number of ranks that a trial may get:
 * `fixed`, or if that is 0 any up to the most. `memory`, `shared` [ranks per trial - 1]. */
static void add_memory(const ls_packing *p, const ls_plan *plan, size_t fixed, double *memory,
                       double *shared) {
  const size_t first = fixed > 0 ? fixed : 1, last = fixed > 0 ? fixed : p->most_ranks;
  for (size_t n = first; n <= last; n++) {
    double all = ls_estimate_memory(plan, n), part = n > 1 ? ls_estimate_shared(plan, n) : 0;
    if (all > memory[n - 1]) memory[n - 1] = all;
    if (part > shared[n - 1]) shared[n - 1] = part;
  }
}

/* What has to be the same in all trials; `first` is the plan of the first one. */
static int compare_plans(const ls_packing *p, const ls_job *job, const ls_plan *plan,
                         const ls_plan *first) {
  if (!same_curves(plan, first)) {
    return ls_job_fail(job, "train", "metrics", "must be the same in all trials of a sweep");
  }
  if (ls_schedule_fits(&p->schedule, job, plan)) return LS_OK;
  return ls_job_fail(job, "search", NULL,
                     "its arguments and train.epochs must be the same in all trials");
}

/* Takes a trial's plan into account; `first` is NULL for the first one. */
static int add_plan(ls_packing *p, const ls_job *job, const ls_plan *plan, const ls_plan *first) {
  const size_t trial = plan->trial;
  int status = first ? compare_plans(p, job, plan, first) : LS_OK;
  if (status == LS_OK && !first) status = ls_schedule_create(&p->schedule, job, plan);
  if (status == LS_OK) status = add_dataset(p, plan, trial);
  if (status == LS_OK && !first) status = check_reported(job, plan);
  if (status == LS_OK) {
    status = ls_architectures_add(&p->architectures, job, trial, replicates_of(job), plan);
  }
  if (status == LS_OK) status = ls_warnings_add(&p->warnings, job, trial, plan);
  p->reads_weights |= ls_model_file_wanted(plan->model);
  p->shuffles_blocks |= ls_plan_shuffles_blocks(plan);
  p->uses_blas |= ls_plan_uses_blas(plan);
  p->uses_bfloat16 |= plan->recipe.train.precision == LS_PRECISION_BFLOAT16;
  p->costs[trial] = ls_trial_cost_of(plan);
  bound_ranks(p, plan);
  if (plan->epochs > p->longest) p->longest = plan->epochs;
  return status;
}

/* Plans every trial that is not the replicate of another one. */
static int plan_all(ls_packing *p, const ls_job *job, size_t fixed, double *memory,
                    double *shared) {
  ls_plan_list plans = {.most = LS_MOST_KEPT_PLANS};
  int status = LS_OK;
  for (size_t trial = 0; trial < p->trials && status == LS_OK; trial++) {
    ls_plan *plan = NULL;
    const size_t model_of = first_replicate(job, trial);
    p->costs[trial] = p->costs[model_of];
    if (model_of < trial) continue;
    status = ls_plan_list_create(&plans, &plan, job, trial);
    if (status == LS_OK) status = add_plan(p, job, plan, trial > 0 ? plans.kept[0] : NULL);
    if (status == LS_OK) add_memory(p, plan, fixed, memory, shared);
    ls_plan_list_release(&plans, &plan);
  }
  ls_plan_list_free(&plans);
  ls_warnings_finish(&p->warnings);
  return status == LS_OK ? check_statistics(p, job) : status;
}

/* Scratch space of packing. */
typedef struct packing_space {
  timed_trial *sorted;       /* [trial] */
  double *seconds, *free_at; /* [trial], sorted; [rank] */
} packing_space;

/* Packs with a given number of ranks per trial. */
static void pack(ls_packing *p, const ls_trial_cost *costs, size_t ranks_per_trial,
                 const ls_slice *slice, const double *work, const packing_space *space) {
  p->ranks_per_trial = ranks_per_trial;
  p->groups = p->ranks / ranks_per_trial;
  p->idle_ranks = p->ranks % ranks_per_trial;
  p->count = 0;
  p->work = 0;
  for (size_t t = 0; t < p->trials; t++) {
    p->seconds[t] = ls_trial_cost_seconds(&costs[t], ranks_per_trial);
    double left = p->seconds[t] * (work ? work[t] : 1);
    if (!ls_slice_has(slice, t) || left == 0) continue;
    space->sorted[p->count++] = (timed_trial){t, left};
    p->work += left;
  }
  qsort(space->sorted, p->count, sizeof *space->sorted, by_length);
  for (size_t i = 0; i < p->count; i++) {
    p->order[i] = space->sorted[i].trial;
    space->seconds[i] = space->sorted[i].seconds;
  }
  p->makespan = ls_makespan(space->seconds, p->count, p->groups, space->free_at);
}

/* Chosen for the whole slice, so that a resumed one is packed as before. */
static size_t choose_ranks_per_trial(ls_packing *p, const ls_trial_cost *costs,
                                     const ls_slice *slice, const packing_space *space) {
  size_t best = 0;
  double soonest = 0;
  for (size_t n = 1; n <= p->most_ranks; n++) {
    pack(p, costs, n, slice, NULL, space);
    if (best == 0 || p->makespan < soonest) {
      best = n;
      soonest = p->makespan;
    }
  }
  return best;
}

/* Packs by the costs [trial]. `wanted` 0: chooses the ranks per trial. */
static int pack_by_costs(ls_packing *p, const ls_trial_cost *costs, size_t wanted,
                         const ls_slice *slice, const double *work) {
  const packing_space space = {ls_new(p->trials, sizeof *space.sorted),
                               ls_new(p->trials, sizeof *space.seconds),
                               ls_new(p->ranks, sizeof *space.free_at)};
  int status = space.sorted && space.seconds && space.free_at ? LS_OK : LS_FAILED;
  if (status == LS_OK && wanted == 0) wanted = choose_ranks_per_trial(p, costs, slice, &space);
  if (status == LS_OK) pack(p, costs, wanted, slice, work, &space);
  free(space.sorted);
  free(space.seconds);
  free(space.free_at);
  return status;
}

/* Of what the search will train. */
static void reduce_to_search(ls_packing *p) {
  if (p->schedule.rungs == 0) return;
  p->work *= ls_schedule_fraction(&p->schedule);
  p->makespan *= ls_schedule_fraction(&p->schedule);
}

/* Allocates what is packed, unless it is there. */
static int allocate(ls_packing *p) {
  if (!p->order) p->order = ls_new(p->trials, sizeof *p->order);
  if (!p->seconds) p->seconds = ls_new(p->trials, sizeof *p->seconds);
  return p->order && p->seconds ? LS_OK : LS_FAILED;
}

static int create(ls_packing *p, const ls_job *job, const ls_slice *slice, size_t fixed) {
  double *memory = ls_new(p->ranks, sizeof *memory), *shared = ls_new(p->ranks, sizeof *shared);
  p->costs = ls_new(p->trials, sizeof *p->costs);
  int status = memory && shared && p->costs ? allocate(p) : LS_FAILED;
  if (status == LS_OK) status = plan_all(p, job, fixed, memory, shared);
  if (status == LS_OK && p->schedule.rungs > 0 && slice->count > 0) {
    status = ls_job_fail(job, "search", NULL, "can't be run in slices, as it compares all points");
  }
  if (status == LS_OK) status = pack_by_costs(p, p->costs, fixed, slice, NULL);
  if (status == LS_OK) {
    reduce_to_search(p);
    p->memory = memory[p->ranks_per_trial - 1];
    p->shared = shared[p->ranks_per_trial - 1];
  }
  free(memory);
  free(shared);
  return status;
}

int ls_packing_create(ls_packing *p, const ls_job *job, size_t ranks, size_t ranks_per_trial,
                      const ls_slice *slice) {
  const size_t fixed = ranks_per_trial > 0 ? ranks_per_trial : (size_t)ls_job_ranks_per_trial(job);
  *p = (ls_packing){
      .ranks = ranks, .trials = ls_job_trials(job), .most_ranks = ranks, .shard_samples = SIZE_MAX};
  if (fixed > ranks) {
    return ls_job_fail(job, "sweep", "ranks_per_trial", "%zu are more than the %zu ranks there are",
                       fixed, ranks);
  }
  if (ls_job_varies(job, "keep_models")) {
    return ls_job_fail(job, "keep_models", NULL, "must be the same in all trials of a sweep");
  }
  int status = create(p, job, slice, fixed);
  if (status != LS_OK) ls_packing_free(p);
  return status;
}

int ls_packing_repeat(ls_packing *p, const ls_packing *planned, const ls_job *job,
                      size_t ranks_per_trial, const ls_slice *slice, const double *work) {
  const size_t wanted = ranks_per_trial > 0 ? ranks_per_trial : (size_t)ls_job_ranks_per_trial(job);
  if (p != planned) memcpy(p, planned, offsetof(ls_packing, order));
  int status = allocate(p);
  return status == LS_OK ? pack_by_costs(p, planned->costs, wanted, slice, work) : status;
}

int ls_packing_broadcast(ls_packing *p, size_t trials, const ls_group *world) {
  p->trials = trials;
  int status = ls_group_agree(world, allocate(p));
  if (status == LS_OK) status = ls_group_broadcast(world, p, offsetof(ls_packing, order), 0);
  if (status == LS_OK) {
    status = ls_group_broadcast(world, p->order, trials * sizeof *p->order, 0);
  }
  if (status != LS_OK) return status;
  return ls_group_broadcast(world, p->seconds, trials * sizeof *p->seconds, 0);
}

void ls_packing_free(ls_packing *p) {
  ls_architectures_free(&p->architectures);
  ls_warnings_free(&p->warnings);
  ls_dataset_list_free(&p->datasets);
  free(p->costs);
  free(p->order);
  free(p->seconds);
  *p = (ls_packing){0};
}
