/* Making a reducer: how the vector is partitioned, which partial sums there are, and their memory.
 */
#include "comm/reducer.h"

#include "base/memory.h"
#include "base/partition.h"
#include "lockstep/error.h"

#include <stdlib.h>

/* ---- Sizes ----------------------------------------------------------------------------------- */

static size_t blocks_of(size_t count) {
  return ls_partition_largest(count, LS_BLOCK);
}

/* More than one bucket pays where the first can be sent while the last is computed. On one node
 * nothing is sent; there fewer buckets give ranks longer ranges, whose gradients are computed
 * faster where layers are divided. */
size_t ls_reducer_buckets(size_t count, size_t ranks, size_t nodes, size_t *blocks) {
  const size_t most_buckets = nodes > 1 ? 64 : 8;
  size_t all = blocks_of(count);
  size_t buckets = ls_partition_largest(all, LS_BUCKET_BLOCKS * ranks);
  if (all == 0) all = buckets = 1;
  if (buckets > most_buckets) buckets = most_buckets;
  *blocks = ls_partition_largest(all, buckets * ranks);
  return ls_partition_largest(all, *blocks * ranks);
}

/* Weights and partial sums; among several ranks also a send buffer and receive buffers for the
 * other ranks' sums of this rank's blocks. */
size_t ls_reducer_bytes(size_t count, size_t shards, size_t ranks) {
  tree_stack cover;
  size_t most_partials = 0, most, all, own = ls_partition_largest(blocks_of(count), ranks);
  tree_cover(0, ls_partition_begin(shards, ranks, 1), &cover, &most_partials);
  ls_reducer_sums(shards, ranks, 1, &most, &all);
  size_t blocks = (most_partials + 1) * blocks_of(count);
  if (ranks > 1) blocks += (1 + all - cover.depth) * own;
  return blocks * LS_BLOCK * sizeof(ls_real);
}

/* ---- Making and releasing -------------------------------------------------------------------- */

static void set_sizes(ls_reducer *r, size_t count, size_t shards) {
  const ls_group *g = r->group;
  size_t ranks = (size_t)g->size, rank = (size_t)g->rank;
  r->node_ranks = r->how == LS_REDUCE_AUTO ? (size_t)g->node_ranks : 1;
  r->nodes = ranks / r->node_ranks;
  r->node = rank / r->node_ranks;
  r->node_rank = rank % r->node_ranks;
  r->count = count;
  r->padded = blocks_of(count) * LS_BLOCK;
  r->shards = shards;
  r->first_shard = ls_partition_begin(shards, ranks, rank);
  r->end_shard = ls_partition_begin(shards, ranks, rank + 1);
  tree_stack cover;
  tree_cover(r->first_shard, r->end_shard, &cover, &r->most_partials);
  r->slots = cover.depth;
  r->node_slots = sum_slots(shards, ranks, r->node_ranks, r->node);
  if (r->node_ranks > 1 && r->node_slots > r->most_partials) r->most_partials = r->node_slots;
}

/* Cuts the vector into buckets, and each of these into a range of blocks for each rank. */
static void partition(ls_reducer *r) {
  size_t ranks = (size_t)r->group->size, blocks = ls_partition_largest(blocks_of(r->count), ranks);
  r->buckets = 1;
  if (!reducer_is_plain(r) || blocks == 0)
    r->buckets = ls_reducer_buckets(r->count, ranks, r->nodes, &blocks);
  size_t width = blocks * LS_BLOCK, node_width = r->nodes * width, stride = ranks * width;
  r->node_range = (ls_block_cyclic){r->node_rank * node_width, node_width, stride, r->count};
  r->own = (ls_block_cyclic){r->node_range.first + r->node * width, width, stride, r->count};
  r->updated = reducer_is_plain(r) ? ls_block_cyclic_all(r->count) : r->own;
  r->node_range_length = r->buckets * node_width;
}

/* Local: which sums this rank computes, and memory for them. */
static int create_sums(ls_reducer *r) {
  const size_t ranks = (size_t)r->group->size, first = r->node * r->node_ranks;
  size_t most_partials = r->most_partials;
  int status = LS_OK;
  if (reducer_is_plain(r)) { /* one sum, of all ranks, which MPI leaves on each */
    status = sum_create(&r->total, 1, 1, 1, 0, 1, true);
    if (most_partials == 0) most_partials = 1;
  } else if (r->nodes == 1) {
    status = sum_create(&r->total, r->shards, ranks, 1, 0, ranks, true);
  } else {
    status = sum_create(&r->total, r->shards, ranks, r->node_ranks, 0, r->nodes, true);
  }
  if (status == LS_OK && r->nodes > 1 && r->node_ranks > 1) {
    status = sum_create(&r->node_sum, r->shards, ranks, 1, first, first + r->node_ranks, false);
    r->node_sums = ls_new(r->node_sum.result_count * r->node_range_length, sizeof(ls_real));
    if (!r->node_sums) return LS_FAILED;
  }
  if (r->node_ranks > 1 || status != LS_OK) return status;
  r->partials = ls_new(most_partials * r->padded, sizeof(ls_real));
  r->weights = ls_new(r->padded, sizeof(ls_real));
  return r->partials && r->weights ? LS_OK : LS_FAILED;
}

/* Sets those inputs of the total that are this rank's partial sums, or its node's sums. */
static void set_own_inputs(const ls_reducer *r) {
  const bool alone = r->node_ranks == 1;
  for (size_t i = 0; i < r->total.input_count; i++) {
    sum_input *input = &r->total.inputs[i];
    if (input->member != r->node && !reducer_is_plain(r)) continue;
    input->values = alone ? r->partials + input->slot * r->padded
                          : r->node_sums + input->slot * r->node_range_length;
    input->packing = alone ? NULL : &r->node_range;
  }
}

int ls_reducer_create(ls_reducer **out, const ls_group *group, size_t count, size_t shards,
                      ls_reduction how) {
  *out = NULL;
  ls_reducer *r = ls_new(1, sizeof *r);
  int status = r ? LS_OK : LS_FAILED;
  if (r) {
    r->group = group;
    r->how = how;
    set_sizes(r, count, shards);
    partition(r);
    status = create_sums(r);
  }
  status = ls_group_agree(group, status);
  const bool sends = status == LS_OK && r->nodes > 1 && !reducer_is_plain(r);
  if (status == LS_OK && (sends || r->node_ranks == 1)) set_own_inputs(r);
  if (status == LS_OK && r->node_ranks > 1) {
    status = ls_group_agree(group, node_create(r, sends ? &r->node_sum : &r->total));
  }
  if (sends && status == LS_OK) status = ls_group_agree(group, exchange_create(r));
  if (status != LS_OK) {
    ls_reducer_free(&r);
    return status;
  }
  *out = r;
  return LS_OK;
}

void ls_reducer_free(ls_reducer **reducer) {
  ls_reducer *r = *reducer;
  if (!r) return;
  exchange_destroy(r);
  node_destroy(r);
  sum_destroy(&r->node_sum);
  sum_destroy(&r->total);
  if (r->node_ranks == 1) {
    free(r->weights);
    free(r->partials);
  }
  free(r->node_sums);
  free(r->divided);
  free(r);
  *reducer = NULL;
}

int ls_reducer_divide(ls_reducer *r, size_t first, size_t end) {
  reducer_range *all = realloc(r->divided, (r->divided_count + 1) * sizeof *all);
  if (!all) return ls_fail(LS_FAILED, "out of memory");
  r->divided = all;
  all[r->divided_count++] = (reducer_range){first, end};
  return LS_OK;
}

/* ---- Reading it ------------------------------------------------------------------------------ */

void ls_reducer_shards(const ls_reducer *r, size_t *first, size_t *end) {
  *first = r->first_shard;
  *end = r->end_shard;
}

ls_block_cyclic ls_reducer_blocks(const ls_reducer *r) {
  return r->updated;
}

bool ls_reducer_owns(const ls_reducer *r, size_t first) {
  return ls_block_cyclic_has(&r->own, first);
}

ls_block_cyclic ls_reducer_node_blocks(const ls_reducer *r) {
  return r->node_range;
}

void ls_reducer_node_shards(const ls_reducer *r, size_t *first, size_t *end) {
  const size_t ranks = (size_t)r->group->size, rank = r->node * r->node_ranks;
  *first = ls_partition_begin(r->shards, ranks, rank);
  *end = ls_partition_begin(r->shards, ranks, rank + r->node_ranks);
}

size_t ls_reducer_node_ranks(const ls_reducer *r) {
  return r->node_ranks;
}

ls_real *ls_reducer_weights(ls_reducer *r) {
  return r->weights;
}

double ls_reducer_waited(const ls_reducer *r) {
  return r->waited;
}
