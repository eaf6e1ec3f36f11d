/* From a feed to the workspace's batch, with the targets of all heads. */
#include "trial/batch.h"

size_t batch_read(const ls_plan *plan, ls_workspace *workspace, const ls_feed *feed, size_t step,
                  size_t shard, ls_real *x) {
  ls_batch *batch = ls_workspace_batch(workspace);
  ls_feed_target targets[LS_MAX_HEADS];
  size_t count = 0;
  for (size_t h = 0; h < plan->model->head_count; h++) {
    if (plan->heads[h].target.input) continue;
    targets[count++] = (ls_feed_target){plan->head_target[h], batch->labels[h], batch->values[h]};
  }
  batch->n = ls_feed_read(feed, step, shard, x ? x : batch->x, batch->ids, targets, count);
  return batch->n;
}
