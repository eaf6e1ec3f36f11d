/* Estimates: the model of a step. */
#include "run/estimate.h"

#include "base/partition.h"
#include "comm/reduce.h"
#include "data/fit.h"
#include "lockstep/optimizer.h"
#include "trial/dividing.h"
#include "trial/plan_layout.h"
#include "trial/update.h"

#include <stdint.h>

/* Constants of the model, measured once on a current server core: only their ratios matter. */
static const double half_speed_rows = 12;     /* batch rows at which products run at half speed */
static const double seconds_per_layer = 3e-6; /* of one shard, forward and backward */
static const double seconds_per_input = 0.15e-9; /* converting one stored number */
static const double seconds_per_update = 0.2e-9; /* one weight */
static const double seconds_per_sum = 0.15e-9;   /* adding one gradient of another rank */
static const double seconds_per_barrier = 2e-6;
/* MPI, HDF5 and BLAS: their data, and their code, which the ranks of a node share. */
static const double program_bytes = 11 << 20, library_bytes = 14 << 20;

/* Two more products for each layer: for the parameters, and for the input if a layer below is
 * trained. */
static double backward_flops(const ls_model *model) {
  double flops = model->flops;
  for (size_t i = 0, learnt = 0; i < model->layer_count; i++) {
    flops += model->layers[i].flops * (learnt > 0 ? 2 : 1);
    learnt += model->layers[i].param_count;
  }
  return flops;
}

ls_trial_cost ls_trial_cost_of(const ls_plan *plan) {
  const ls_model *model = plan->model;
  return (ls_trial_cost){.params = (double)model->param_count,
                         .layers = (double)model->layer_count,
                         .inputs = (double)ls_shape_size(&model->input),
                         .forward_flops = model->flops,
                         .step_flops = backward_flops(model),
                         .epochs = plan->epochs,
                         .steps = plan->steps,
                         .training = ls_plan_train_layout(plan, plan->shards, 1),
                         .validation_count = plan->split.validation_count};
}

/* Seconds of a pass over `rows` samples. */
static double pass_seconds(const ls_trial_cost *c, double flops, double rows) {
  double speed = LS_ASSUMED_SPEED * rows / (rows + half_speed_rows);
  return flops * rows / speed + seconds_per_layer * c->layers +
         seconds_per_input * rows * c->inputs;
}

/* Samples of a minibatch that a rank has at most. */
static size_t rank_samples(const ls_trial_cost *c, size_t ranks) {
  ls_layout layout = c->training;
  layout.ranks = ranks;
  return ls_layout_largest_rank(&layout);
}

double ls_trial_cost_seconds(const ls_trial_cost *c, size_t ranks) {
  double step = pass_seconds(c, c->step_flops, (double)rank_samples(c, ranks));
  step += c->params * seconds_per_update / (double)ranks;
  if (ranks > 1) {
    step +=
        2 * seconds_per_barrier + c->params * seconds_per_sum * (double)(ranks - 1) / (double)ranks;
  }
  ls_layout validation = ls_plan_evaluation_layout(c->validation_count, ranks);
  double piece = (double)ls_partition_largest(c->validation_count, validation.shards);
  double validate = (double)ls_partition_largest(validation.shards, ranks) *
                    pass_seconds(c, c->forward_flops, piece);
  return (double)c->epochs * ((double)c->steps * step + validate);
}

double ls_estimate_trial(const ls_plan *plan, size_t ranks) {
  const ls_trial_cost cost = ls_trial_cost_of(plan);
  return ls_trial_cost_seconds(&cost, ranks);
}

double ls_estimate_shared(const ls_plan *plan, size_t ranks) {
  return (double)ls_reducer_bytes(plan->model->param_count, plan->shards, ranks) +
         (double)dividing_bytes(plan, ranks) / (double)ranks;
}

double ls_estimate_memory(const ls_plan *plan, size_t ranks) {
  const ls_choice *optimizer = &plan->recipe.train.optimizer;
  size_t shards = plan->shards, own = ls_partition_largest(shards, ranks);
  size_t slots = updater_array_count(optimizer);
  double bytes =
      (double)ls_workspace_bytes(plan->model, ls_plan_capacity(plan, shards, ranks), own);
  bytes += ls_estimate_shared(plan, ranks);
  /* Slots, and weights and slots of the best epoch. */
  bytes +=
      (double)(2 * slots + 1) * (double)plan->model->param_count * sizeof(ls_real) / (double)ranks;
  /* The order of an epoch and the split on every rank, numbers of its own samples. */
  double positions = (double)(plan->split.train_count + plan->split.validation_count);
  bytes += program_bytes + library_bytes / (double)ranks;
  bytes += ls_transforms_fit_bytes(plan->transforms, ranks);
  return bytes + positions * 2 * sizeof(uint32_t) + positions / (double)ranks * sizeof(uint32_t);
}
