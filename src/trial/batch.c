/* From a feed to the workspace's batch, with the targets of all heads and the weights of samples.
 */
#include "trial/batch.h"

#include "trial/sample_weights.h"

/* Where what a shard has for a head goes: as sample `at` of the batch and those after it. */
static ls_feed_target place_target(const ls_plan *plan, const ls_batch *batch, size_t h,
                                   size_t at) {
  const bool stored = plan->head_weight[h] < plan->dataset->weight_count;
  ls_feed_target target = {.target = plan->head_target[h], .weight = plan->head_weight[h]};
  if (batch->labels[h]) target.labels = batch->labels[h] + at;
  if (batch->values[h]) {
    target.values = batch->values[h] + at * (size_t)ls_shape_size(&plan->model->heads[h].output);
  }
  if (stored) target.weights = batch->weights[h] + at;
  return target;
}

/* The samples of a shard at a step, as sample `at` of the batch and those after it. */
static size_t read_shard(const ls_plan *plan, const ls_batch *batch, const ls_feed *feed,
                         size_t step, size_t shard, ls_real *x, size_t at, bool training) {
  ls_feed_target targets[LS_MAX_HEADS] = {{0}};
  const size_t heads = plan->model->head_count;
  for (size_t h = 0; h < heads; h++) targets[h] = place_target(plan, batch, h, at);
  x += at * (size_t)ls_shape_size(&plan->model->input);
  const size_t n = ls_feed_read(feed, step, shard, x, batch->ids + at, targets, heads);
  for (size_t h = 0; h < heads; h++) {
    if (!batch->weights[h]) continue;
    sample_weights_complete(plan, h, training, n, targets[h].labels, batch->weights[h] + at);
  }
  return n;
}

size_t batch_read(const ls_plan *plan, ls_workspace *workspace, const ls_feed *feed, size_t step,
                  size_t shard, ls_real *x) {
  ls_batch *batch = ls_workspace_batch(workspace);
  batch->n = read_shard(plan, batch, feed, step, shard, x ? x : batch->x, 0, false);
  batch->shards = NULL;
  return batch->n;
}

size_t batch_read_shards(const ls_plan *plan, ls_workspace *workspace, const ls_feed *feed,
                         size_t step, size_t first_shard, ls_shards *shards) {
  ls_batch *batch = ls_workspace_batch(workspace);
  for (size_t s = 0; s < shards->count; s++) {
    const size_t at = shards->begin[s];
    shards->begin[s + 1] =
        at + read_shard(plan, batch, feed, step, first_shard + s, batch->x, at, true);
  }
  batch->n = shards->begin[shards->count];
  batch->shards = shards;
  return batch->n;
}
