/* Gradient reduction fused with the update of the weights.
 *
 * Backward adds the gradients of one rank's shards (nn/shards.h), the reducer those of all ranks,
 * in one fixed binary tree over shards (base/binary_tree.h), so that results do not depend on how
 * many ranks there are. Every rank reduces and updates its own blocks of the vector, block by
 * block, while the sum is in cache. Then all ranks receive the new weights.
 *
 * The vector is partitioned block-cyclically: it is cut into buckets, in each of which every rank
 * has a range of blocks. Backward completes the buckets from the last to the first. As soon as all
 * ranks have completed a bucket it is reduced and updated, while backward continues (reduce.c). An
 * update that needs the whole gradient before it changes anything (clipping by a norm) starts when
 * backward has ended, and takes several passes.
 *
 * The methods (ls_reduction):
 * - auto: within a node through shared memory; between nodes by messages among the ranks that have
 * the same number on their nodes. Of N nodes each sends and receives 2 (N - 1) / N of the vector a
 * step, all its ranks together.
 * - exchange: by messages also within a node, as if each rank had a node of its own.
 * - allreduce: MPI_Allreduce of the whole gradient, and every rank updates all weights: the plain
 *   reference. The order of the sum is the MPI library's, so results depend on the number of ranks.
 *
 * A step:
 *
 *   ls_reducer_begin(r, update, context);
 *   backward into ls_reducer_gradients(r, &stride), between layers ls_reducer_ready(r, first);
 *   ls_reducer_end(r, update, context, &flags); */
#ifndef LS_COMM_REDUCE_H
#define LS_COMM_REDUCE_H

#include "base/block_cyclic.h"
#include "comm/group.h"
#include "lockstep/types.h"

#include <stdbool.h>
#include <stdint.h>

typedef enum ls_reduction {
  LS_REDUCE_AUTO,
  LS_REDUCE_EXCHANGE,
  LS_REDUCE_ALLREDUCE,
} ls_reduction;

/* Elements of a block. The weights, gradient and optimiser slots of a block fit the first-level
 * cache together. */
enum { LS_BLOCK = 2048 };

typedef struct ls_reducer ls_reducer;

/* Reads or updates n weights (one block, or the rest of the vector), the first of which is element
 * `first`; `gradient` is their gradient and may be overwritten. */
typedef void (*ls_apply)(void *context, size_t first, size_t n, ls_real *weights,
                         ls_real *gradient);

/* Makes a reducer of `count` weights and the gradients of `shards` shards; the group is borrowed.
 * Collective. Returns the same status on all ranks. */
int ls_reducer_create(ls_reducer **out, const ls_group *group, size_t count, size_t shards,
                      ls_reduction how);

/* Collective. */
void ls_reducer_free(ls_reducer **reducer);

/* This rank's shards are [*first, *end). Local. */
void ls_reducer_shards(const ls_reducer *reducer, size_t *first, size_t *end);

/* The elements that this rank updates. Local. */
ls_block_cyclic ls_reducer_blocks(const ls_reducer *reducer);

/* Returns whether the block that begins at element `first` is this rank's: it is exactly one
 * rank's, also where all ranks update it. That rank contributes the block to sums over all blocks.
 * Local. */
bool ls_reducer_owns(const ls_reducer *reducer, size_t first);

/* The elements [first, end), whole parameters, are divided: the ranks of a node divide the work on
 * their gradient, of which each sets its part of the node's alone (ls_reducer_node_blocks), but
 * there the sums over the shards of the whole node (ls_reducer_node_shards). The others of these
 * elements are not read. Before the first step; in ascending order; the same on all ranks of a
 * group whose nodes have several ranks each. LS_FAILED without memory. Local, as are the next. */
int ls_reducer_divide(ls_reducer *reducer, size_t first, size_t end);
ls_block_cyclic ls_reducer_node_blocks(const ls_reducer *reducer);
void ls_reducer_node_shards(const ls_reducer *reducer, size_t *first, size_t *end);

/* Returns the number of ranks that add their gradients in shared memory; 1 unless the method is
 * auto. */
size_t ls_reducer_node_ranks(const ls_reducer *reducer);

/* The weights, for reading on every rank. After creation they are undefined: rank 0 writes them,
 * then all call ls_reducer_broadcast. Local. */
ls_real *ls_reducer_weights(ls_reducer *reducer);

/* Copies rank 0's weights to all ranks. Collective. */
int ls_reducer_broadcast(ls_reducer *reducer);

/* Copies the weights that each rank has put in its blocks to all ranks. Collective, between steps.
 */
int ls_reducer_allgather(ls_reducer *reducer);

/* Begins a step. `apply` updates weights: it is called as soon as a block's sum is complete, from
 * ls_reducer_ready on, and only for blocks that no rank reads any more in this step. NULL: not
 * before ls_reducer_end. */
int ls_reducer_begin(ls_reducer *reducer, ls_apply apply, void *context);

/* Memory for the gradients of the partial sums of this rank's shards: the first, and *stride
 * elements from each to the next, of which there are as many as a stack of these sums holds at most
 * (nn/shards.h). Of divided elements they are the node's sums. Local. */
ls_real *ls_reducer_gradients(ls_reducer *reducer, size_t *stride);

/* Declares the elements of these gradients from `first` on complete, and their weights no longer
 * read by this rank in this step; the elements before `first` follow in further calls, or are
 * complete in ls_reducer_end. Also has MPI progress its messages, which it does in calls only: it
 * helps to call this often, even with the same `first`. Doesn't wait for other ranks. Errors are
 * returned by ls_reducer_end. Local. */
void ls_reducer_ready(ls_reducer *reducer, size_t first);

/* Within a pass: replaces row 0 of rows[k][count], each of which belongs to a partial sum of this
 * rank's shards, by the sum over all shards. An error is returned by ls_reducer_end. Collective. */
void ls_reducer_sum_rows(ls_reducer *reducer, size_t count, double *rows);

/* Calls a function for every block of this rank, in a step that began without an update, after all
 * shards were added. Later passes find the gradient as this one leaves it. Collective. */
int ls_reducer_pass(ls_reducer *reducer, ls_apply apply, void *context);

/* Ends a step: updates what is not updated yet; then all ranks have all new weights. `flags` are
 * status flags of this rank; on return their union over all ranks. Collective. */
int ls_reducer_end(ls_reducer *reducer, ls_apply apply, void *context, uint32_t *flags);

/* Seconds that this rank has waited for other ranks and for messages so far. Local. */
double ls_reducer_waited(const ls_reducer *reducer);

/* ---- Sizes, for estimates. All local. -------------------------------------------------------- */

/* Partial sums that remain of the shards of `width` consecutive ranks, no two of which can be added
 * there: *most of any such ranks, *all of all ranks together. */
void ls_reducer_sums(size_t shards, size_t ranks, size_t width, size_t *most, size_t *all);

/* Blocks that a rank has in a bucket, unless there would be too many buckets: of floats this is the
 * longest message below 64 KiB, up to which Open MPI sends over TCP without a handshake. Longer
 * ones would wait for MPI calls, of which backward makes few. */
enum { LS_BUCKET_BLOCKS = 7 };

/* Returns the number of buckets for so many ranks on all nodes together; *blocks is the most blocks
 * that a rank has in one. */
size_t ls_reducer_buckets(size_t count, size_t ranks, size_t nodes, size_t *blocks);

/* Bytes of memory that a reducer takes per rank. */
size_t ls_reducer_bytes(size_t count, size_t shards, size_t ranks);

#endif
