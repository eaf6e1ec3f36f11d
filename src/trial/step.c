/* One training step: begin, shards, end.
 *
 * Where gradients are added: ls_model_backward (nn/model/forward_backward.c) computes the gradient
 * of one shard and calls gradient_ready below between layers. That hands the completed part to
 * comm/reduce.c, which adds the shards of a rank and then those of all ranks, in one binary tree
 * over shards (comm/binary_tree.h). As soon as the sum of a block is complete, comm/reduce.c calls
 * process_block in trial/update.c, which updates the weights of that block. */
#include "trial/step.h"

#include "base/activity.h"
#include "lockstep/error.h"
#include "trial/batch.h"

#include <math.h>

double trainer_scheduled_rate(const trainer *t, size_t epoch, size_t step) {
  const ls_optimizer_args *optimizer = t->plan->recipe.train.optimizer.args;
  const size_t steps = t->plan->steps;
  return ls_schedule_rate(&optimizer->learning_rate, (int64_t)(epoch * steps + step),
                          (int64_t)(t->plan->epochs * steps));
}

double trainer_rate(const trainer *t, size_t epoch, size_t step) {
  return plateau_rate(&t->plateau, trainer_scheduled_rate(t, epoch, step));
}

/* An ls_gradient_ready: the elements from `first` on of the shard's gradient are complete. */
static void gradient_ready(void *context, size_t first) {
  trainer *t = context;
  profile_lap(&t->profile, PROFILE_LAYERS);
  ls_reducer_ready(t->reducer, first);
  profile_lap(&t->profile, PROFILE_UPDATE);
}

static int begin_step(trainer *t, size_t epoch, size_t step) {
  const ls_layout layout = ls_plan_train_layout(t->plan, t->shards, (size_t)t->group->size);
  t->current = (trainer_step_state){.epoch = epoch, .step = step};
  t->current.samples = ls_layout_batch(&layout, step);
  ls_activity_phase(LS_PHASE_TRAINING, epoch, step);
  profile_begin_step(&t->profile, ls_reducer_waited(t->reducer));
  ls_workspace_on_gradient(t->workspace, gradient_ready, t);
  return updater_begin(&t->updater, trainer_rate(t, epoch, step), t->current.samples,
                       t->sums.penalties);
}

/* Returns the number of samples. */
static size_t read_shard(trainer *t, size_t shard) {
  ls_activity_progress();
  size_t n = batch_read(t->plan, t->workspace, t->feed, t->current.step, shard, NULL);
  profile_lap(&t->profile, PROFILE_READ);
  return n;
}

/* Forward and backward of the shard's batch, whose measures are added to the shard's sums; returns
 * the sum of its losses. */
static double differentiate_shard(trainer *t, size_t shard) {
  const ls_model *model = t->plan->model;
  const ls_real *weights = ls_reducer_weights(t->reducer);
  const ls_real scale = (ls_real)(1 / (double)t->current.samples);
  double *sums = measure_sums_row(&t->sums, shard);
  ls_model_forward(model, t->workspace, weights, true, t->plan->seed, (uint32_t)t->current.epoch);
  ls_model_add_metrics(model, t->workspace, sums);
  double loss =
      ls_model_backward(model, t->workspace, weights, scale, ls_reducer_gradient(t->reducer), sums);
  profile_lap(&t->profile, PROFILE_LAYERS);
  return loss;
}

static void train_shard(trainer *t, size_t shard) {
  const size_t n = read_shard(t, shard);
  if (n > 0) t->current.own_loss += differentiate_shard(t, shard);
  t->current.own_samples += n;
  ls_reducer_add(t->reducer, n == 0);
  profile_lap(&t->profile, PROFILE_UPDATE);
}

static int end_step(trainer *t, uint32_t *flags) {
  const trainer_step_state *c = &t->current;
  const ls_callbacks *callbacks = t->callbacks;
  if (!isfinite(c->own_loss)) *flags |= STATUS_NOT_FINITE;
  if (callbacks->stop(callbacks->context)) *flags |= STATUS_STOP;
  int status = updater_end(&t->updater, flags);
  profile_end_step(&t->profile, c->own_samples, ls_reducer_waited(t->reducer));
  if (c->own_samples > 0) {
    callbacks->step(callbacks->context, c->epoch, c->step, c->own_loss / (double)c->own_samples);
  }
  return status;
}

int trainer_step(trainer *t, size_t epoch, size_t step, uint32_t *flags) {
  size_t first, end;
  int status = begin_step(t, epoch, step);
  if (status != LS_OK) return status;
  ls_reducer_shards(t->reducer, &first, &end);
  for (size_t shard = first; shard < end; shard++) train_shard(t, shard);
  return end_step(t, flags);
}
