/* Gradient reduction fused with the update of the weights.
 *
 * Each shard's gradient is computed into memory that the reducer hands out; the shards of one rank
 * are added up as they come, those of all ranks at the end of a step. Then every rank adds up its
 * own slice of the vector over all shards, in one fixed binary tree over shards, and updates its
 * slice of the weights right away, block by block, while the sum is in cache; then all ranks see
 * the new weights. Results do not depend on how shards are spread over ranks. An update that has to
 * see the whole gradient before it changes anything (clipping by a norm) takes several passes over
 * the slice.
 *
 * How the sums travel (ls_reduction):
 * - shared: gradients and the one copy of the weights lie in MPI-3 shared memory of the node; ranks
 *   read one another's gradients directly. Two barriers a step.
 * - exchange: slices of gradients by MPI_Alltoallv, updated weights by MPI_Allgatherv; every rank
 *   moves about 2 (P - 1) / P of the vector a step. Works between nodes.
 * - allreduce: MPI_Allreduce of the whole gradient, every rank updates everything: the plain
 *   reference. The order of the sum is the MPI library's, so results do depend on the ranks. */
#ifndef LOCKSTEP_REDUCE_H
#define LOCKSTEP_REDUCE_H

#include "lockstep/group.h"
#include "lockstep/real.h"

#include <stdbool.h>
#include <stdint.h>

typedef enum ls_reduction {
  LS_REDUCE_AUTO, /* shared within a node, exchange between nodes; one rank: nothing travels */
  LS_REDUCE_SHARED,
  LS_REDUCE_EXCHANGE,
  LS_REDUCE_ALLREDUCE,
} ls_reduction;

/* Elements of a block; slices begin and end at blocks, whoever owns them. The weights, gradient and
 * slots of a block fit the first-level cache together. */
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

/* The elements that this rank updates are [*first, *end). Local. */
void ls_reducer_slice(const ls_reducer *reducer, size_t *first, size_t *end);

/* The weights, for reading on every rank. After creation they are undefined: rank 0 writes them,
 * then all call ls_reducer_publish. Local. */
ls_real *ls_reducer_weights(ls_reducer *reducer);

/* Collective: the weights as they are on rank 0 become those of all ranks. */
int ls_reducer_publish(ls_reducer *reducer);

/* Memory for the gradient of this rank's next shard, in the order of its shards. Local. */
ls_real *ls_reducer_gradient(ls_reducer *reducer);

/* Says that this gradient is complete, or, with `empty`, that the shard has no samples. Local. */
void ls_reducer_add(ls_reducer *reducer, bool empty);

/* Bits of a step's word with which it ends there; the others are only told. */
enum { LS_WORD_ABORT = 0xffff };

/* Collective, once all shards were added. `word` is any bits the ranks want to agree on (error,
 * stop, not a number); their union over all ranks is returned in *word. Unless it has a bit of
 * LS_WORD_ABORT the step goes on, with passes and ls_reducer_end. */
int ls_reducer_begin(ls_reducer *reducer, uint32_t *word);

/* Applies a function to every block of this rank's slice. With `keep` another pass follows, which
 * finds the gradient as this one leaves it. Local. */
void ls_reducer_pass(ls_reducer *reducer, bool keep, ls_apply apply, void *context);

/* Collective: all ranks see the weights that each has put in its slice. */
int ls_reducer_end(ls_reducer *reducer);

/* Partial sums that ranks have of their shards in the end, no two of which could be added up on
 * their rank: most of any rank, and of all ranks together. Local. */
void ls_reducer_sums(size_t shards, size_t ranks, size_t *most, size_t *all);

/* Bytes of memory this takes per rank, as an estimate for `check`. Local. */
size_t ls_reducer_bytes(size_t count, size_t shards, size_t ranks);

#endif
