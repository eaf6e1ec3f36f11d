/* Inside the reducer: what its parts share. */
#ifndef LS_COMM_REDUCER_H
#define LS_COMM_REDUCER_H

#include "comm/binary_tree.h"
#include "comm/reduce.h"
#include "comm/sum.h"

/* What becomes of a bucket, one stage after the other. In each stage buckets come from the last to
 * the first. */
typedef enum reduce_stage {
  REDUCE_DELIVER, /* this rank's sums, to the other ranks of the node */
  REDUCE_SEND,    /* the node's sums, to other nodes */
  REDUCE_UPDATE,  /* this rank's run; its new weights, to other nodes */
  REDUCE_PUBLISH, /* new weights of the column, to the other ranks of the node */
  REDUCE_COLLECT, /* those of the other ranks' columns */
  REDUCE_STAGES,
} reduce_stage;

struct ls_reducer {
  const ls_group *group; /* borrowed */
  ls_reduction how;
  size_t count, padded; /* elements of the vector; rounded up to whole blocks */
  size_t shards, first_shard, end_shard;

  /* Rank `local` of the `mates` ranks of node number `node`; with reductions that send everything
   * each rank is a node. */
  size_t nodes, node, mates, local;

  /* A bucket of the vector has a run for each rank: those of the ranks that are number 0 on their
   * nodes, in the order of nodes, then of those that are number 1, and so on. A rank's column is
   * its run and those of its counterparts on other nodes. Run k of share and column is in bucket k.
   */
  size_t buckets;
  ls_block_cyclic dealt;  /* this rank's runs */
  ls_block_cyclic share;  /* what this rank updates: the same, or with allreduce all */
  ls_block_cyclic column; /* what this rank adds up for its node */
  size_t column_length;   /* elements that any rank's column has at most, packed */

  ls_real *weights;
  ls_real *partials;    /* [deepest][padded], sums of this rank's shards */
  tree_stack own;       /* those so far */
  size_t unadded;       /* of the last shard's gradient: elements that aren't in the sums yet */
  size_t slots;         /* partial sums in the end */
  size_t deepest;       /* partial sums held at a time */
  shard_sum node_sum;   /* over the ranks of this node: their partial sums of the column */
  ls_real *column_sums; /* [result of node_sum][column_length], if there are other nodes */
  shard_sum total;      /* over nodes, or over the ranks of the only one */

  /* Of the step in hand. */
  size_t left[REDUCE_STAGES]; /* buckets that still have to go through each stage */
  ls_apply apply;             /* or NULL: not before the end */
  void *context;
  bool kept; /* the total is in its place: see reduce.c */
  int status;

  double waited;         /* seconds */
  struct node *memory;   /* of the node's ranks, if there are several */
  struct exchange *mail; /* with other nodes, if there are any */
};

/* What to do between looks at shared memory, the number of which is `spins`: now and then MPI gets
 * on with what others ask of this rank, such as rank 0's board. Who is waited for may wait for
 * that. */
void reducer_relax(unsigned spins);

/* ---- Within a node (node.c) --------------------------------------------------------------------
 */

/* Collective over the group: has memory that the node's ranks share for this rank's weights and
 * partial sums, and for what travels; sets values and packing of the inputs of `s`, which are the
 * ranks' partial sums. */
int node_create(ls_reducer *r, shard_sum *s);
void node_destroy(ls_reducer *r);

/* Begins a step. */
void node_begin(ls_reducer *r);

/* Hands this rank's partial sums of a bucket to the other ranks; whether all have done so. */
void node_deliver(ls_reducer *r, size_t bucket);
bool node_delivered(const ls_reducer *r, size_t bucket);

/* Hands them the weights of this rank's column of a bucket; whether all have done so; takes the
 * others'. */
void node_publish(ls_reducer *r, size_t bucket);
bool node_published(const ls_reducer *r, size_t bucket);
void node_collect(ls_reducer *r, size_t bucket);

/* Collective over the node, when all buckets are collected or none was delivered: joins words. */
uint32_t node_meet(ls_reducer *r, uint32_t word);

/* ---- Between nodes (exchange.c) ----------------------------------------------------------------
 */

/* Collective over the group: messages by which this rank's node and others exchange sums of the
 * column and new weights; sets values and packing of those inputs of the total that are other
 * nodes'. */
int exchange_create(ls_reducer *r);
void exchange_destroy(ls_reducer *r);

/* Gets ready to receive what a step brings: weights, and, with `sums`, these. */
int exchange_begin(ls_reducer *r, bool sums);

/* Sends a bucket's sums of the column; sends this rank's new weights of a bucket. */
int exchange_send(ls_reducer *r, size_t bucket);
int exchange_send_weights(ls_reducer *r, size_t bucket);

/* Whether the other nodes' sums of this rank's run in a bucket have arrived; whether their weights
 * of the column have. Has MPI move what is on its way. */
int exchange_arrived(ls_reducer *r, size_t bucket, bool *there);
int exchange_weights_arrived(ls_reducer *r, size_t bucket, bool *there);

/* Collective over the group: begins to join the ranks' words. */
int exchange_join(ls_reducer *r, uint32_t word);

/* Waits until all that was sent is gone and the ranks' words are joined. */
int exchange_end(ls_reducer *r, uint32_t *word);

#endif
