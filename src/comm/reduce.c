/* The reducer: adding up a rank's shards, then, bucket by bucket, the ranks' sums, and the update.
 * How sums get from rank to rank is in node.c and exchange.c. */
#include "comm/reduce.h"

#include "base/activity.h"
#include "base/clock.h"
#include "base/memory.h"
#include "base/partition.h"
#include "comm/barrier.h"
#include "comm/check.h"
#include "comm/reducer.h"
#include "lockstep/error.h"

#include <stdlib.h>
#include <string.h>

/* ---- Making and releasing ----------------------------------------------------------------------
 */

static size_t blocks_of(size_t count) {
  return ls_partition_largest(count, LS_BLOCK);
}

/* More than one bucket pays where the first can be sent while the last is made. */
size_t ls_reducer_buckets(size_t count, size_t ranks, size_t *run) {
  enum { MOST_BUCKETS = 64 };
  size_t blocks = blocks_of(count);
  size_t buckets = ls_partition_largest(blocks, LS_RUN_BLOCKS * ranks);
  if (blocks == 0) blocks = buckets = 1;
  if (buckets > MOST_BUCKETS) buckets = MOST_BUCKETS;
  *run = ls_partition_largest(blocks, buckets * ranks);
  return ls_partition_largest(blocks, *run * ranks);
}

static bool is_plain(const ls_reducer *r) {
  return r->how == LS_REDUCE_ALLREDUCE;
}

/* Cuts the vector into buckets, and these into a run for each rank. */
static void deal(ls_reducer *r) {
  size_t ranks = (size_t)r->group->size, run = ls_partition_largest(blocks_of(r->count), ranks);
  r->buckets = 1;
  if (!is_plain(r) || run == 0) {
    r->buckets = ls_reducer_buckets(r->count, ranks, &run);
  }
  size_t width = run * LS_BLOCK, column = r->nodes * width;
  r->column = (ls_block_cyclic){r->local * column, column, ranks * width, r->count};
  r->dealt = (ls_block_cyclic){r->column.first + r->node * width, width, ranks * width, r->count};
  r->share = is_plain(r) ? ls_block_cyclic_all(r->count) : r->dealt;
  r->column_length = r->buckets * column;
}

static void set_sizes(ls_reducer *r, size_t count, size_t shards) {
  const ls_group *g = r->group;
  size_t ranks = (size_t)g->size, rank = (size_t)g->rank;
  r->mates = r->how == LS_REDUCE_AUTO ? (size_t)g->node_ranks : 1;
  r->nodes = ranks / r->mates;
  r->node = rank / r->mates;
  r->local = rank % r->mates;
  r->count = r->unadded = count;
  r->padded = blocks_of(count) * LS_BLOCK;
  r->shards = shards;
  r->first_shard = ls_partition_begin(shards, ranks, rank);
  r->end_shard = ls_partition_begin(shards, ranks, rank + 1);
  tree_stack cover;
  tree_cover(r->first_shard, r->end_shard, &cover, &r->deepest);
  r->slots = cover.depth;
}

/* Local: what there is to be added up here, and memory for it. */
static int plan_sums(ls_reducer *r) {
  const size_t ranks = (size_t)r->group->size, first = r->node * r->mates;
  size_t deepest = r->deepest;
  int status = LS_OK;
  if (is_plain(r)) { /* one sum, of all ranks, which MPI leaves on each */
    status = sum_create(&r->total, 1, 1, 1, 0, 1, true);
    if (deepest == 0) deepest = 1;
  } else if (r->nodes == 1) {
    status = sum_create(&r->total, r->shards, ranks, 1, 0, ranks, true);
  } else {
    status = sum_create(&r->total, r->shards, ranks, r->mates, 0, r->nodes, true);
  }
  if (status == LS_OK && r->nodes > 1 && r->mates > 1) {
    status = sum_create(&r->node_sum, r->shards, ranks, 1, first, first + r->mates, false);
    r->column_sums = ls_new(r->node_sum.result_count * r->column_length, sizeof(ls_real));
    if (!r->column_sums) return LS_FAILED;
  }
  if (r->mates > 1 || status != LS_OK) return status;
  r->partials = ls_new(deepest * r->padded, sizeof(ls_real));
  r->weights = ls_new(r->padded, sizeof(ls_real));
  return r->partials && r->weights ? LS_OK : LS_FAILED;
}

/* Where this rank's partial sums, or those of its node's column, are as inputs of the total. */
static void set_inputs(const ls_reducer *r) {
  const bool alone = r->mates == 1;
  for (size_t i = 0; i < r->total.input_count; i++) {
    sum_input *input = &r->total.inputs[i];
    if (input->member != r->node && !is_plain(r)) continue;
    input->values = alone ? r->partials + input->slot * r->padded
                          : r->column_sums + input->slot * r->column_length;
    input->packing = alone ? NULL : &r->column;
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
    deal(r);
    status = plan_sums(r);
  }
  status = ls_group_agree(group, status);
  const bool sends = status == LS_OK && r->nodes > 1 && !is_plain(r);
  if (status == LS_OK && (sends || r->mates == 1)) set_inputs(r);
  if (status == LS_OK && r->mates > 1) {
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
  if (r->mates == 1) {
    free(r->weights);
    free(r->partials);
  }
  free(r->column_sums);
  free(r);
  *reducer = NULL;
}

/* ---- What there is -----------------------------------------------------------------------------
 */

void ls_reducer_shards(const ls_reducer *r, size_t *first, size_t *end) {
  *first = r->first_shard;
  *end = r->end_shard;
}

ls_block_cyclic ls_reducer_share(const ls_reducer *r) {
  return r->share;
}

bool ls_reducer_counts(const ls_reducer *r, size_t first) {
  return ls_block_cyclic_has(&r->dealt, first);
}

ls_real *ls_reducer_weights(ls_reducer *r) {
  return r->weights;
}

ls_real *ls_reducer_gradient(ls_reducer *r) {
  return r->partials + r->own.depth * r->padded;
}

double ls_reducer_waited(const ls_reducer *r) {
  return r->waited;
}

/* Weights, partial sums; where there are others, an outbox and their letters for a share. */
size_t ls_reducer_bytes(size_t count, size_t shards, size_t ranks) {
  tree_stack cover;
  size_t deepest = 0, most, all, share = ls_partition_largest(blocks_of(count), ranks);
  tree_cover(0, ls_partition_begin(shards, ranks, 1), &cover, &deepest);
  ls_reducer_sums(shards, ranks, 1, &most, &all);
  size_t blocks = (deepest + 1) * blocks_of(count);
  if (ranks > 1) blocks += (1 + all - cover.depth) * share;
  return blocks * LS_BLOCK * sizeof(ls_real);
}

/* ---- Buckets on their way ----------------------------------------------------------------------
 */

/* Adds up the node's partial sums of a bucket's column, where other nodes want them. */
static void sum_column(ls_reducer *r, size_t bucket) {
  const shard_sum *s = &r->node_sum;
  size_t begin, count = s->result_count > 0 ? ls_block_cyclic_block(&r->column, bucket, &begin) : 0;
  for (size_t done = 0; done < count; done += LS_BLOCK) {
    const size_t at = begin + done, n = count - done < LS_BLOCK ? count - done : LS_BLOCK;
    sum_compute(s, at, n);
    for (size_t k = 0; k < s->result_count; k++) {
      ls_real *to = r->column_sums + k * r->column_length + ls_block_cyclic_index(&r->column, at);
      memcpy(to, sum_result(s, k, at), n * sizeof *to);
    }
  }
}

/* Where the total of a block is kept between passes: over the first input, which in this rank's
 * share nobody else reads. */
static ls_real *place_of(const ls_reducer *r, size_t first) {
  return sum_input_at(&r->total, 0, first);
}

/* The blocks of this rank's run in a bucket. */
static void pass_run(ls_reducer *r, size_t bucket, bool keep, ls_apply apply, void *context) {
  size_t begin, count = ls_block_cyclic_block(&r->share, bucket, &begin);
  for (size_t done = 0; done < count; done += LS_BLOCK) {
    const size_t at = begin + done, n = count - done < LS_BLOCK ? count - done : LS_BLOCK;
    ls_real *place = place_of(r, at), *gradient = place;
    if (!r->kept) {
      sum_compute(&r->total, at, n);
      gradient = sum_result(&r->total, 0, at);
    }
    apply(context, at, n, r->weights + at, gradient);
    if (keep && gradient != place) memcpy(place, gradient, n * sizeof *place);
  }
}

/* Whether a bucket that has come to a stage can go through it. */
static int can_pass(ls_reducer *r, reduce_stage stage, size_t bucket, bool *can) {
  *can = true;
  switch (stage) {
  case REDUCE_SEND:
    if (r->memory) *can = node_delivered(r, bucket);
    return LS_OK;
  case REDUCE_UPDATE:
    return r->mail ? exchange_arrived(r, bucket, can) : LS_OK;
  case REDUCE_PUBLISH:
    return r->mail ? exchange_weights_arrived(r, bucket, can) : LS_OK;
  case REDUCE_COLLECT:
    if (r->memory) *can = node_published(r, bucket);
    return LS_OK;
  default:
    return LS_OK;
  }
}

static int pass(ls_reducer *r, reduce_stage stage, size_t bucket) {
  switch (stage) {
  case REDUCE_DELIVER:
    if (r->memory) node_deliver(r, bucket);
    return LS_OK;
  case REDUCE_SEND:
    if (r->mail) sum_column(r, bucket);
    return r->mail ? exchange_send(r, bucket) : LS_OK;
  case REDUCE_UPDATE:
    if (r->apply) pass_run(r, bucket, false, r->apply, r->context);
    return r->mail ? exchange_send_weights(r, bucket) : LS_OK;
  case REDUCE_PUBLISH:
    if (r->memory) node_publish(r, bucket);
    return LS_OK;
  default:
    if (r->memory) node_collect(r, bucket);
    return LS_OK;
  }
}

/* Takes buckets as far as they get without waiting, through stages before `end`; *moved tells if
 * one has got any further. */
static int advance(ls_reducer *r, reduce_stage end, bool *moved) {
  *moved = false;
  for (reduce_stage stage = REDUCE_SEND; stage < end; stage++) {
    while (r->left[stage] > r->left[stage - 1]) {
      const size_t bucket = r->left[stage] - 1;
      bool can;
      int status = can_pass(r, stage, bucket, &can);
      if (status == LS_OK && !can) break;
      if (status == LS_OK) status = pass(r, stage, bucket);
      if (status != LS_OK) return status;
      r->left[stage] = bucket;
      *moved = true;
    }
  }
  return LS_OK;
}

/* Hands out the buckets that have no element before `first`. */
static void deliver(ls_reducer *r, size_t first) {
  size_t *left = &r->left[REDUCE_DELIVER];
  while (*left > 0 && (*left - 1) * r->dealt.stride >= first) pass(r, REDUCE_DELIVER, --*left);
}

/* ---- Waiting -----------------------------------------------------------------------------------
 */

/* Around everything that waits for other ranks. */
static double meet(void) {
  ls_activity_enter_collective();
  return ls_clock_seconds();
}

static void go_on(ls_reducer *r, double met) {
  r->waited += ls_clock_seconds() - met;
  ls_activity_leave();
}

void reducer_relax(unsigned spins) {
  enum { SPINS_UNSERVED = 64 };
  barrier_relax(spins);
  if (spins % SPINS_UNSERVED == SPINS_UNSERVED - 1) ls_mpi_serve();
}

/* Collective: takes all buckets through all stages before `end`. */
static int finish(ls_reducer *r, reduce_stage end) {
  while (r->left[end - 1] > 0) {
    bool moved;
    int status = advance(r, end, &moved);
    if (status != LS_OK) return status;
    if (moved) continue;
    double met = meet();
    for (unsigned spins = 0; status == LS_OK && !moved; spins++) {
      reducer_relax(spins);
      status = advance(r, end, &moved);
    }
    go_on(r, met);
    if (status != LS_OK) return status;
  }
  return LS_OK;
}

/* ---- A step ------------------------------------------------------------------------------------
 */

int ls_reducer_begin(ls_reducer *r, ls_apply apply, void *context) {
  r->own.depth = 0;
  r->unadded = r->count;
  for (int stage = 0; stage < REDUCE_STAGES; stage++) r->left[stage] = r->buckets;
  r->kept = false;
  r->apply = apply;
  r->context = context;
  if (r->memory) node_begin(r);
  r->status = r->mail ? exchange_begin(r, true) : LS_OK;
  return r->status;
}

static size_t next_shard(const ls_reducer *r) {
  if (r->own.depth == 0) return r->first_shard;
  tree_node last = r->own.nodes[r->own.depth - 1];
  return (last.index + 1) << last.level;
}

/* Adds elements first .. end - 1 of the last of `depth` sums to the one before, those to the one
 * before, and so on, until `left` are left. */
static void add_up(ls_reducer *r, size_t depth, size_t left, size_t first, size_t end) {
  for (; depth > left; depth--) {
    ls_real *at = r->partials + (depth - 2) * r->padded + first;
    sum_add(end - first, at, at + r->padded, at);
  }
}

void ls_reducer_ready(ls_reducer *r, size_t first) {
  if (r->buckets == 1 && first > 0) return;
  if (is_plain(r) || next_shard(r) + 1 < r->end_shard || r->status != LS_OK) return;
  add_up(r, r->own.depth + 1, r->slots, first, r->unadded);
  r->unadded = first;
  deliver(r, first);
  bool moved;
  r->status = advance(r, r->apply ? REDUCE_STAGES : REDUCE_UPDATE, &moved);
}

void ls_reducer_add(ls_reducer *r, bool empty) {
  size_t shard = next_shard(r), depth = r->own.depth + 1;
  if (empty) memset(ls_reducer_gradient(r), 0, r->count * sizeof(ls_real));
  tree_push(&r->own, (tree_node){0, shard});
  while (tree_join(&r->own)) {
  }
  add_up(r, depth, r->own.depth, 0, r->unadded);
  r->unadded = r->count;
}

/* The plain way: this rank's partial sums, from the right, and those of all ranks by MPI. */
static int sum_by_mpi(ls_reducer *r) {
  if (r->slots == 0) memset(r->partials, 0, r->count * sizeof(ls_real));
  add_up(r, r->slots, 1, 0, r->count);
  return ls_group_allreduce(r->group, r->partials, r->count);
}

/* Collective: once all shards were added, takes all buckets through all stages before `end`. */
static int finish_sums(ls_reducer *r, reduce_stage end) {
  if (r->status == LS_OK && is_plain(r) && r->left[REDUCE_DELIVER] > 0) {
    double met = meet();
    r->status = sum_by_mpi(r);
    go_on(r, met);
  }
  deliver(r, 0);
  return r->status == LS_OK ? finish(r, end) : r->status;
}

/* Collective: until the sums of a bucket are there. */
static int wait_for(ls_reducer *r, size_t bucket) {
  bool there = !r->mail;
  int status = LS_OK;
  double met = meet();
  while (status == LS_OK && !there) status = exchange_arrived(r, bucket, &there);
  go_on(r, met);
  return status;
}

int ls_reducer_pass(ls_reducer *r, ls_apply apply, void *context) {
  int status = finish_sums(r, REDUCE_UPDATE);
  for (size_t bucket = r->buckets; bucket-- > 0 && status == LS_OK;) {
    status = wait_for(r, bucket);
    if (status == LS_OK) pass_run(r, bucket, true, apply, context);
  }
  r->kept = true;
  return status;
}

/* Collective: joins words, when all that was on its way has come. */
static int join(ls_reducer *r, uint32_t *word) {
  int status = LS_OK;
  double met = meet();
  if (r->mail) status = exchange_end(r, word);
  if (is_plain(r)) {
    status = ls_mpi_check(
        MPI_Allreduce(MPI_IN_PLACE, word, 1, MPI_UINT32_T, MPI_BOR, r->group->comm), "agreeing");
  }
  if (r->memory && status == LS_OK) *word = node_meet(r, *word);
  go_on(r, met);
  return status;
}

int ls_reducer_end(ls_reducer *r, ls_apply apply, void *context, uint32_t *word) {
  int status = r->mail ? exchange_join(r, *word) : LS_OK;
  r->apply = apply;
  r->context = context;
  if (status == LS_OK) status = finish_sums(r, REDUCE_STAGES);
  return status == LS_OK ? join(r, word) : status;
}

/* ---- Weights alone -----------------------------------------------------------------------------
 */

/* The last stages of a step alone. */
int ls_reducer_allgather(ls_reducer *r) {
  uint32_t word = 0;
  if (is_plain(r)) return LS_OK;
  for (int stage = 0; stage < REDUCE_STAGES; stage++) {
    r->left[stage] = stage < REDUCE_UPDATE ? 0 : r->buckets;
  }
  r->apply = NULL;
  int status = r->mail ? exchange_begin(r, false) : LS_OK;
  if (status == LS_OK && r->mail) status = exchange_join(r, word);
  if (status == LS_OK) status = finish(r, REDUCE_STAGES);
  return status == LS_OK ? join(r, &word) : status;
}

int ls_reducer_broadcast(ls_reducer *r) {
  return ls_group_broadcast(r->group, r->weights, r->count * sizeof *r->weights, 0);
}
