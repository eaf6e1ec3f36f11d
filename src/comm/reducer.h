/* Inside the reducer: what its ways of travelling share. */
#ifndef LS_COMM_REDUCER_H
#define LS_COMM_REDUCER_H

#include "barrier.h"
#include "lockstep/reduce.h"
#include "tree.h"

#ifdef LS_DOUBLE
#define LS_MPI_REAL MPI_DOUBLE
#else
#define LS_MPI_REAL MPI_FLOAT
#endif

/* One finished partial sum that takes part in the total: number `slot` of rank `rank`. */
typedef struct reduce_input {
  int rank;
  size_t slot;
  const ls_real *values; /* of the whole vector */
  bool packed;           /* no: of this rank's share, packed */
} reduce_input;

/* One addition of the total: sum[depth] = left + right, where a negative operand -1 - i is input i
 * and another one is sum[operand]. */
typedef struct reduce_op {
  int depth, left, right;
} reduce_op;

/* A way for sums to travel. `begin` joins the ranks' words and makes the other ranks' sums readable
 * at inputs[i].values; `end` makes the updated weights visible to all. Ways that send sums before
 * `begin` do so by buckets of the vector: `start` sends those that have no element before `first`,
 * once in a step, and has MPI move what is on its way; a bucket's sums are readable after `wait`.
 * The others have neither, and one bucket. */
typedef struct reduce_transport {
  int (*create)(ls_reducer *r);
  void (*destroy)(ls_reducer *r);
  void (*start)(ls_reducer *r, size_t first);
  int (*begin)(ls_reducer *r, uint32_t *word);
  int (*wait)(ls_reducer *r, size_t bucket);
  int (*end)(ls_reducer *r);
  int (*publish)(ls_reducer *r);
} reduce_transport;

extern const reduce_transport reduce_shared, reduce_exchange, reduce_allreduce;

struct ls_reducer {
  const ls_group *group; /* borrowed */
  const reduce_transport *transport;
  size_t count, padded; /* elements of the vector; rounded up to whole blocks */
  size_t shards, first_shard, end_shard;
  size_t buckets; /* of share.stride elements; this rank's run k is in bucket k */
  ls_share dealt; /* the vector as dealt out to ranks: this rank's share of it */
  ls_share share; /* what this rank updates: the same, or all */

  ls_real *weights;
  tree_stack own;       /* sums of this rank's shards so far */
  size_t unadded;       /* of the last shard's gradient: elements that aren't in the sums yet */
  size_t slots;         /* partial sums in the end */
  size_t deepest;       /* partial sums held at a time */
  ls_real *partials;    /* [deepest][padded] */
  reduce_input *inputs; /* finished sums of all ranks, in the order of shards */
  size_t input_count;
  reduce_op *ops;
  size_t op_count;
  ls_real *sums; /* [depth of the stack][LS_BLOCK] */
  double waited; /* seconds */
  bool kept;     /* the total of the step in hand is in its place: see reduce.c */

  MPI_Win window; /* shared: */
  shared_barrier *barrier;
  MPI_Datatype block; /* exchange: see there */
  struct exchange *exchange;
};

/* For the ways that send messages: weights and partial sums in memory of the rank's own, the type
 * of a block; their release; the broadcast that publishes weights. */
int reduce_own_memory(ls_reducer *r);
void reduce_release_own_memory(ls_reducer *r);
int reduce_broadcast_weights(ls_reducer *r);

/* Collective, likewise by a message: *word becomes the union of all ranks' words. */
int reduce_join_words(ls_reducer *r, uint32_t *word);

/* sum[i] = left[i] + right[i]; sum may be left. */
void reduce_add(size_t n, const ls_real *left, const ls_real *right, ls_real *sum);

#endif
