/* Gradient reduction fused with the update of the weights.
 *
 * Each shard's gradient is computed into memory that the reducer hands out; the shards of one rank
 * are added up as they come, those of all ranks at the end of a step. Then every rank adds up its
 * own share of the vector over all shards, in one fixed binary tree over shards, and updates its
 * share of the weights right away, block by block, while the sum is in cache; then all ranks see
 * the new weights. Results do not depend on how shards are spread over ranks. An update that has to
 * see the whole gradient before it changes anything (clipping by a norm) takes several passes over
 * the share.
 *
 * How the sums travel (ls_reduction):
 * - shared: gradients and the one copy of the weights lie in MPI-3 shared memory of the node; ranks
 *   read one another's gradients directly. Two barriers a step.
 * - exchange: by messages, between nodes as well; every rank sends and receives about
 *   2 (P - 1) / P of the vector a step. Gradients are on their way while backward goes on: of the
 *   rank's last shard they are sent bucket by bucket, from the end of the vector on, as backward
 *   completes them (ls_reducer_ready).
 * - exchange_late: the same, sent only once they are complete as a whole, to compare with.
 * - allreduce: MPI_Allreduce of the whole gradient, every rank updates everything: the plain
 *   reference. The order of the sum is the MPI library's, so results do depend on the ranks. */
#ifndef LOCKSTEP_REDUCE_H
#define LOCKSTEP_REDUCE_H

#include "lockstep/group.h"
#include "lockstep/real.h"
#include "lockstep/share.h"

#include <stdbool.h>
#include <stdint.h>

typedef enum ls_reduction {
  LS_REDUCE_AUTO, /* shared within a node, exchange between nodes; one rank: nothing travels */
  LS_REDUCE_SHARED,
  LS_REDUCE_EXCHANGE,
  LS_REDUCE_ALLREDUCE,
  LS_REDUCE_EXCHANGE_LATE,
} ls_reduction;

/* Whether everything goes by messages, even within a node. Local. */
static inline bool ls_reduction_sends(ls_reduction how) {
  return how == LS_REDUCE_EXCHANGE || how == LS_REDUCE_EXCHANGE_LATE;
}

/* Elements of a block; runs of shares begin and end at blocks, whoever owns them. The weights,
 * gradient and slots of a block fit the first-level cache together. */
enum { LS_BLOCK = 2048 };

typedef struct ls_reducer ls_reducer;

/* Looks at or updates n weights (one block or what is left of it), `first` being the number of the
 * first in the vector; `gradient` is their gradient and may be overwritten. */
typedef void (*ls_apply)(void *context, size_t first, size_t n, ls_real *weights,
                         ls_real *gradient);

/* Collective. `count` weights, gradients of `shards` shards; the group is borrowed. LS_INVALID if
 * shared memory is asked for where ranks are on several nodes. */
int ls_reducer_create(ls_reducer **out, const ls_group *group, size_t count, size_t shards,
                      ls_reduction how);

/* Collective. */
void ls_reducer_free(ls_reducer **reducer);

/* This rank's shards are [*first, *end). Local. */
void ls_reducer_shards(const ls_reducer *reducer, size_t *first, size_t *end);

/* The elements that this rank updates. Local. */
ls_share ls_reducer_share(const ls_reducer *reducer);

/* Whether sums over the block that begins at element `first` are this rank's to contribute: for
 * each block it is exactly one rank that updates it. Local. */
bool ls_reducer_counts(const ls_reducer *reducer, size_t first);

/* The weights, for reading on every rank. After creation they are undefined: rank 0 writes them,
 * then all call ls_reducer_publish. Local. */
ls_real *ls_reducer_weights(ls_reducer *reducer);

/* Collective: the weights as they are on rank 0 become those of all ranks. */
int ls_reducer_publish(ls_reducer *reducer);

/* Memory for the gradient of this rank's next shard, in the order of its shards. Local. */
ls_real *ls_reducer_gradient(ls_reducer *reducer);

/* Says that the elements from `first` on of this gradient are complete; those before follow in
 * further calls, or with ls_reducer_add. Also has MPI move what is on its way, which it does in
 * calls only: it helps to call this often, even if `first` is as before. Local. */
void ls_reducer_ready(ls_reducer *reducer, size_t first);

/* Says that this gradient is complete, or, with `empty`, that the shard has no samples. Local. */
void ls_reducer_add(ls_reducer *reducer, bool empty);

/* Bits of a step's word with which it ends there; the others are only told. */
enum { LS_WORD_ABORT = 0xffff };

/* Collective, once all shards were added. `word` is any bits the ranks want to agree on (error,
 * stop, not a number); their union over all ranks is returned in *word. Unless it has a bit of
 * LS_WORD_ABORT the step goes on, with passes and ls_reducer_end. */
int ls_reducer_begin(ls_reducer *reducer, uint32_t *word);

/* Applies a function to every block of this rank's share. With `keep` another pass follows, which
 * finds the gradient as this one leaves it. Collective: gradients are waited for. */
int ls_reducer_pass(ls_reducer *reducer, bool keep, ls_apply apply, void *context);

/* Collective: all ranks see the weights that each has put in its share. */
int ls_reducer_end(ls_reducer *reducer);

/* Seconds for which this rank has waited for others and for messages so far. Local. */
double ls_reducer_waited(const ls_reducer *reducer);

/* Partial sums that ranks have of their shards in the end, no two of which could be added up on
 * their rank: most of any rank, and of all ranks together. Local. */
void ls_reducer_sums(size_t shards, size_t ranks, size_t *most, size_t *all);

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
