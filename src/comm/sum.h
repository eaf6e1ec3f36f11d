/* Sums of gradients over members, which are ranks or nodes of several ranks.
 *
 * Each member has the partial sums of its shards in the fixed tree (binary_tree.h), one or more. A
 * sum continues the tree over consecutive members. Over all members it has one result, over some of
 * them the partial sums of all their shards. */
#ifndef LS_COMM_SUM_H
#define LS_COMM_SUM_H

#include "base/binary_tree.h"
#include "base/block_cyclic.h"

typedef struct sum_input {
  size_t member, slot; /* partial sum number `slot` of the member */
  const ls_real *values;
  const ls_block_cyclic *packing; /* the elements that `values` holds, packed; NULL: all */
} sum_input;

/* An addition: stack[depth] = left + right, where operand -1 - i is input i, and operand k >= 0 is
 * stack[k]. */
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

/* Plans the sum over members `first` to `end` - 1, each of `width` ranks, of a vector of which
 * `ranks` ranks have `shards` shards; with `whole` these are all members, and the sum has one
 * result. The caller sets `values` and `packing` of the inputs. LS_FAILED without memory;
 * sum_destroy in any case. Local, as are the others. */
int sum_create(shard_sum *s, size_t shards, size_t ranks, size_t width, size_t first, size_t end,
               bool whole);
void sum_destroy(shard_sum *s);

/* Returns the number of partial sums of a member. */
size_t sum_slots(size_t shards, size_t ranks, size_t width, size_t member);

/* Computes the sums of n elements (a block at most), from element `first` of the vector on. */
void sum_compute(const shard_sum *s, size_t first, size_t n);

/* Result number k of the last sum_compute: in the stack or, if nothing had to be added, in an
 * input.
 */
ls_real *sum_result(const shard_sum *s, size_t k, size_t first);

/* An input, from element `first` on. */
ls_real *sum_input_at(const shard_sum *s, size_t input, size_t first);

/* both[i] = left[i] + right[i]; both may be left. */
void sum_add(size_t n, const ls_real *left, const ls_real *right, ls_real *both);

#endif
