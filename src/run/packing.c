/* Packing of trials onto ranks: the model of a step, then the packing of a job. */
#include "run/packing.h"

#include "base/memory.h"
#include "base/partition.h"
#include "base/print.h"
#include "comm/reduce.h"
#include "data/fit.h"
#include "data/records.h"
#include "lockstep/error.h"
#include "lockstep/optimizer.h"
#include "store/checkpoint/model_file.h"
#include "trial/reported.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Samples of a shard from which on the statistics of batch normalization are taken for good. */
enum { ENOUGH_SAMPLES = 16 };

/* Constants of the model, measured once on a current server core: only their ratios matter. */
static const double half_speed_rows = 12;     /* batch rows at which products run at half speed */
static const double seconds_per_layer = 3e-6; /* of one shard, forward and backward */
static const double seconds_per_input = 0.15e-9; /* converting one stored number */
static const double seconds_per_update = 0.2e-9; /* one weight */
static const double seconds_per_sum = 0.15e-9;   /* adding one gradient of another rank */
static const double seconds_per_barrier = 2e-6;
/* MPI, HDF5 and BLAS: their data, and their code, which the ranks of a node share. */
static const double program_bytes = 11 << 20, library_bytes = 14 << 20;

/* Seconds of forward (and backward) of `rows` samples. */
static double pass_seconds(const ls_plan *plan, double rows, bool backward) {
  const ls_model *model = plan->model;
  double flops = model->flops;
  for (size_t i = 0, learnt = 0; backward && i < model->layer_count; i++) {
    /* Two more products: for the parameters, and for the input if a layer below is trained. */
    flops += model->layers[i].flops * (learnt > 0 ? 2 : 1);
    learnt += model->layers[i].param_count;
  }
  double speed = LS_ASSUMED_SPEED * rows / (rows + half_speed_rows);
  return flops * rows / speed + seconds_per_layer * (double)model->layer_count +
         seconds_per_input * rows * (double)ls_shape_size(&model->input);
}

/* Samples of a minibatch that a rank has at most. */
static size_t rank_samples(const ls_plan *plan, size_t ranks) {
  const ls_layout layout = ls_plan_train_layout(plan, plan->shards, ranks);
  return ls_layout_largest_rank(&layout);
}

double ls_estimate_trial(const ls_plan *plan, size_t ranks) {
  double params = (double)plan->model->param_count;
  double step = pass_seconds(plan, (double)rank_samples(plan, ranks), true);
  step += params * seconds_per_update / (double)ranks;
  if (ranks > 1) {
    step +=
        2 * seconds_per_barrier + params * seconds_per_sum * (double)(ranks - 1) / (double)ranks;
  }
  ls_layout validation = ls_plan_evaluation_layout(plan->split.validation_count, ranks);
  double piece = (double)ls_partition_largest(plan->split.validation_count, validation.shards);
  double validate =
      (double)ls_partition_largest(validation.shards, ranks) * pass_seconds(plan, piece, false);
  return (double)plan->epochs * ((double)plan->steps * step + validate);
}

double ls_estimate_shared(const ls_plan *plan, size_t ranks) {
  double samples = (double)plan->dataset->count[LS_TRAIN];
  if (ls_plan_uses(plan, LS_TEST)) samples += (double)plan->dataset->count[LS_TEST];
  return (double)ls_reducer_bytes(plan->model->param_count, plan->shards, ranks) +
         samples / (double)ranks * (double)plan->dataset->record_bytes;
}

double ls_estimate_memory(const ls_plan *plan, size_t ranks) {
  const ls_choice *optimizer = &plan->recipe.train.optimizer;
  size_t shards = plan->shards, own = ls_partition_largest(shards, ranks);
  size_t slots = ((const ls_optimizer_type *)optimizer->type)->slots(optimizer->args);
  double bytes =
      (double)ls_workspace_bytes(plan->model, ls_plan_capacity(plan, shards, ranks), own);
  bytes += ls_estimate_shared(plan, ranks);
  /* Slots, and weights and slots of the best epoch. */
  bytes +=
      (double)(2 * slots + 1) * (double)plan->model->param_count * sizeof(ls_real) / (double)ranks;
  /* The order of an epoch and the split on every rank, rows and numbers of its own samples. */
  double positions = (double)(plan->split.train_count + plan->split.validation_count);
  bytes += program_bytes + library_bytes / (double)ranks;
  bytes += ls_transforms_fit_bytes(plan->transforms, ranks);
  return bytes + positions * 2 * sizeof(uint32_t) +
         positions / (double)ranks * (sizeof(void *) + sizeof(uint32_t));
}

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

/* All trials' estimates for each number of ranks, [ranks][trial]. */
typedef struct estimates {
  size_t ranks, trials;
  double *seconds, *memory, *shared;
  size_t most_ranks;    /* that `auto` gives to a trial */
  size_t shard_samples; /* the fewest whose statistics are used; SIZE_MAX: there are no such */
  bool reads_weights;   /* see ls_packing */
  bool uses_blas;
} estimates;

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
static void bound_ranks(estimates *e, const ls_plan *plan) {
  e->most_ranks = smaller(e->most_ranks, smaller(plan->shards, plan->batch));
  if (uses_shards_statistics(plan)) {
    e->shard_samples = smaller(e->shard_samples, plan->batch / plan->shards);
  }
}

/* Sets the samples per shard under batch normalization; LS_INVALID if they have no variance. */
static int check_statistics(ls_packing *p, const estimates *e, const ls_job *job) {
  p->shard_samples = e->shard_samples;
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

static void copy_estimates(estimates *e, size_t from, size_t to) {
  for (size_t r = 0; r < e->ranks; r++) {
    e->seconds[r * e->trials + to] = e->seconds[r * e->trials + from];
    e->memory[r * e->trials + to] = e->memory[r * e->trials + from];
  }
}

static int estimate_all(estimates *e, ls_packing *p, const ls_job *job, size_t *longest) {
  ls_plan *first = NULL;
  int status = LS_OK;
  *longest = 0;
  for (size_t trial = 0; trial < e->trials && status == LS_OK; trial++) {
    ls_plan *plan = NULL;
    const size_t model_of = first_replicate(job, trial);
    if (model_of < trial) {
      copy_estimates(e, model_of, trial);
      continue;
    }
    status = ls_plan_create_beside(&plan, job, trial, first);
    if (status != LS_OK) break;
    if (first && !same_curves(plan, first)) {
      status = ls_job_fail(job, "train", "metrics", "must be the same in all trials of a sweep");
    }
    if (status == LS_OK && !first) status = ls_schedule_create(&p->schedule, job, plan);
    if (status == LS_OK && first && !ls_schedule_fits(&p->schedule, job, plan)) {
      status = ls_job_fail(job, "search", NULL,
                           "its arguments and train.epochs must be the same in all trials");
    }
    if (status == LS_OK) status = add_dataset(p, plan, trial);
    if (status == LS_OK && !first) status = check_reported(job, plan);
    if (status == LS_OK)
      status = ls_architectures_add(&p->architectures, job, trial, replicates_of(job), plan);
    if (status == LS_OK) status = ls_warnings_add(&p->warnings, job, trial, plan);
    e->reads_weights |= ls_model_file_wanted(plan->model);
    e->uses_blas |= ls_plan_uses_blas(plan);
    bound_ranks(e, plan);
    if (plan->epochs > *longest) *longest = plan->epochs;
    for (size_t r = 0; r < e->ranks; r++) {
      e->seconds[r * e->trials + trial] = ls_estimate_trial(plan, r + 1);
      e->memory[r * e->trials + trial] = ls_estimate_memory(plan, r + 1);
      e->shared[r * e->trials + trial] = ls_estimate_shared(plan, r + 1);
    }
    if (!first) {
      first = plan;
    } else {
      ls_plan_free(&plan);
    }
  }
  ls_plan_free(&first);
  ls_warnings_finish(&p->warnings);
  return status;
}

/* Packs with a given number of ranks per trial; `sorted` is scratch space. */
static void pack(ls_packing *p, const estimates *e, size_t ranks_per_trial, const ls_slice *slice,
                 const double *work, timed_trial *sorted, double *scratch) {
  const double *seconds = e->seconds + (ranks_per_trial - 1) * e->trials;
  const double *memory = e->memory + (ranks_per_trial - 1) * e->trials;
  const double *shared = e->shared + (ranks_per_trial - 1) * e->trials;
  p->ranks_per_trial = ranks_per_trial;
  p->groups = e->ranks / ranks_per_trial;
  p->idle_ranks = e->ranks % ranks_per_trial;
  p->count = 0;
  p->work = p->memory = p->shared = 0;
  for (size_t t = 0; t < e->trials; t++) {
    p->seconds[t] = seconds[t];
    if (memory[t] > p->memory) p->memory = memory[t];
    if (shared[t] > p->shared && ranks_per_trial > 1) p->shared = shared[t];
    double left = seconds[t] * (work ? work[t] : 1);
    if (!ls_slice_has(slice, t) || left == 0) continue;
    sorted[p->count++] = (timed_trial){t, left};
    p->work += left;
  }
  qsort(sorted, p->count, sizeof *sorted, by_length);
  for (size_t i = 0; i < p->count; i++) {
    p->order[i] = sorted[i].trial;
    scratch[e->ranks + i] = sorted[i].seconds;
  }
  p->makespan = ls_makespan(scratch + e->ranks, p->count, p->groups, scratch);
}

int ls_packing_create(ls_packing *p, const ls_job *job, size_t ranks, size_t ranks_per_trial,
                      const ls_slice *slice, const double *work, size_t *longest) {
  *p = (ls_packing){0};
  size_t trials = ls_job_trials(job), wanted = ranks_per_trial;
  if (wanted == 0) wanted = (size_t)ls_job_ranks_per_trial(job);
  if (wanted > ranks) {
    return ls_job_fail(job, "sweep", "ranks_per_trial", "%zu are more than the %zu ranks there are",
                       wanted, ranks);
  }
  estimates e = {ranks,
                 trials,
                 ls_new(ranks * trials, sizeof(double)),
                 ls_new(ranks * trials, sizeof(double)),
                 ls_new(ranks * trials, sizeof(double)),
                 .most_ranks = ranks,
                 .shard_samples = SIZE_MAX};
  timed_trial *sorted = ls_new(trials, sizeof *sorted);
  double *scratch = ls_new(ranks + trials, sizeof *scratch);
  p->order = ls_new(trials, sizeof *p->order);
  p->seconds = ls_new(trials, sizeof *p->seconds);
  bool ready = e.seconds && e.memory && e.shared && sorted && scratch && p->order && p->seconds;
  int status = ready ? estimate_all(&e, p, job, longest) : LS_FAILED;
  if (status == LS_OK && p->schedule.rungs > 0 && slice->count > 0) {
    status = ls_job_fail(job, "search", NULL, "can't be run in slices, as it compares all points");
  }
  if (status == LS_OK && wanted > 0) {
    pack(p, &e, wanted, slice, work, sorted, scratch);
  } else if (status == LS_OK) {
    size_t best = 0;
    double soonest = 0;
    for (size_t n = 1; n <= e.most_ranks; n++) {
      /* Chosen for the whole slice, so that a resumed one is packed as before. */
      pack(p, &e, n, slice, NULL, sorted, scratch);
      if (best == 0 || p->makespan < soonest) {
        best = n;
        soonest = p->makespan;
      }
    }
    pack(p, &e, best, slice, work, sorted, scratch);
  }
  if (status == LS_OK) status = check_statistics(p, &e, job);
  if (status == LS_OK && !work && p->schedule.rungs > 0) {
    p->work *= ls_schedule_fraction(&p->schedule);
    p->makespan *= ls_schedule_fraction(&p->schedule);
  }
  p->most_ranks = e.most_ranks;
  p->reads_weights = e.reads_weights;
  p->uses_blas = e.uses_blas;
  free(e.seconds);
  free(e.memory);
  free(e.shared);
  free(sorted);
  free(scratch);
  if (status != LS_OK) ls_packing_free(p);
  return status;
}

int ls_packing_broadcast(ls_packing *p, size_t trials, const ls_group *world) {
  if (world->rank != 0) {
    p->order = ls_new(trials, sizeof *p->order);
    p->seconds = ls_new(trials, sizeof *p->seconds);
  }
  int status = ls_group_agree(world, p->order && p->seconds ? LS_OK : LS_FAILED);
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
  free(p->order);
  free(p->seconds);
  *p = (ls_packing){0};
}
