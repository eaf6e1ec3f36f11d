/* Inside the reducer: what reducer.c, reduce.c, node.c and exchange.c share.
 *
 * reducer.c makes it; reduce.c takes buckets through the stages of a step; node.c does what
 * concerns the ranks of a node, exchange.c what concerns other nodes. */
#ifndef LS_COMM_REDUCER_H
#define LS_COMM_REDUCER_H

#include "base/binary_tree.h"
#include "comm/reduce.h"
#include "comm/sum.h"

/* The stages that each bucket goes through, in this order; see reduce.c. */
typedef enum reduce_stage {
  REDUCE_LOCAL,
  REDUCE_SCATTER,
  REDUCE_UPDATE,
  REDUCE_ALLGATHER,
  REDUCE_COPY_BACK,
  REDUCE_STAGES,
} reduce_stage;

/* Elements of the vector. */
typedef struct reducer_range {
  size_t first, end;
} reducer_range;

struct ls_reducer {
  const ls_group *group; /* borrowed */
  ls_reduction how;
  size_t count;  /* elements of the vector */
  size_t padded; /* the same, rounded up to whole blocks */
  size_t shards, first_shard, end_shard;

  size_t nodes;      /* with all methods but auto each rank counts as a node */
  size_t node;       /* this rank's */
  size_t node_ranks; /* ranks of each node */
  size_t node_rank;  /* this rank's number on its node */

  /* A bucket has a range of blocks for each rank: first those of the ranks that are number 0 on
   * their nodes, in the order of nodes, then of those that are number 1, and so on. The node range
   * of a rank joins its own and those of its counterparts, the ranks with the same number on other
   * nodes. Range k of each of these is in bucket k. */
  size_t buckets;
  ls_block_cyclic own;        /* this rank's blocks */
  ls_block_cyclic updated;    /* the blocks that it updates: its own, or with allreduce all */
  ls_block_cyclic node_range; /* the blocks that it reduces over the ranks of its node */
  size_t node_range_length;   /* elements that any rank's node range has at most, packed */

  reducer_range *divided; /* see ls_reducer_divide */
  size_t divided_count;
  size_t node_slots; /* partial sums that remain of the node's shards, and so of these elements */

  ls_real *weights;
  ls_real *partials;    /* [most_partials][padded], sums of this rank's shards */
  size_t slots;         /* partial sums that remain of its shards */
  size_t most_partials; /* partial sums held at a time, while they are added */

  shard_sum node_sum; /* over the ranks of this node: their partial sums of the node range */
  ls_real *node_sums; /* its results, [result][node_range_length], if there are other nodes */
  shard_sum total;    /* over nodes, or over the ranks of the only one */

  /* Of the current step. */
  size_t remaining[REDUCE_STAGES]; /* buckets that haven't been through each stage */
  ls_apply apply;                  /* or NULL: not before the end */
  void *context;
  bool kept; /* the totals are in place: see total_place in reduce.c */
  int status;

  double waited;                   /* seconds */
  struct node_memory *node_memory; /* NULL: one rank per node */
  struct exchange *exchange;       /* with other nodes; NULL: there are none, or allreduce */
};

/* Whether MPI_Allreduce adds, and every rank updates everything. */
static inline bool reducer_is_plain(const ls_reducer *r) {
  return r->how == LS_REDUCE_ALLREDUCE;
}

/* The divided range that has element `at` or, if none has, the next one; NULL: there are none from
 * there on. */
static inline const reducer_range *reducer_divided_from(const ls_reducer *r, size_t at) {
  for (size_t i = 0; i < r->divided_count; i++) {
    if (at < r->divided[i].end) return &r->divided[i];
  }
  return NULL;
}

/* Around everything that waits for other ranks. */
double reducer_begin_wait(void);
void reducer_end_wait(ls_reducer *r, double began);

/* ---- Within a node (node.c) ------------------------------------------------------------------ */

/* Collective over the group: allocates memory shared by the node's ranks for this rank's weights,
 * partial sums and buffers; sets values and packing of the inputs of `s`, the ranks' partial sums.
 */
int node_create(ls_reducer *r, shard_sum *s);
void node_destroy(ls_reducer *r);

/* Begins a step. */
void node_begin(ls_reducer *r);

/* Makes this rank's partial sums of a bucket available to the node's ranks; returns whether those
 * of all ranks are. */
void node_share_sums(ls_reducer *r, size_t bucket);
bool node_sums_shared(const ls_reducer *r, size_t bucket);

/* Makes the new weights of this rank's node range in a bucket available to the node's ranks;
 * returns whether those of all ranks are; copies those of the others. */
void node_share_weights(ls_reducer *r, size_t bucket);
bool node_weights_shared(const ls_reducer *r, size_t bucket);
void node_copy_weights(ls_reducer *r, size_t bucket);

/* Collective over the node, when all or no buckets are through all stages: returns the union of the
 * ranks' flags. */
uint32_t node_barrier(ls_reducer *r, uint32_t flags);

/* ---- Between nodes (exchange.c) -------------------------------------------------------------- */

/* Collective over the group: prepares the messages by which this rank and its counterparts exchange
 * sums and new weights; sets values and packing of those inputs of the total that other nodes send.
 */
int exchange_create(ls_reducer *r);
void exchange_destroy(ls_reducer *r);

/* Starts to receive the weights of a step and, with `sums`, the sums. */
int exchange_begin(ls_reducer *r, bool sums);

/* Starts to send a bucket's sums to the counterparts; this rank's new weights of a bucket. */
int exchange_send_sums(ls_reducer *r, size_t bucket);
int exchange_send_weights(ls_reducer *r, size_t bucket);

/* Sets *arrived: whether the other nodes' sums of this rank's blocks in a bucket have arrived;
 * whether their weights of the node range have. Has MPI progress all messages. */
int exchange_sums_arrived(ls_reducer *r, size_t bucket, bool *arrived);
int exchange_weights_arrived(ls_reducer *r, size_t bucket, bool *arrived);

/* Collective over the group: starts to join the ranks' flags. */
int exchange_join(ls_reducer *r, uint32_t flags);

/* Waits until all that was sent has left and the flags are joined; *flags is their union. */
int exchange_end(ls_reducer *r, uint32_t *flags);

#endif
