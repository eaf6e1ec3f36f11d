/* The reducer proper: adding a rank's shards, adding up the shares of all ranks, the update loops.
 * How the sums get from rank to rank is in shared.c, exchange.c and allreduce.c. */
#include "lockstep/reduce.h"

#include "lockstep/clock.h"
#include "lockstep/error.h"
#include "lockstep/memory.h"
#include "lockstep/note.h"
#include "lockstep/parts.h"
#include "reducer.h"

#include <stdlib.h>
#include <string.h>

static size_t blocks_of(size_t count) {
  return ls_part_most(count, LS_BLOCK);
}

/* Appends the addition of the operands at stack positions `at` and `at` + 1. */
static void join_operands(ls_reducer *r, int *operand, int at) {
  r->ops[r->op_count++] = (reduce_op){at, operand[at], operand[at + 1]};
  operand[at] = at;
}

/* Lists the finished sums of all ranks, in the order of shards, and the additions that make the
 * total of them: siblings are joined as they meet, and what is left in the end (where the number of
 * shards is no power of two) from the right. */
static int plan_total(ls_reducer *r) {
  size_t ranks = (size_t)r->group->size, deepest = 1;
  tree_stack stack = {.depth = 0};
  int operand[TREE_DEPTH];
  r->inputs = ls_new(r->shards, sizeof *r->inputs);
  r->ops = ls_new(r->shards, sizeof *r->ops);
  if (!r->inputs || !r->ops) return LS_FAILED;
  for (size_t rank = 0; rank < ranks; rank++) {
    tree_stack cover;
    tree_cover(ls_part_begin(r->shards, ranks, rank), ls_part_begin(r->shards, ranks, rank + 1),
               &cover, NULL);
    for (size_t slot = 0; slot < cover.depth; slot++) {
      operand[stack.depth] = -1 - (int)r->input_count;
      r->inputs[r->input_count++] = (reduce_input){.rank = (int)rank, .slot = slot};
      tree_push(&stack, cover.nodes[slot]);
      if (stack.depth > deepest) deepest = stack.depth;
      while (tree_join(&stack)) join_operands(r, operand, (int)stack.depth - 1);
    }
  }
  for (; stack.depth > 1; stack.depth--) join_operands(r, operand, (int)stack.depth - 2);
  r->sums = ls_new(deepest * LS_BLOCK, sizeof *r->sums);
  return r->sums ? LS_OK : LS_FAILED;
}

static const reduce_transport *choose(const ls_group *group, ls_reduction how) {
  switch (how) {
  case LS_REDUCE_SHARED:
    return &reduce_shared;
  case LS_REDUCE_EXCHANGE:
  case LS_REDUCE_EXCHANGE_LATE:
    return &reduce_exchange;
  case LS_REDUCE_ALLREDUCE:
    return &reduce_allreduce;
  case LS_REDUCE_AUTO:
    break;
  }
  if (group->size == 1) return &reduce_allreduce; /* nothing travels, and nothing is copied */
  return group->one_node ? &reduce_shared : &reduce_exchange;
}

/* More than one bucket pays where the first can be sent while the last is made. */
size_t ls_reducer_buckets(size_t count, size_t ranks, size_t *run) {
  enum { MOST_BUCKETS = 64 };
  size_t blocks = blocks_of(count);
  size_t buckets = ls_part_most(blocks, LS_RUN_BLOCKS * ranks);
  if (blocks == 0) blocks = buckets = 1;
  if (buckets > MOST_BUCKETS) buckets = MOST_BUCKETS;
  *run = ls_part_most(blocks, buckets * ranks);
  return ls_part_most(blocks, *run * ranks);
}

/* Cuts the vector into buckets, and these into a run for each rank, so that all ranks are sent
 * parts of any bucket. */
static void deal(ls_reducer *r, bool early) {
  size_t ranks = (size_t)r->group->size, run = ls_part_most(blocks_of(r->count), ranks);
  r->buckets = 1;
  if (early || run == 0) r->buckets = ls_reducer_buckets(r->count, ranks, &run);
  size_t width = run * LS_BLOCK;
  r->dealt = r->share = (ls_share){(size_t)r->group->rank * width, width, ranks * width, r->count};
}

static void set_sizes(ls_reducer *r, size_t count, size_t shards) {
  size_t ranks = (size_t)r->group->size, rank = (size_t)r->group->rank;
  r->count = r->unadded = count;
  r->padded = blocks_of(count) * LS_BLOCK;
  r->shards = shards;
  r->first_shard = ls_part_begin(shards, ranks, rank);
  r->end_shard = ls_part_begin(shards, ranks, rank + 1);
  tree_stack cover;
  tree_cover(r->first_shard, r->end_shard, &cover, &r->deepest);
  r->slots = cover.depth;
}

int ls_reducer_create(ls_reducer **out, const ls_group *group, size_t count, size_t shards,
                      ls_reduction how) {
  *out = NULL;
  if (how == LS_REDUCE_SHARED && !group->one_node) {
    return ls_fail(LS_INVALID, "train.reduction: shared memory does not reach over several nodes "
                               "(expected auto or exchange)");
  }
  ls_reducer *r = ls_new(1, sizeof *r);
  int status = r ? LS_OK : LS_FAILED;
  if (r) {
    r->group = group;
    r->window = MPI_WIN_NULL;
    r->block = MPI_DATATYPE_NULL;
    r->transport = choose(group, how);
    set_sizes(r, count, shards);
    deal(r, r->transport->start && how != LS_REDUCE_EXCHANGE_LATE);
    status = plan_total(r);
  }
  status = ls_group_agree(group, status);
  if (status == LS_OK) status = ls_group_agree(group, r->transport->create(r));
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
  r->transport->destroy(r);
  free(r->inputs);
  free(r->ops);
  free(r->sums);
  free(r);
  *reducer = NULL;
}

void ls_reducer_shards(const ls_reducer *r, size_t *first, size_t *end) {
  *first = r->first_shard;
  *end = r->end_shard;
}

ls_share ls_reducer_share(const ls_reducer *r) {
  return r->share;
}

bool ls_reducer_counts(const ls_reducer *r, size_t first) {
  return ls_share_has(&r->dealt, first);
}

ls_real *ls_reducer_weights(ls_reducer *r) {
  return r->weights;
}

int ls_reducer_publish(ls_reducer *r) {
  ls_note_meet();
  int status = r->transport->publish(r);
  ls_note_go_on();
  return status;
}

ls_real *ls_reducer_gradient(ls_reducer *r) {
  return r->partials + r->own.depth * r->padded;
}

void reduce_add(size_t n, const ls_real *left, const ls_real *right, ls_real *sum) {
  for (size_t i = 0; i < n; i++) sum[i] = left[i] + right[i];
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
    ls_real *sum = r->partials + (depth - 2) * r->padded + first;
    reduce_add(end - first, sum, sum + r->padded, sum);
  }
}

void ls_reducer_ready(ls_reducer *r, size_t first) {
  if (!r->transport->start || next_shard(r) + 1 < r->end_shard) return;
  add_up(r, r->own.depth + 1, r->slots, first, r->unadded);
  r->unadded = first;
  r->transport->start(r, first);
}

void ls_reducer_add(ls_reducer *r, bool empty) {
  size_t shard = next_shard(r), depth = r->own.depth + 1;
  if (empty) memset(ls_reducer_gradient(r), 0, r->count * sizeof(ls_real));
  tree_push(&r->own, (tree_node){0, shard});
  while (tree_join(&r->own)) {
  }
  add_up(r, depth, r->own.depth, 0, r->unadded);
  if (shard + 1 == r->end_shard && r->transport->start) r->transport->start(r, 0);
}

/* Around everything that waits for other ranks. */
static double meet(void) {
  ls_note_meet();
  return ls_clock_seconds();
}

static void go_on(ls_reducer *r, double met) {
  r->waited += ls_clock_seconds() - met;
  ls_note_go_on();
}

/* Element `first` of this rank's share, and those behind it, of an input. */
static const ls_real *values_of(const ls_reducer *r, const reduce_input *input, size_t first) {
  return input->values + (input->packed ? ls_share_place(&r->share, first) : first);
}

/* Where the total of a block is kept between passes: over the first input, which nobody else reads
 * in this rank's share. */
static ls_real *place_of(const ls_reducer *r, size_t first) {
  return (ls_real *)values_of(r, &r->inputs[0], first);
}

/* The total of elements first .. first + n - 1 (at most a block). */
static ls_real *total(ls_reducer *r, size_t first, size_t n) {
  if (r->op_count == 0) return place_of(r, first);
  for (size_t k = 0; k < r->op_count; k++) {
    reduce_op op = r->ops[k];
    const ls_real *side[2];
    int operands[2] = {op.left, op.right};
    for (int s = 0; s < 2; s++) {
      side[s] = operands[s] < 0 ? values_of(r, &r->inputs[-1 - operands[s]], first)
                                : r->sums + (size_t)operands[s] * LS_BLOCK;
    }
    reduce_add(n, side[0], side[1], r->sums + (size_t)op.depth * LS_BLOCK);
  }
  return r->sums;
}

int ls_reducer_begin(ls_reducer *r, uint32_t *word) {
  r->own.depth = 0;
  r->unadded = r->count;
  r->kept = false;
  double met = meet();
  int status = r->transport->begin(r, word);
  go_on(r, met);
  return status;
}

static int wait_for(ls_reducer *r, size_t bucket) {
  if (!r->transport->wait || r->kept) return LS_OK;
  double met = meet();
  int status = r->transport->wait(r, bucket);
  go_on(r, met);
  return status;
}

/* The blocks of a run. */
static void pass_run(ls_reducer *r, size_t run, bool keep, ls_apply apply, void *context) {
  size_t begin, count = ls_share_run(&r->share, run, &begin);
  for (size_t at = begin; at < begin + count; at += LS_BLOCK) {
    size_t n = begin + count - at < LS_BLOCK ? begin + count - at : LS_BLOCK;
    ls_real *place = place_of(r, at), *gradient = r->kept ? place : total(r, at, n);
    apply(context, at, n, r->weights + at, gradient);
    if (keep && gradient != place) memcpy(place, gradient, n * sizeof *place);
  }
}

/* Buckets in the order in which they were sent. */
int ls_reducer_pass(ls_reducer *r, bool keep, ls_apply apply, void *context) {
  for (size_t bucket = r->buckets; bucket-- > 0;) {
    int status = wait_for(r, bucket);
    if (status != LS_OK) return status;
    pass_run(r, bucket, keep, apply, context);
  }
  r->kept = keep;
  return LS_OK;
}

int ls_reducer_end(ls_reducer *r) {
  double met = meet();
  int status = r->transport->end(r);
  go_on(r, met);
  return status;
}

double ls_reducer_waited(const ls_reducer *r) {
  return r->waited;
}

size_t ls_reducer_bytes(size_t count, size_t shards, size_t ranks) {
  tree_stack cover;
  size_t deepest = 0;
  tree_cover(0, ls_part_begin(shards, ranks, 1), &cover, &deepest);
  return (deepest + 1) * blocks_of(count) * LS_BLOCK * sizeof(ls_real);
}
