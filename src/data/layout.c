/* Which sample goes to which step, shard and rank. */
#include "data/layout.h"

#include "base/partition.h"

size_t ls_layout_steps(const ls_layout *layout) {
  return (layout->samples + layout->batch - 1) / layout->batch;
}

size_t ls_layout_batch(const ls_layout *layout, size_t step) {
  size_t left = layout->samples - step * layout->batch;
  return left < layout->batch ? left : layout->batch;
}

/* Positions of shards [first_shard, end_shard) at a step. */
static void shards_range(const ls_layout *layout, size_t step, size_t first_shard, size_t end_shard,
                         size_t *first, size_t *end) {
  size_t n = ls_layout_batch(layout, step), start = step * layout->batch;
  *first = start + ls_partition_begin(n, layout->shards, first_shard);
  *end = start + ls_partition_begin(n, layout->shards, end_shard);
}

void ls_layout_shard(const ls_layout *layout, size_t step, size_t shard, size_t *first,
                     size_t *end) {
  shards_range(layout, step, shard, shard + 1, first, end);
}

void ls_layout_rank(const ls_layout *layout, size_t step, size_t rank, size_t *first, size_t *end) {
  shards_range(layout, step, ls_partition_begin(layout->shards, layout->ranks, rank),
               ls_partition_begin(layout->shards, layout->ranks, rank + 1), first, end);
}

size_t ls_layout_largest_rank(const ls_layout *layout) {
  size_t most = 0;
  if (layout->ranks >= layout->shards) return ls_layout_largest_shard(layout);
  for (size_t rank = 0; rank < layout->ranks; rank++) {
    size_t first, end;
    ls_layout_rank(layout, 0, rank, &first, &end);
    if (end - first > most) most = end - first;
  }
  return most;
}

size_t ls_layout_largest_shard(const ls_layout *layout) {
  size_t batch = layout->samples < layout->batch ? layout->samples : layout->batch;
  return (batch + layout->shards - 1) / layout->shards;
}
