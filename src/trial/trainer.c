/* One epoch of training and one validation: batches through the model, gradients through the
 * reducer, sums of losses and metrics through a fixed order. */
#include "trial/trainer.h"

#include "base/activity.h"
#include "base/memory.h"
#include "base/partition.h"
#include "data/fit.h"
#include "lockstep/error.h"
#include "lockstep/random.h"
#include "store/checkpoint/model_file.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- Making and releasing ----------------------------------------------------------------------
 */

static int allocate_sums(trainer *t) {
  size_t metrics = t->plan->model->measure_count;
  t->block_count = (t->plan->model->param_count + LS_BLOCK - 1) / LS_BLOCK;
  t->sum_count = t->shards * metrics + t->block_count;
  t->sums = ls_new(t->sum_count, sizeof *t->sums);
  t->order = ls_new(t->plan->split.train_count, sizeof *t->order);
  if (!t->sums || !t->order) return LS_FAILED;
  t->penalty_sums = t->sums + t->shards * metrics;
  return LS_OK;
}

static int create_evaluation(const trainer *t, evaluation *e, ls_pool *pool, size_t samples) {
  ls_layout layout = ls_plan_evaluation_layout(samples, (size_t)t->group->size);
  e->samples = samples;
  e->piece_count = layout.shards;
  e->sums = ls_new(e->piece_count * t->plan->model->measure_count, sizeof *e->sums);
  return e->sums ? ls_feed_create(&e->feed, pool, &layout, t->transforms) : LS_FAILED;
}

/* An ls_ready. */
static void send_ready(void *context, size_t first) {
  trainer *t = context;
  profile_lap(&t->profile, PROFILE_LAYERS);
  ls_reducer_ready(t->reducer, first);
  profile_lap(&t->profile, PROFILE_UPDATE);
}

/* Everything that only this rank allocates. */
static int create_local(trainer *t, ls_pool *const *pools) {
  const ls_plan *plan = t->plan;
  ls_layout train = ls_plan_train_layout(plan, t->shards, (size_t)t->group->size);
  int status = ls_workspace_create(&t->workspace, plan->model, ls_plan_capacity(plan, t->shards));
  if (status == LS_OK) {
    status = ls_transforms_create(&t->transforms, &plan->recipe.dataset.transform,
                                  &plan->dataset->shape, plan->split.train_count);
  }
  if (status == LS_OK) {
    status = ls_feed_create(&t->train_feed, pools[LS_TRAIN], &train, t->transforms);
  }
  if (status == LS_OK) {
    ls_pool *pool = pools[plan->split.validation_part];
    status = create_evaluation(t, &t->validation, pool, plan->split.validation_count);
  }
  if (status == LS_OK && plan->split.test_count > 0) {
    status = create_evaluation(t, &t->test, pools[LS_TEST], plan->split.test_count);
  }
  if (status == LS_OK) status = allocate_sums(t);
  if (status == LS_OK && t->watch->profile) status = profile_create(&t->profile, plan->model);
  if (status != LS_OK) return status;
  ls_workspace_measure(t->workspace, t->profile.layers);
  ls_workspace_watch(t->workspace, send_ready, t);
  return status;
}

/* Collective: the initial weights, from the seed or from files. */
static int start_weights(trainer *t) {
  int status = LS_OK;
  if (t->group->rank == 0) {
    ls_real *weights = ls_reducer_weights(t->reducer);
    ls_model_initialize(t->plan->model, t->plan->seed, weights);
    status = ls_model_file_read_layers(t->plan->model, weights);
  }
  status = ls_group_agree(t->group, status);
  return status == LS_OK ? ls_reducer_broadcast(t->reducer) : status;
}

int trainer_create(trainer *t, const ls_plan *plan, size_t shards, const ls_group *group,
                   ls_pool *const *pools, const ls_watch *watch) {
  ls_activity_phase(LS_PHASE_PREPARING, 0, 0);
  *t = (trainer){.plan = plan, .group = group, .watch = watch, .shards = shards};
  t->plateau = (plateau){.args = &plan->recipe.train.reduce_lr_on_plateau,
                         .higher = plan->plateau_higher,
                         .state = {.scale = 1}};
  int status = ls_reducer_create(&t->reducer, group, plan->model->param_count, shards,
                                 (ls_reduction)plan->recipe.train.reduction);
  if (status == LS_OK) status = updater_create(&t->updater, plan, group, t->reducer);
  if (status == LS_OK) status = ls_group_agree(group, create_local(t, pools));
  if (status == LS_OK) {
    status = ls_transforms_fit(t->transforms, pools[LS_TRAIN], plan->split.train,
                               plan->split.train_count);
  }
  if (status == LS_OK) status = ls_feed_start(t->validation.feed, plan->split.validation);
  if (status == LS_OK && t->test.feed) status = ls_feed_start(t->test.feed, plan->split.test);
  if (status == LS_OK) status = start_weights(t);
  if (status != LS_OK) trainer_destroy(t);
  return status;
}

void trainer_destroy(trainer *t) {
  ls_feed_free(&t->train_feed);
  ls_feed_free(&t->validation.feed);
  ls_feed_free(&t->test.feed);
  ls_transforms_free(&t->transforms);
  ls_workspace_free(&t->workspace);
  updater_destroy(&t->updater);
  free(t->sums);
  free(t->validation.sums);
  free(t->test.sums);
  free(t->order);
  profile_destroy(&t->profile);
  ls_reducer_free(&t->reducer);
}

/* ---- One step ----------------------------------------------------------------------------------
 */

/* Fills the workspace's batch with the samples of a shard (or piece) at a step. */
static void read_batch(const trainer *t, const ls_feed *feed, size_t step, size_t shard) {
  const ls_plan *plan = t->plan;
  ls_batch *batch = ls_workspace_batch(t->workspace);
  ls_feed_target targets[LS_MAX_HEADS];
  size_t count = 0;
  for (size_t h = 0; h < plan->model->head_count; h++) {
    if (plan->heads[h].target.input) continue;
    targets[count++] = (ls_feed_target){plan->head_target[h], batch->labels[h], batch->values[h]};
  }
  batch->n = ls_feed_read(feed, step, shard, batch->x, batch->ids, targets, count);
}

/* Forward and backward of one shard; returns the sum of its losses. */
static double train_shard(trainer *t, size_t epoch, size_t step, size_t shard) {
  const ls_model *model = t->plan->model;
  const ls_real *weights = ls_reducer_weights(t->reducer);
  ls_batch *batch = ls_workspace_batch(t->workspace);
  ls_activity_progress();
  read_batch(t, t->train_feed, step, shard);
  profile_lap(&t->profile, PROFILE_READ);
  if (batch->n == 0) {
    ls_reducer_add(t->reducer, true);
    return 0;
  }
  double *sums = t->sums + shard * model->measure_count;
  ls_model_forward(model, t->workspace, weights, true, t->plan->seed, (uint32_t)epoch);
  ls_model_measure(model, t->workspace, sums);
  double loss = ls_model_backward(model, t->workspace, weights, (ls_real)(1 / t->step_samples),
                                  ls_reducer_gradient(t->reducer), sums);
  profile_lap(&t->profile, PROFILE_LAYERS);
  ls_reducer_add(t->reducer, false);
  profile_lap(&t->profile, PROFILE_UPDATE);
  return loss;
}

double trainer_scheduled_rate(const trainer *t, size_t epoch, size_t step) {
  const ls_optimizer_args *optimizer = t->plan->recipe.train.optimizer.args;
  return ls_schedule_rate(&optimizer->learning_rate, (int64_t)(epoch * t->plan->steps + step),
                          (int64_t)(t->plan->epochs * t->plan->steps));
}

int trainer_step(trainer *t, size_t epoch, size_t step, uint32_t *word) {
  ls_layout layout = ls_plan_train_layout(t->plan, t->shards, (size_t)t->group->size);
  t->step_samples = (double)ls_layout_batch(&layout, step);
  double rate = plateau_rate(&t->plateau, trainer_scheduled_rate(t, epoch, step));
  size_t first, end, samples = 0;
  double loss = 0;
  const double waited = ls_reducer_waited(t->reducer);
  ls_activity_phase(LS_PHASE_TRAINING, epoch, step);
  ls_reducer_shards(t->reducer, &first, &end);
  profile_begin(&t->profile);
  int status = updater_begin(&t->updater, rate, (size_t)t->step_samples, t->penalty_sums);
  if (status != LS_OK) return status;
  for (size_t shard = first; shard < end; shard++) {
    loss += train_shard(t, epoch, step, shard);
    samples += ls_workspace_batch(t->workspace)->n;
  }
  if (!isfinite(loss)) *word |= STATUS_NOT_FINITE;
  if (t->watch->stop(t->watch->context)) *word |= STATUS_STOP;
  status = updater_end(&t->updater, word);
  profile_lap(&t->profile, PROFILE_UPDATE);
  profile_move(&t->profile, PROFILE_UPDATE, PROFILE_WAIT, ls_reducer_waited(t->reducer) - waited);
  t->profile.steps++;
  t->profile.samples += samples;
  if (samples > 0) {
    t->watch->step(t->watch->context, epoch, step, loss / (double)samples);
  }
  return status;
}

/* ---- Epochs ------------------------------------------------------------------------------------
 */

/* Totals of [row][metric] sums over rows, in the order of rows, divided by the samples. */
static void means_of(const double *sums, size_t rows, size_t metrics, size_t samples,
                     double *means) {
  for (size_t k = 0; k < metrics; k++) {
    double total = 0;
    for (size_t row = 0; row < rows; row++) total += sums[row * metrics + k];
    means[k] = total / (double)samples;
  }
}

static void shuffle(trainer *t, size_t epoch) {
  const ls_split *split = &t->plan->split;
  ls_stream stream = {t->plan->seed, LS_RANDOM_SHUFFLE, (uint32_t)epoch, 0, 0};
  ls_random_permutation(stream, split->train_count, t->order);
  for (size_t i = 0; i < split->train_count; i++) t->order[i] = split->train[t->order[i]];
}

int trainer_begin_epoch(trainer *t, size_t epoch) {
  ls_activity_phase(LS_PHASE_SHUFFLING, epoch, 0);
  shuffle(t, epoch);
  return ls_feed_start(t->train_feed, t->order);
}

int trainer_end_epoch(trainer *t, double *means) {
  const ls_plan *plan = t->plan;
  int status = ls_group_sum(t->group, t->sums, t->sum_count);
  if (status != LS_OK) return status;
  means_of(t->sums, t->shards, plan->model->measure_count, plan->split.train_count, means);
  double penalty = 0;
  for (size_t b = 0; b < t->block_count; b++) penalty += t->penalty_sums[b];
  means[0] += penalty / (double)plan->split.train_count;
  return LS_OK;
}

void trainer_clear_sums(trainer *t) {
  memset(t->sums, 0, t->sum_count * sizeof *t->sums);
}

int trainer_total_sums(const trainer *t, double *totals) {
  memcpy(totals, t->sums, t->sum_count * sizeof *totals);
  return ls_group_sum(t->group, totals, t->sum_count);
}

void trainer_take_sums(trainer *t, const double *totals) {
  size_t measures = t->plan->model->measure_count, first, end;
  const double *penalties = totals + t->shards * measures;
  trainer_clear_sums(t);
  ls_reducer_shards(t->reducer, &first, &end);
  memcpy(t->sums + first * measures, totals + first * measures,
         (end - first) * measures * sizeof *totals);
  for (size_t block = 0; block < t->block_count; block++) {
    if (ls_reducer_counts(t->reducer, block * LS_BLOCK)) t->penalty_sums[block] = penalties[block];
  }
}

int trainer_evaluate(trainer *t, evaluation *e, double *means) {
  const ls_model *model = t->plan->model;
  const ls_real *weights = ls_reducer_weights(t->reducer);
  size_t ranks = (size_t)t->group->size, rank = (size_t)t->group->rank;
  size_t end = ls_partition_begin(e->piece_count, ranks, rank + 1), measures = model->measure_count;
  memset(e->sums, 0, e->piece_count * measures * sizeof *e->sums);
  for (size_t piece = ls_partition_begin(e->piece_count, ranks, rank); piece < end; piece++) {
    double *sums = e->sums + piece * measures;
    ls_activity_progress();
    read_batch(t, e->feed, 0, piece);
    ls_model_forward(model, t->workspace, weights, false, 0, 0);
    ls_model_measure(model, t->workspace, sums);
    ls_model_loss(model, t->workspace, sums);
  }
  int status = ls_group_sum(t->group, e->sums, e->piece_count * measures);
  if (status != LS_OK) return status;
  means_of(e->sums, e->piece_count, measures, e->samples, means);
  means[0] += ls_model_penalty(model, weights);
  return LS_OK;
}
