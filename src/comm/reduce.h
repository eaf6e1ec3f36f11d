/* Gradient reduction fused with the update of the weights.
 *
 * Each shard's gradient is computed into memory that the reducer hands out; the shards of one rank
 * are added up as they come, those of all ranks in one fixed binary tree over shards, so that
 * results do not depend on how shards are spread over ranks. Every rank adds up and updates its own
 * share of the vector, block by block, while the sum is in cache; then all ranks see the new
 * weights.
 *
 * The vector is cut into buckets, from its end on, as backward completes them. Of each bucket every
 * rank has a run. As soon as all ranks have completed a bucket it is added up and updated, while
 * backward goes on. An update that has to see the whole gradient before it changes anything
 * (clipping by a norm) waits for that, and takes several passes.
 *
 * How the sums travel (ls_reduction):
 * - auto: within a node through MPI-3 shared memory, where also the one copy of the weights is;
 *   between nodes by messages among ranks that have the same number on their nodes. Of N nodes each
 *   sends and receives 2 (N - 1) / N of the vector a step, all its ranks together.
 * - exchange: by messages also within a node, as if each rank had one to itself.
 * - allreduce: MPI_Allreduce of the whole gradient, every rank updates everything: the plain
 *   reference. The order of the sum is the MPI library's, so results do depend on the ranks.
 *
 * A step:
 *
 *   ls_reducer_begin(r, update, context);
 *   for each of this rank's shards {
 *     backward into ls_reducer_gradient(r), between layers ls_reducer_ready(r, first);
 *     ls_reducer_add(r, false);
 *   }
 *   ls_reducer_end(r, update, context, &word); */
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

/* Elements of a block; runs of shares begin and end at blocks, whoever owns them. The weights,
 * gradient and slots of a block fit the first-level cache together. */
enum { LS_BLOCK = 2048 };

typedef struct ls_reducer ls_reducer;

/* Looks at or updates n weights (one block or what is left of it), `first` being the number of the
 * first in the vector; `gradient` is their gradient and may be overwritten. */
typedef void (*ls_apply)(void *context, size_t first, size_t n, ls_real *weights,
                         ls_real *gradient);

/* Collective. `count` weights, gradients of `shards` shards; the group is borrowed. */
int ls_reducer_create(ls_reducer **out, const ls_group *group, size_t count, size_t shards,
                      ls_reduction how);

/* Collective. */
void ls_reducer_free(ls_reducer **reducer);

/* This rank's shards are [*first, *end). Local. */
void ls_reducer_shards(const ls_reducer *reducer, size_t *first, size_t *end);

/* The elements that this rank updates. Local. */
ls_block_cyclic ls_reducer_share(const ls_reducer *reducer);

/* Whether sums over the block that begins at element `first` are this rank's to contribute: for
 * each block it is exactly one rank that updates it. Local. */
bool ls_reducer_counts(const ls_reducer *reducer, size_t first);

/* The weights, for reading on every rank. After creation they are undefined: rank 0 writes them,
 * then all call ls_reducer_broadcast. Local. */
ls_real *ls_reducer_weights(ls_reducer *reducer);

/* Collective: the weights as they are on rank 0 become those of all ranks. */
int ls_reducer_broadcast(ls_reducer *reducer);

/* Collective, between steps: all ranks see the weights that each has put in its share. */
int ls_reducer_allgather(ls_reducer *reducer);

/* Begins a step. `apply` updates weights: it is called as soon as sums are there, from
 * ls_reducer_ready on, of blocks that no rank needs any more in this step. NULL: not before
 * ls_reducer_end. */
int ls_reducer_begin(ls_reducer *reducer, ls_apply apply, void *context);

/* Memory for the gradient of this rank's next shard, in the order of its shards. Local. */
ls_real *ls_reducer_gradient(ls_reducer *reducer);

/* Says that the elements from `first` on of this gradient are complete, and that this rank is done
 * with their weights; those before follow in further calls, or with ls_reducer_add. Also has MPI
 * move what is on its way, which it does in calls only: it helps to call this often, even if
 * `first` is as before. Doesn't wait for other ranks. What goes wrong is told by ls_reducer_end. */
void ls_reducer_ready(ls_reducer *reducer, size_t first);

/* Says that this gradient is complete, or, with `empty`, that the shard has no samples. Local. */
void ls_reducer_add(ls_reducer *reducer, bool empty);

/* Collective, once all shards were added, in a step that began without an update: shows a function
 * every block of this rank's share; passes that follow find the gradient as this one leaves it. */
int ls_reducer_pass(ls_reducer *reducer, ls_apply apply, void *context);

/* Collective: updates what is still to be updated; then all ranks see all new weights. `word` is
 * any bits that a rank wants to tell the others; their union over all ranks is returned in it. */
int ls_reducer_end(ls_reducer *reducer, ls_apply apply, void *context, uint32_t *word);

/* Seconds for which this rank has waited for others and for messages so far. Local. */
double ls_reducer_waited(const ls_reducer *reducer);

/* Partial sums that are left of the shards of `width` ranks, no two of which could be added up
 * there: most of any such, and of all ranks together. Local. */
void ls_reducer_sums(size_t shards, size_t ranks, size_t width, size_t *most, size_t *all);

/* Blocks that a rank gets of a bucket, unless buckets were too many: of floats this is the longest
 * message below 64 KiB, Open MPI's limit for TCP up to which it is sent without asking. Longer ones
 * would wait for MPI calls, of which backward makes few. */
enum { LS_RUN_BLOCKS = 7 };

/* How gradients are sent while backward goes on: the number of buckets, and in *run the blocks that
 * a rank gets of each, of the last at most. Local. */
size_t ls_reducer_buckets(size_t count, size_t ranks, size_t *run);

/* Bytes of memory this takes per rank, as an estimate for `check`. Local. */
size_t ls_reducer_bytes(size_t count, size_t shards, size_t ranks);

#endif
