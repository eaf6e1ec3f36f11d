/* The reducer proper: adding a rank's shards, adding up the slices of all ranks, the update loops.
 * How the sums get from rank to rank is in shared.c, exchange.c and allreduce.c. */
#include "lockstep/reduce.h"

#include "lockstep/error.h"
#include "lockstep/memory.h"
#include "lockstep/note.h"
#include "lockstep/parts.h"
#include "reducer.h"

#include <stdlib.h>
#include <string.h>

static size_t blocks_of(size_t count) {
  return (count + LS_BLOCK - 1) / LS_BLOCK;
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
      r->inputs[r->input_count++] = (reduce_input){(int)rank, slot, NULL};
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
    return &reduce_exchange;
  case LS_REDUCE_ALLREDUCE:
    return &reduce_allreduce;
  case LS_REDUCE_AUTO:
    break;
  }
  if (group->size == 1) return &reduce_allreduce; /* nothing travels, and nothing is copied */
  return group->one_node ? &reduce_shared : &reduce_exchange;
}

static void set_sizes(ls_reducer *r, size_t count, size_t shards) {
  size_t ranks = (size_t)r->group->size, rank = (size_t)r->group->rank;
  size_t blocks = blocks_of(count);
  r->count = count;
  r->padded = blocks * LS_BLOCK;
  r->shards = shards;
  r->first_shard = ls_part_begin(shards, ranks, rank);
  r->end_shard = ls_part_begin(shards, ranks, rank + 1);
  r->first = ls_part_begin(blocks, ranks, rank) * LS_BLOCK;
  r->end = ls_part_begin(blocks, ranks, rank + 1) * LS_BLOCK;
  if (r->first > count) r->first = count;
  if (r->end > count) r->end = count;
  tree_stack cover;
  tree_cover(r->first_shard, r->end_shard, &cover, &r->deepest);
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

void ls_reducer_slice(const ls_reducer *r, size_t *first, size_t *end) {
  *first = r->first;
  *end = r->end;
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

void ls_reducer_add(ls_reducer *r, bool empty) {
  size_t shard = r->first_shard;
  if (r->own.depth > 0) {
    tree_node last = r->own.nodes[r->own.depth - 1];
    shard = (last.index + 1) << last.level;
  }
  if (empty) memset(ls_reducer_gradient(r), 0, r->count * sizeof(ls_real));
  tree_push(&r->own, (tree_node){0, shard});
  while (tree_join(&r->own)) {
    ls_real *left = r->partials + (r->own.depth - 1) * r->padded;
    reduce_add(r->count, left, left + r->padded, left);
  }
}

/* Where the total of a block is kept between passes: over the first input, which nobody else reads
 * in this rank's slice. */
static ls_real *place_of(const ls_reducer *r, size_t first) {
  return (ls_real *)r->inputs[0].values + (first - r->origin);
}

/* The total of elements first .. first + n - 1 (at most a block). */
static ls_real *total(ls_reducer *r, size_t first, size_t n) {
  if (r->op_count == 0) return place_of(r, first);
  size_t offset = first - r->origin;
  for (size_t k = 0; k < r->op_count; k++) {
    reduce_op op = r->ops[k];
    const ls_real *side[2];
    int operands[2] = {op.left, op.right};
    for (int s = 0; s < 2; s++) {
      side[s] = operands[s] < 0 ? r->inputs[-1 - operands[s]].values + offset
                                : r->sums + (size_t)operands[s] * LS_BLOCK;
    }
    reduce_add(n, side[0], side[1], r->sums + (size_t)op.depth * LS_BLOCK);
  }
  return r->sums;
}

int ls_reducer_begin(ls_reducer *r, uint32_t *word) {
  r->own.depth = 0;
  r->kept = false;
  ls_note_meet();
  int status = r->transport->begin(r, word);
  ls_note_go_on();
  return status;
}

void ls_reducer_pass(ls_reducer *r, bool keep, ls_apply apply, void *context) {
  for (size_t at = r->first; at < r->end; at += LS_BLOCK) {
    size_t n = r->end - at < LS_BLOCK ? r->end - at : LS_BLOCK;
    ls_real *place = place_of(r, at), *gradient = r->kept ? place : total(r, at, n);
    apply(context, at, n, r->weights + at, gradient);
    if (keep && gradient != place) memcpy(place, gradient, n * sizeof *place);
  }
  r->kept = keep;
}

int ls_reducer_end(ls_reducer *r) {
  ls_note_meet();
  int status = r->transport->end(r);
  ls_note_go_on();
  return status;
}

size_t ls_reducer_bytes(size_t count, size_t shards, size_t ranks) {
  tree_stack cover;
  size_t deepest = 0;
  tree_cover(0, ls_part_begin(shards, ranks, 1), &cover, &deepest);
  return (deepest + 1) * blocks_of(count) * LS_BLOCK * sizeof(ls_real);
}
