/* Which partial sums of gradients there are, where they lie, and in what order they are added up.
 *
 * Members, ranks or nodes of several ranks, have one partial sum or more each: what their shards
 * add up to in the fixed tree (tree.h). A sum continues the tree over some members that come one
 * after another. Over all of them it has one result, over some again what these shards add up to.
 */
#ifndef LS_COMM_SUM_H
#define LS_COMM_SUM_H

#include "base/block_cyclic.h"
#include "comm/binary_tree.h"

typedef struct sum_input {
  size_t member, slot; /* partial sum number `slot` of the member */
  const ls_real *values;
  const ls_block_cyclic
      *packing; /* what `values` are the packed elements of; NULL: the whole vector */
} sum_input;

/* stack[depth] = left + right, where an operand -1 - i is input i and another one is
 * stack[operand]. */
typedef struct sum_op {
  int depth, left, right;
} sum_op;

typedef struct shard_sum {
  sum_input *inputs; /* in the order of shards */
  size_t input_count;
  sum_op *ops;
  size_t op_count;
  int *results; /* operands */
  size_t result_count;
  ls_real *stack; /* [depth][LS_BLOCK] */
} shard_sum;

/* The shards of `size` ranks, which are members `first` to `end` of `width` ranks each; with
 * `whole` the sum over these has one result. Whoever calls sets `values` and `packing` of the
 * inputs. LS_FAILED if there is no memory; to be released in any case. */
int sum_create(shard_sum *s, size_t shards, size_t ranks, size_t width, size_t first, size_t end,
               bool whole);
void sum_destroy(shard_sum *s);

/* How many partial sums member number `member` has. */
size_t sum_slots(size_t shards, size_t ranks, size_t width, size_t member);

/* Adds up n elements (at most a block) from element `first` of the vector on. */
void sum_compute(const shard_sum *s, size_t first, size_t n);

/* Where result number k of what was computed last is: in the stack or, if there was nothing to be
 * added, in an input. */
ls_real *sum_result(const shard_sum *s, size_t k, size_t first);

/* Element `first` of an input, and those behind it. */
ls_real *sum_input_at(const shard_sum *s, size_t input, size_t first);

/* both[i] = left[i] + right[i]; both may be left. */
void sum_add(size_t n, const ls_real *left, const ls_real *right, ls_real *both);

#endif
