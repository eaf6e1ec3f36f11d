/* Reduce-scatter and allgather among nodes, by messages between counterparts, the ranks that have
 * the same number on their nodes. Each sends every counterpart its node's sums of that one's
 * blocks, adds the sums it receives for its own blocks, and sends its new weights to all
 * counterparts. A node of n ranks so sends and receives 2 (N - 1) / N of the vector, one n-th of it
 * by each rank.
 *
 * Gradients are sent while backward still runs, a bucket at a time, from the end of the vector, as
 * backward completes them. As soon as the sums of all nodes have arrived the bucket is updated, and
 * its weights are sent. Each bucket is partitioned among all ranks. If each rank had one contiguous
 * slice instead, most buckets would go to a single rank, over a single link, and the slice of the
 * first layers would be sent as a whole after backward. Block-cyclically, all links carry equal
 * parts of each bucket, and only the last bucket has to wait for the end of backward.
 *
 * New weights may arrive while backward still runs: they belong to buckets that all ranks of all
 * nodes have completed, since otherwise the sums would not be complete.
 *
 * MPI progresses messages only in calls, so backward makes some between layers. The messages are
 * persistent requests, since they are the same in all steps. Counts are in blocks, to fit MPI's
 * int.
 */
#include "base/memory.h"
#include "comm/check.h"
#include "comm/reducer.h"
#include "lockstep/error.h"

#include <limits.h>
#include <stdlib.h>

/* Persistent requests of one kind. */
typedef struct request_list {
  MPI_Request *requests; /* [bucket][most] */
  int *counts;           /* [bucket], how many of them there are */
  size_t most;
} request_list;

typedef struct exchange {
  MPI_Comm counterparts; /* in the order of nodes */
  MPI_Datatype block;
  ls_real *receive_buffer; /* [input of another node][this rank's blocks] */
  request_list sums_in, sums_out, weights_in, weights_out;
  uint32_t flags; /* of this rank, then of all */
  MPI_Request joining_flags;
} exchange;

/* ---- Making and releasing -------------------------------------------------------------------- */

static int requests_create(request_list *l, size_t buckets, size_t most) {
  *l = (request_list){ls_new(buckets * most, sizeof(MPI_Request)), ls_new(buckets, sizeof(int)),
                      most};
  return l->requests && l->counts ? LS_OK : LS_FAILED;
}

static void requests_destroy(request_list *l, size_t buckets) {
  for (size_t b = 0; l->requests && l->counts && b < buckets; b++) {
    for (int k = 0; k < l->counts[b]; k++) MPI_Request_free(&l->requests[b * l->most + (size_t)k]);
  }
  free(l->requests);
  free(l->counts);
}

/* Returns where the next request of a bucket is to be stored. */
static MPI_Request *requests_next(request_list *l, size_t bucket) {
  return &l->requests[bucket * l->most + (size_t)l->counts[bucket]++];
}

static int requests_start(request_list *l, size_t bucket, const char *doing) {
  return ls_mpi_check(MPI_Startall(l->counts[bucket], l->requests + bucket * l->most), doing);
}

static int requests_wait(request_list *l, size_t bucket, const char *doing) {
  return ls_mpi_check(
      MPI_Waitall(l->counts[bucket], l->requests + bucket * l->most, MPI_STATUSES_IGNORE), doing);
}

static int requests_test(request_list *l, size_t bucket, bool *arrived, const char *doing) {
  int flag = 0;
  int code =
      MPI_Testall(l->counts[bucket], l->requests + bucket * l->most, &flag, MPI_STATUSES_IGNORE);
  *arrived = flag;
  return ls_mpi_check(code, doing);
}

/* The blocks in a bucket of this rank's counterpart on a node: returns their number; *begin is
 * their first element. */
static int blocks_of(const ls_reducer *r, size_t node, size_t bucket, size_t *begin) {
  const ls_block_cyclic blocks = {r->node_range.first + node * r->own.width, r->own.width,
                                  r->own.stride, r->padded};
  return (int)(ls_block_cyclic_block(&blocks, bucket, begin) / LS_BLOCK);
}

static int tag_of(const ls_reducer *r, size_t bucket, size_t slot, bool weights) {
  return (int)(weights ? r->buckets * TREE_DEPTH + bucket : bucket * TREE_DEPTH + slot);
}

static int prepare_receives(ls_reducer *r, size_t bucket) {
  exchange *x = r->exchange;
  size_t begin;
  int code = MPI_SUCCESS, blocks = blocks_of(r, r->node, bucket, &begin);
  for (size_t i = 0; i < r->total.input_count && blocks > 0 && code == MPI_SUCCESS; i++) {
    const sum_input *input = &r->total.inputs[i];
    if (input->member == r->node) continue;
    code = MPI_Recv_init((ls_real *)input->values + bucket * r->own.width, blocks, x->block,
                         (int)input->member, tag_of(r, bucket, input->slot, false), x->counterparts,
                         requests_next(&x->sums_in, bucket));
  }
  for (size_t node = 0; node < r->nodes && code == MPI_SUCCESS; node++) {
    if (node == r->node || (blocks = blocks_of(r, node, bucket, &begin)) == 0) continue;
    code =
        MPI_Recv_init(r->weights + begin, blocks, x->block, (int)node, tag_of(r, bucket, 0, true),
                      x->counterparts, requests_next(&x->weights_in, bucket));
  }
  return ls_mpi_check(code, "preparing to receive");
}

/* This node's partial sum number `slot`, from element `begin` on. */
static ls_real *own_sum(const ls_reducer *r, size_t slot, size_t begin) {
  if (r->node_ranks == 1) return r->partials + slot * r->padded + begin;
  return r->node_sums + slot * r->node_range_length + ls_block_cyclic_index(&r->node_range, begin);
}

/* Sends to the next node first, so that not all nodes send to the same one at a time. */
static int prepare_sends(ls_reducer *r, size_t bucket) {
  exchange *x = r->exchange;
  const size_t slots = sum_slots(r->shards, (size_t)r->group->size, r->node_ranks, r->node);
  int code = MPI_SUCCESS;
  for (size_t k = 1; k < r->nodes && code == MPI_SUCCESS; k++) {
    size_t begin, node = (r->node + k) % r->nodes;
    int blocks = blocks_of(r, node, bucket, &begin);
    for (size_t slot = 0; slot < slots && blocks > 0 && code == MPI_SUCCESS; slot++) {
      code = MPI_Send_init(own_sum(r, slot, begin), blocks, x->block, (int)node,
                           tag_of(r, bucket, slot, false), x->counterparts,
                           requests_next(&x->sums_out, bucket));
    }
    blocks = blocks_of(r, r->node, bucket, &begin);
    if (blocks == 0 || code != MPI_SUCCESS) continue;
    code =
        MPI_Send_init(r->weights + begin, blocks, x->block, (int)node, tag_of(r, bucket, 0, true),
                      x->counterparts, requests_next(&x->weights_out, bucket));
  }
  return ls_mpi_check(code, "preparing to send");
}

/* Local. */
static int allocate(ls_reducer *r) {
  exchange *x = r->exchange;
  ls_block_cyclic own = r->own;
  own.end = r->padded;
  const size_t length = ls_block_cyclic_count(&own), inputs = r->total.input_count;
  size_t others = 0, slots = 0;
  if (r->padded / LS_BLOCK > INT_MAX) {
    return ls_fail(LS_INVALID, "%zu parameters are too many for one message", r->count);
  }
  for (size_t i = 0; i < inputs; i++) others += r->total.inputs[i].member != r->node;
  slots = inputs - others;
  x->receive_buffer = ls_new(others * length, sizeof(ls_real));
  if (!x->receive_buffer) return LS_FAILED;
  for (size_t i = 0; i < inputs; i++) {
    if (r->total.inputs[i].member == r->node) continue;
    r->total.inputs[i].values = x->receive_buffer + --others * length;
    r->total.inputs[i].packing = &r->own;
  }
  int status = requests_create(&x->sums_in, r->buckets, inputs);
  if (status == LS_OK) status = requests_create(&x->sums_out, r->buckets, slots * r->nodes);
  if (status == LS_OK) status = requests_create(&x->weights_in, r->buckets, r->nodes);
  if (status == LS_OK) status = requests_create(&x->weights_out, r->buckets, r->nodes);
  return status;
}

int exchange_create(ls_reducer *r) {
  exchange *x = r->exchange = ls_new(1, sizeof *x);
  int status = ls_group_agree(r->group, x ? LS_OK : LS_FAILED);
  if (status != LS_OK) return status;
  x->counterparts = MPI_COMM_NULL;
  x->block = MPI_DATATYPE_NULL;
  x->joining_flags = MPI_REQUEST_NULL;
  status = ls_group_agree(r->group, allocate(r));
  if (status != LS_OK) return status;
  status = ls_mpi_check(
      MPI_Comm_split(r->group->comm, (int)r->node_rank, (int)r->node, &x->counterparts),
      "MPI_Comm_split");
  if (status != LS_OK) return status;
  MPI_Comm_set_errhandler(x->counterparts, MPI_ERRORS_RETURN);
  int code = MPI_Type_contiguous((int)(LS_BLOCK * sizeof(ls_real)), MPI_BYTE, &x->block);
  if (code == MPI_SUCCESS) code = MPI_Type_commit(&x->block);
  status = ls_mpi_check(code, "MPI_Type_contiguous");
  for (size_t b = 0; b < r->buckets && status == LS_OK; b++) {
    status = prepare_receives(r, b);
    if (status == LS_OK) status = prepare_sends(r, b);
  }
  return status;
}

void exchange_destroy(ls_reducer *r) {
  exchange *x = r->exchange;
  if (!x) return;
  requests_destroy(&x->sums_in, r->buckets);
  requests_destroy(&x->sums_out, r->buckets);
  requests_destroy(&x->weights_in, r->buckets);
  requests_destroy(&x->weights_out, r->buckets);
  if (x->block != MPI_DATATYPE_NULL) MPI_Type_free(&x->block);
  if (x->counterparts != MPI_COMM_NULL) MPI_Comm_free(&x->counterparts);
  free(x->receive_buffer);
  free(x);
}

/* ---- A step ---------------------------------------------------------------------------------- */

int exchange_begin(ls_reducer *r, bool sums) {
  exchange *x = r->exchange;
  int status = LS_OK;
  for (size_t b = r->buckets; b-- > 0 && status == LS_OK;) {
    if (sums) status = requests_start(&x->sums_in, b, "receiving gradients");
    if (status == LS_OK) status = requests_start(&x->weights_in, b, "receiving weights");
  }
  return status;
}

int exchange_send_sums(ls_reducer *r, size_t bucket) {
  return requests_start(&r->exchange->sums_out, bucket, "sending gradients");
}

int exchange_send_weights(ls_reducer *r, size_t bucket) {
  return requests_start(&r->exchange->weights_out, bucket, "sending weights");
}

int exchange_sums_arrived(ls_reducer *r, size_t bucket, bool *arrived) {
  return requests_test(&r->exchange->sums_in, bucket, arrived, "receiving gradients");
}

int exchange_weights_arrived(ls_reducer *r, size_t bucket, bool *arrived) {
  return requests_test(&r->exchange->weights_in, bucket, arrived, "receiving weights");
}

int exchange_join(ls_reducer *r, uint32_t flags) {
  exchange *x = r->exchange;
  x->flags = flags;
  return ls_mpi_check(MPI_Iallreduce(MPI_IN_PLACE, &x->flags, 1, MPI_UINT32_T, MPI_BOR,
                                     r->group->comm, &x->joining_flags),
                      "agreeing");
}

int exchange_end(ls_reducer *r, uint32_t *flags) {
  exchange *x = r->exchange;
  int status = LS_OK;
  for (size_t b = r->buckets; b-- > 0 && status == LS_OK;) {
    status = requests_wait(&x->sums_out, b, "sending gradients");
    if (status == LS_OK) status = requests_wait(&x->weights_out, b, "sending weights");
  }
  if (status == LS_OK)
    status = ls_mpi_check(MPI_Wait(&x->joining_flags, MPI_STATUS_IGNORE), "agreeing");
  *flags = x->flags;
  return status;
}
