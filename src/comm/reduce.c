/* A step of the reducer: this is where the gradients of all ranks are added, each of which has the
 * sums over its own shards, and where the update is applied to the sum.
 *
 * Each bucket of the vector goes through a pipeline of stages:
 *
 *   reduce_local    this rank's partial sums are made available to the ranks of its node
 *   reduce_scatter  the node's sums of the node range are computed and sent to the counterparts
 *   update          the other nodes' sums are added, the weights of this rank's blocks updated and
 *                   sent to the counterparts
 *   allgather       the new weights of the node range are made available to the node's ranks
 *   copy_back       the other ranks' node ranges are copied to this rank's weights
 *
 * In each stage buckets come from the last to the first, as backward completes them. A stage whose
 * input hasn't arrived is tried again at the next call of ls_reducer_ready, and at the step's end
 * until all buckets are through. Without other nodes, or without other ranks on the node, a stage
 * has nothing to do. With allreduce, MPI_Allreduce precedes the first stage.
 *
 * How data moves within a node is in node.c, between nodes in exchange.c. */
#include "comm/reduce.h"

#include "base/activity.h"
#include "base/clock.h"
#include "comm/barrier.h"
#include "comm/reducer.h"
#include "lockstep/error.h"

#include <string.h>

/* ---- Stages ---------------------------------------------------------------------------------- */

/* Elements from `at` on, before `end`, of one block, which are all divided or all not; *divided:
 * which. */
static size_t piece_length(const ls_reducer *r, size_t at, size_t end, bool *divided) {
  const reducer_range *next = reducer_divided_from(r, at);
  const size_t block = LS_BLOCK - at % LS_BLOCK;
  *divided = next && next->first <= at;
  if (next && *divided && next->end < end) end = next->end;
  if (next && !*divided && next->first < end) end = next->first;
  return end - at < block ? end - at : block;
}

/* Adds the partial sums of the node's ranks in a bucket's node range. */
static void sum_node_range(ls_reducer *r, size_t bucket) {
  const shard_sum *s = &r->node_sum;
  const ls_block_cyclic *range = &r->node_range;
  size_t begin, count = s->result_count > 0 ? ls_block_cyclic_block(range, bucket, &begin) : 0;
  bool divided;
  for (size_t at = begin, n; at < begin + count; at += n) {
    n = piece_length(r, at, begin + count, &divided);
    if (!divided) sum_compute(s, at, n);
    for (size_t k = 0; k < s->result_count; k++) {
      ls_real *to = r->node_sums + k * r->node_range_length + ls_block_cyclic_index(range, at);
      const ls_real *sum = divided ? r->partials + k * r->padded + at : sum_result(s, k, at);
      memcpy(to, sum, n * sizeof *to);
    }
  }
}

/* Where the total of a block is kept between passes: over the first input, which nobody else reads
 * in this rank's blocks. */
static ls_real *total_place(const ls_reducer *r, size_t first) {
  return sum_input_at(&r->total, 0, first);
}

/* Adds the sums that remain of all shards, from the right, to the first, in n divided elements. */
static void add_divided(const ls_reducer *r, size_t first, size_t n) {
  for (size_t k = r->node_slots; k-- > 1;) {
    ls_real *left = r->partials + (k - 1) * r->padded + first;
    sum_add(n, left, left + r->padded, left);
  }
}

/* Adds and applies the blocks that this rank updates in a bucket. */
static void apply_blocks(ls_reducer *r, size_t bucket, bool keep, ls_apply apply, void *context) {
  size_t begin, count = ls_block_cyclic_block(&r->updated, bucket, &begin);
  bool divided;
  for (size_t at = begin, n; at < begin + count; at += n) {
    n = piece_length(r, at, begin + count, &divided);
    const bool alone = divided && r->nodes == 1; /* this rank has all sums */
    ls_real *place = alone ? r->partials + at : total_place(r, at), *gradient = place;
    if (!r->kept && alone) {
      add_divided(r, at, n);
    } else if (!r->kept) {
      sum_compute(&r->total, at, n);
      gradient = sum_result(&r->total, 0, at);
    }
    apply(context, at, n, r->weights + at, gradient);
    if (keep && gradient != place) memcpy(place, gradient, n * sizeof *place);
  }
}

/* Sets *ready: whether the input of a stage has arrived for a bucket. */
static int is_ready(ls_reducer *r, reduce_stage stage, size_t bucket, bool *ready) {
  *ready = true;
  switch (stage) {
  case REDUCE_SCATTER:
    if (r->node_memory) *ready = node_sums_shared(r, bucket);
    return LS_OK;
  case REDUCE_UPDATE:
    return r->exchange ? exchange_sums_arrived(r, bucket, ready) : LS_OK;
  case REDUCE_ALLGATHER:
    return r->exchange ? exchange_weights_arrived(r, bucket, ready) : LS_OK;
  case REDUCE_COPY_BACK:
    if (r->node_memory) *ready = node_weights_shared(r, bucket);
    return LS_OK;
  default:
    return LS_OK;
  }
}

static int run_stage(ls_reducer *r, reduce_stage stage, size_t bucket) {
  switch (stage) {
  case REDUCE_LOCAL:
    if (r->node_memory) node_share_sums(r, bucket);
    return LS_OK;
  case REDUCE_SCATTER:
    if (r->exchange) sum_node_range(r, bucket);
    return r->exchange ? exchange_send_sums(r, bucket) : LS_OK;
  case REDUCE_UPDATE:
    if (r->apply) apply_blocks(r, bucket, false, r->apply, r->context);
    return r->exchange ? exchange_send_weights(r, bucket) : LS_OK;
  case REDUCE_ALLGATHER:
    if (r->node_memory) node_share_weights(r, bucket);
    return LS_OK;
  default:
    if (r->node_memory) node_copy_weights(r, bucket);
    return LS_OK;
  }
}

/* Takes buckets through the stages before `end` as far as possible without waiting; *moved: whether
 * any has got further. */
static int advance(ls_reducer *r, reduce_stage end, bool *moved) {
  *moved = false;
  for (reduce_stage stage = REDUCE_SCATTER; stage < end; stage++) {
    while (r->remaining[stage] > r->remaining[stage - 1]) {
      const size_t bucket = r->remaining[stage] - 1;
      bool ready;
      int status = is_ready(r, stage, bucket, &ready);
      if (status == LS_OK && !ready) break;
      if (status == LS_OK) status = run_stage(r, stage, bucket);
      if (status != LS_OK) return status;
      r->remaining[stage] = bucket;
      *moved = true;
    }
  }
  return LS_OK;
}

/* Takes the buckets that have no element before `first` through the first stage. */
static void reduce_local(ls_reducer *r, size_t first) {
  size_t *left = &r->remaining[REDUCE_LOCAL];
  while (*left > 0 && (*left - 1) * r->own.stride >= first) run_stage(r, REDUCE_LOCAL, --*left);
}

/* ---- Waiting --------------------------------------------------------------------------------- */

double reducer_begin_wait(void) {
  ls_activity_enter_collective();
  return ls_clock_seconds();
}

void reducer_end_wait(ls_reducer *r, double began) {
  r->waited += ls_clock_seconds() - began;
  ls_activity_leave();
}

/* Collective: takes all buckets through all stages before `end`. */
static int finish(ls_reducer *r, reduce_stage end) {
  while (r->remaining[end - 1] > 0) {
    bool moved;
    int status = advance(r, end, &moved);
    if (status != LS_OK) return status;
    if (moved) continue;
    double began = reducer_begin_wait();
    for (unsigned spins = 0; status == LS_OK && !moved; spins++) {
      barrier_relax_serving(spins);
      status = advance(r, end, &moved);
    }
    reducer_end_wait(r, began);
    if (status != LS_OK) return status;
  }
  return LS_OK;
}

/* ---- This rank's shards ---------------------------------------------------------------------- */

int ls_reducer_begin(ls_reducer *r, ls_apply apply, void *context) {
  for (int stage = 0; stage < REDUCE_STAGES; stage++) r->remaining[stage] = r->buckets;
  r->kept = false;
  r->apply = apply;
  r->context = context;
  if (r->node_memory) node_begin(r);
  r->status = r->exchange ? exchange_begin(r, true) : LS_OK;
  return r->status;
}

ls_real *ls_reducer_gradients(ls_reducer *r, size_t *stride) {
  *stride = r->padded;
  return r->partials;
}

void ls_reducer_ready(ls_reducer *r, size_t first) {
  if (r->buckets == 1 && first > 0) return;
  if (reducer_is_plain(r) || r->status != LS_OK) return;
  reduce_local(r, first);
  bool moved;
  r->status = advance(r, r->apply ? REDUCE_STAGES : REDUCE_UPDATE, &moved);
}

/* ---- All ranks' shards ----------------------------------------------------------------------- */

/* Adds this rank's partial sums, from the right, and those of all ranks by MPI_Allreduce. */
static int allreduce(ls_reducer *r) {
  double began = reducer_begin_wait();
  if (r->slots == 0) memset(r->partials, 0, r->count * sizeof(ls_real));
  for (size_t k = r->slots; k-- > 1;) {
    ls_real *left = r->partials + (k - 1) * r->padded;
    sum_add(r->count, left, left + r->padded, left);
  }
  int status = ls_group_allreduce(r->group, r->partials, r->count);
  reducer_end_wait(r, began);
  return status;
}

/* Collective, after all shards were added: takes all buckets through all stages before `end`. */
static int finish_sums(ls_reducer *r, reduce_stage end) {
  if (r->status == LS_OK && reducer_is_plain(r) && r->remaining[REDUCE_LOCAL] > 0) {
    r->status = allreduce(r);
  }
  reduce_local(r, 0);
  return r->status == LS_OK ? finish(r, end) : r->status;
}

/* Collective: waits until the other nodes' sums of a bucket have arrived. */
static int wait_for_sums(ls_reducer *r, size_t bucket) {
  bool arrived = !r->exchange;
  int status = LS_OK;
  double began = reducer_begin_wait();
  while (status == LS_OK && !arrived) status = exchange_sums_arrived(r, bucket, &arrived);
  reducer_end_wait(r, began);
  return status;
}

int ls_reducer_pass(ls_reducer *r, ls_apply apply, void *context) {
  int status = finish_sums(r, REDUCE_UPDATE);
  for (size_t bucket = r->buckets; bucket-- > 0 && status == LS_OK;) {
    status = wait_for_sums(r, bucket);
    if (status == LS_OK) apply_blocks(r, bucket, true, apply, context);
  }
  r->kept = true;
  return status;
}

/* Collective: joins the ranks' flags, when all messages have arrived. */
static int join_flags(ls_reducer *r, uint32_t *flags) {
  int status = LS_OK;
  double began = reducer_begin_wait();
  if (r->exchange) status = exchange_end(r, flags);
  if (reducer_is_plain(r)) status = ls_group_or(r->group, flags);
  if (r->node_memory && status == LS_OK) *flags = node_barrier(r, *flags);
  reducer_end_wait(r, began);
  return status;
}

int ls_reducer_end(ls_reducer *r, ls_apply apply, void *context, uint32_t *flags) {
  int status = r->exchange ? exchange_join(r, *flags) : LS_OK;
  r->apply = apply;
  r->context = context;
  if (status == LS_OK) status = finish_sums(r, REDUCE_STAGES);
  return status == LS_OK ? join_flags(r, flags) : status;
}

/* ---- Weights alone --------------------------------------------------------------------------- */

/* The last stages of a step alone. */
int ls_reducer_allgather(ls_reducer *r) {
  uint32_t flags = 0;
  if (reducer_is_plain(r)) return LS_OK;
  for (int stage = 0; stage < REDUCE_STAGES; stage++) {
    r->remaining[stage] = stage < REDUCE_UPDATE ? 0 : r->buckets;
  }
  r->apply = NULL;
  int status = r->exchange ? exchange_begin(r, false) : LS_OK;
  if (status == LS_OK && r->exchange) status = exchange_join(r, flags);
  if (status == LS_OK) status = finish(r, REDUCE_STAGES);
  return status == LS_OK ? join_flags(r, &flags) : status;
}

int ls_reducer_broadcast(ls_reducer *r) {
  return ls_group_broadcast(r->group, r->weights, r->count * sizeof *r->weights, 0);
}
