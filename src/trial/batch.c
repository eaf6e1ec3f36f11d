/* From a feed to the workspace's batch, with the targets of all heads. */
#include "trial/batch.h"

/* The samples of a shard at a step, as sample `at` of the batch and those after it. */
static size_t read_shard(const ls_plan *plan, const ls_batch *batch, const ls_feed *feed,
                         size_t step, size_t shard, ls_real *x, size_t at) {
  ls_feed_target targets[LS_MAX_HEADS];
  size_t count = 0;
  for (size_t h = 0; h < plan->model->head_count; h++) {
    const ls_head *head = &plan->model->heads[h];
    if (plan->heads[h].target.input) continue;
    ls_feed_target *target = &targets[count++];
    *target = (ls_feed_target){plan->head_target[h], batch->labels[h], batch->values[h]};
    if (target->labels) target->labels += at;
    if (target->values) target->values += at * (size_t)ls_shape_size(&head->output);
  }
  x += at * (size_t)ls_shape_size(&plan->model->input);
  return ls_feed_read(feed, step, shard, x, batch->ids + at, targets, count);
}

size_t batch_read(const ls_plan *plan, ls_workspace *workspace, const ls_feed *feed, size_t step,
                  size_t shard, ls_real *x) {
  ls_batch *batch = ls_workspace_batch(workspace);
  batch->n = read_shard(plan, batch, feed, step, shard, x ? x : batch->x, 0);
  batch->shards = NULL;
  return batch->n;
}

size_t batch_read_shards(const ls_plan *plan, ls_workspace *workspace, const ls_feed *feed,
                         size_t step, size_t first_shard, ls_shards *shards) {
  ls_batch *batch = ls_workspace_batch(workspace);
  for (size_t s = 0; s < shards->count; s++) {
    const size_t at = shards->begin[s];
    shards->begin[s + 1] = at + read_shard(plan, batch, feed, step, first_shard + s, batch->x, at);
  }
  batch->n = shards->begin[shards->count];
  batch->shards = shards;
  return batch->n;
}
