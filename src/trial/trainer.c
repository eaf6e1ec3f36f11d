/* Creating and destroying a trainer. What may fail on one rank alone is allocated first, and agreed
 * on before ranks make collective calls. */
#include "trial/trainer.h"

#include "base/activity.h"
#include "base/memory.h"
#include "data/fit.h"
#include "lockstep/error.h"
#include "store/checkpoint/model_file.h"
#include "trial/dividing.h"
#include "trial/plan_layout.h"

#include <stdlib.h>

static int create_sums(trainer *t) {
  const ls_model *model = t->plan->model;
  const size_t blocks = (model->param_count + LS_BLOCK - 1) / LS_BLOCK;
  return measure_sums_create(&t->sums, model, t->shard_count, blocks);
}

static int create_evaluations(trainer *t, ls_pool *const *pools) {
  const ls_split *split = &t->plan->split;
  int status = evaluation_create(&t->validation, t->plan, t->group, pools[split->validation_part],
                                 t->transforms, split->validation_count);
  if (status != LS_OK || split->test_count == 0) return status;
  return evaluation_create(&t->test, t->plan, t->group, pools[LS_TEST], t->transforms,
                           split->test_count);
}

/* An ls_sum_over_shards. */
static void sum_over_ranks(void *context, size_t count, double *rows) {
  trainer *t = context;
  ls_shards_join(&t->shards, count, rows);
  ls_reducer_sum_rows(t->reducer, count, rows);
}

static int create_shards(trainer *t) {
  size_t end;
  ls_reducer_shards(t->reducer, &t->first_shard, &end);
  int status = ls_shards_create(&t->shards, t->first_shard, end);
  if (t->group->size > 1) t->shards.sum_all = sum_over_ranks;
  t->shards.context = t;
  return status;
}

/* Everything whose creation is local. */
static int create_local(trainer *t, ls_pool *const *pools) {
  const ls_plan *plan = t->plan;
  const size_t ranks = (size_t)t->group->size;
  const ls_layout layout = ls_plan_train_layout(plan, t->shard_count, ranks);
  int status = create_shards(t);
  if (status == LS_OK) {
    status = ls_workspace_create(&t->workspace, plan->model,
                                 ls_plan_capacity(plan, t->shard_count, ranks), t->shards.count);
  }
  if (status == LS_OK) {
    status = ls_transforms_create(&t->transforms, &plan->recipe.dataset.transform,
                                  &plan->dataset->shape, plan->split.train_count);
  }
  if (status == LS_OK) {
    status =
        target_scaling_create(&t->targets, &plan->recipe, plan->model, plan->split.train_count);
  }
  if (status == LS_OK) target_scaling_apply(&t->targets, t->workspace);
  if (status == LS_OK) {
    status = ls_feed_create(&t->feed, pools[LS_TRAIN], &layout, t->transforms);
  }
  if (status == LS_OK) {
    status = ls_shuffle_create(&t->shuffle, pools[LS_TRAIN]->shared, plan->split.train,
                               plan->split.train_count,
                               (size_t)plan->recipe.dataset.shuffle_buffer_size);
  }
  if (status == LS_OK) status = create_evaluations(t, pools);
  if (status == LS_OK) status = create_sums(t);
  if (status == LS_OK && t->callbacks->profile) status = profile_create(&t->profile, plan->model);
  if (status == LS_OK) ls_workspace_time_layers(t->workspace, t->profile.layers);
  return status;
}

/* Collective: fits the transforms and brings the samples of evaluations to their ranks. */
static int prepare_samples(trainer *t, ls_pool *const *pools) {
  const ls_split *split = &t->plan->split;
  int status = ls_transforms_fit(t->transforms, pools[LS_TRAIN], split->train, split->train_count);
  if (status == LS_OK) status = target_scaling_fit(&t->targets, t->plan, pools[LS_TRAIN]);
  if (status == LS_OK) status = evaluation_start(&t->validation, split->validation);
  if (status == LS_OK && t->test.feed) status = evaluation_start(&t->test, split->test);
  return status;
}

/* Collective: the initial weights, from the seed or from files. */
static int initialize_weights(trainer *t) {
  int status = LS_OK;
  if (t->group->rank == 0) {
    ls_real *weights = ls_reducer_weights(t->reducer);
    ls_model_initialize(t->plan->model, t->plan->seed, weights);
    status = ls_model_file_read_layers(t->plan->model, t->plan->recipe.folder, weights);
  }
  status = ls_group_agree(t->group, status);
  return status == LS_OK ? ls_reducer_broadcast(t->reducer) : status;
}

int trainer_create(trainer *t, const ls_plan *plan, size_t shards, const ls_group *group,
                   ls_pool *const *pools, const ls_callbacks *callbacks) {
  const ls_train_args *train = &plan->recipe.train;
  ls_activity_phase(LS_PHASE_PREPARING, 0, 0);
  *t = (trainer){.plan = plan,
                 .group = group,
                 .callbacks = callbacks,
                 .shard_count = shards,
                 .plateau = {.args = &train->reduce_lr_on_plateau,
                             .higher = plan->plateau_higher,
                             .state = {.scale = 1}}};
  int status = ls_reducer_create(&t->reducer, group, plan->model->param_count, shards,
                                 (ls_reduction)train->reduction);
  if (status == LS_OK) status = updater_create(&t->updater, plan, group, t->reducer);
  if (status == LS_OK) status = ls_group_agree(group, create_local(t, pools));
  if (status == LS_OK) status = dividing_create(t);
  if (status == LS_OK) status = prepare_samples(t, pools);
  if (status == LS_OK) status = initialize_weights(t);
  if (status != LS_OK) trainer_destroy(t);
  return status;
}

void trainer_destroy(trainer *t) {
  ls_feed_free(&t->feed);
  ls_shuffle_destroy(&t->shuffle);
  evaluation_destroy(&t->validation);
  evaluation_destroy(&t->test);
  ls_transforms_free(&t->transforms);
  target_scaling_destroy(&t->targets);
  ls_shards_destroy(&t->shards);
  dividing_destroy(t);
  ls_workspace_free(&t->workspace);
  updater_destroy(&t->updater);
  measure_sums_destroy(&t->sums);
  profile_destroy(&t->profile);
  ls_reducer_free(&t->reducer);
}
