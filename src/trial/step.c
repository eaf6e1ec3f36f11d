/* One training step: begin, read, differentiate, end.
 *
 * Where gradients are added, in one binary tree over the shards of the minibatch
 * (base/binary_tree.h): those of this rank's shards by the layers, as ls_model_backward
 * (nn/model/forward_backward.c) goes through them; it calls gradient_ready below between layers.
 * That hands the completed part to comm/reduce.c, which adds the sums of all ranks. As soon as the
 * sum of a block is complete, comm/reduce.c calls process_block in trial/update.c, which updates
 * the weights of that block. */
#include "trial/step.h"

#include "base/activity.h"
#include "lockstep/error.h"
#include "trial/batch.h"
#include "trial/dividing.h"
#include "trial/plan_layout.h"

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

/* An ls_gradient_ready: the elements from `first` on of this rank's gradients are complete. */
static void gradient_ready(void *context, size_t first) {
  trainer *t = context;
  profile_lap(&t->profile, PROFILE_LAYERS);
  ls_reducer_ready(t->reducer, first);
  profile_lap(&t->profile, PROFILE_UPDATE);
}

static int begin_step(trainer *t, size_t epoch, size_t step) {
  const ls_layout layout = ls_plan_train_layout(t->plan, t->shard_count, (size_t)t->group->size);
  t->current = (trainer_step_state){.epoch = epoch, .step = step};
  t->current.samples = ls_layout_batch(&layout, step);
  ls_activity_phase(LS_PHASE_TRAINING, epoch, step);
  profile_begin_step(&t->profile, ls_reducer_waited(t->reducer));
  dividing_begin_step(t, step);
  ls_workspace_on_gradient(t->workspace, gradient_ready, t);
  return updater_begin(&t->updater, trainer_rate(t, epoch, step), t->current.samples,
                       t->sums.penalties);
}

/* The samples of all shards of this rank. */
static void read_shards(trainer *t) {
  const size_t node_ranks = (size_t)t->group->node_ranks;
  ls_activity_progress();
  ls_shuffle_advance(&t->shuffle, t->current.step * t->plan->batch,
                     (size_t)t->group->rank % node_ranks, node_ranks);
  t->current.own_samples = batch_read_shards(t->plan, t->workspace, t->feed, t->current.step,
                                             t->first_shard, &t->shards);
  profile_lap(&t->profile, PROFILE_READ);
}

/* Forward and backward of these samples, whose measures are added to their shards' sums. */
static void differentiate(trainer *t) {
  const ls_model *model = t->plan->model;
  const ls_real *weights = ls_reducer_weights(t->reducer);
  const ls_real scale = (ls_real)(1 / (double)t->current.samples);
  double *sums = measure_sums_row(&t->sums, t->first_shard);
  ls_model_forward(model, t->workspace, weights, true, t->plan->seed, (uint32_t)t->current.epoch);
  ls_model_add_metrics(model, t->workspace, sums, t->sums.counts);
  ls_real *gradients = ls_reducer_gradients(t->reducer, &t->shards.stride);
  t->current.own_loss = ls_model_backward(model, t->workspace, weights, scale, gradients, sums);
  profile_lap(&t->profile, PROFILE_LAYERS);
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
  int status = begin_step(t, epoch, step);
  if (status != LS_OK) return status;
  read_shards(t);
  differentiate(t);
  return end_step(t, flags);
}
