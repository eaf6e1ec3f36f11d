/* Sums over members. */
#include "comm/sum.h"

#include "base/memory.h"
#include "base/partition.h"
#include "comm/reduce.h"
#include "lockstep/error.h"

#include <stdlib.h>

static void cover_of(size_t shards, size_t ranks, size_t width, size_t member, tree_stack *cover) {
  tree_cover(ls_partition_begin(shards, ranks, member * width),
             ls_partition_begin(shards, ranks, (member + 1) * width), cover, NULL);
}

size_t sum_slots(size_t shards, size_t ranks, size_t width, size_t member) {
  tree_stack cover;
  cover_of(shards, ranks, width, member, &cover);
  return cover.depth;
}

void ls_reducer_sums(size_t shards, size_t ranks, size_t width, size_t *most, size_t *all) {
  *most = *all = 0;
  for (size_t member = 0; member < ranks / width; member++) {
    const size_t slots = sum_slots(shards, ranks, width, member);
    if (slots > *most) *most = slots;
    *all += slots;
  }
}

/* Appends the addition of the operands at stack positions `at` and `at` + 1. */
static void join_operands(shard_sum *s, int *operand, int at) {
  s->ops[s->op_count++] = (sum_op){at, operand[at], operand[at + 1]};
  operand[at] = at;
}

/* Joins siblings as soon as both are on the stack; what is left of a whole sum in the end (where
 * the number of shards is not a power of two) is added from the right. */
int sum_create(shard_sum *s, size_t shards, size_t ranks, size_t width, size_t first, size_t end,
               bool whole) {
  size_t deepest = 1;
  tree_stack stack = {.depth = 0};
  *s = (shard_sum){0};
  s->inputs = ls_new(shards, sizeof *s->inputs);
  s->ops = ls_new(shards, sizeof *s->ops);
  s->results = ls_new(TREE_DEPTH, sizeof *s->results);
  if (!s->inputs || !s->ops || !s->results) return LS_FAILED;
  for (size_t member = first; member < end; member++) {
    tree_stack cover;
    cover_of(shards, ranks, width, member, &cover);
    for (size_t slot = 0; slot < cover.depth; slot++) {
      s->results[stack.depth] = -1 - (int)s->input_count;
      s->inputs[s->input_count++] = (sum_input){.member = member, .slot = slot};
      tree_push(&stack, cover.nodes[slot]);
      if (stack.depth > deepest) deepest = stack.depth;
      while (tree_join(&stack)) join_operands(s, s->results, (int)stack.depth - 1);
    }
  }
  for (; whole && stack.depth > 1; stack.depth--) {
    join_operands(s, s->results, (int)stack.depth - 2);
  }
  s->result_count = stack.depth;
  s->stack = ls_new(deepest * LS_BLOCK, sizeof *s->stack);
  return s->stack ? LS_OK : LS_FAILED;
}

void sum_destroy(shard_sum *s) {
  free(s->inputs);
  free(s->ops);
  free(s->results);
  free(s->stack);
}

void sum_add(size_t n, const ls_real *left, const ls_real *right, ls_real *both) {
  for (size_t i = 0; i < n; i++) both[i] = left[i] + right[i];
}

ls_real *sum_input_at(const shard_sum *s, size_t input, size_t first) {
  const sum_input *in = &s->inputs[input];
  return (ls_real *)in->values + (in->packing ? ls_block_cyclic_index(in->packing, first) : first);
}

static ls_real *value_of(const shard_sum *s, int operand, size_t first) {
  return operand < 0 ? sum_input_at(s, (size_t)(-1 - operand), first)
                     : s->stack + (size_t)operand * LS_BLOCK;
}

void sum_compute(const shard_sum *s, size_t first, size_t n) {
  for (size_t k = 0; k < s->op_count; k++) {
    const sum_op *op = &s->ops[k];
    sum_add(n, value_of(s, op->left, first), value_of(s, op->right, first),
            s->stack + (size_t)op->depth * LS_BLOCK);
  }
}

ls_real *sum_result(const shard_sum *s, size_t k, size_t first) {
  return value_of(s, s->results[k], first);
}
