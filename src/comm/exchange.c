/* Sums among nodes, by messages between counterparts, ranks that have the same number on their
 * nodes: each sends each other one its node's sums of that one's run, adds up what it got for its
 * own run, and sends its new weights to all. A node of n ranks so sends and receives 2 (N - 1) / N
 * of the vector, one n-th of it by each.
 *
 * Gradients are sent while backward still runs, a bucket of the vector at a time, from the end of
 * the vector on, as backward completes them; as soon as those of all nodes are here the bucket is
 * updated, and its weights are on their way. Each bucket is dealt out to all ranks. Were shares
 * contiguous slices, a bucket would be for one rank, which can't receive faster than one link does:
 * what is for the rank of the first layers' slice, as much as any rank receives, would all be sent
 * at the end of backward, and nothing would be gained. As it is, all links carry equal parts of
 * each bucket, and only the last bucket has to wait for backward's end.
 *
 * New weights may come in while backward still runs: they are of buckets with which all ranks of
 * all nodes are done, or else their sums would not have been complete.
 *
 * MPI moves data only in calls, so that backward makes some between layers. The messages are
 * persistent requests, since they are the same in all steps. Counts are in blocks, so that they fit
 * MPI's int. */
#include "base/memory.h"
#include "comm/check.h"
#include "comm/reducer.h"
#include "lockstep/error.h"

#include <limits.h>
#include <stdlib.h>

/* Requests of one kind, those of a bucket one after another. */
typedef struct letters {
  MPI_Request *requests; /* [bucket][most] */
  int *counts;           /* [bucket] of them */
  size_t most;
} letters;

typedef struct exchange {
  MPI_Comm column; /* the counterparts, in the order of nodes */
  MPI_Datatype block;
  ls_real *received; /* [input of another node][this rank's share, in whole blocks] */
  letters sums_in, sums_out, weights_in, weights_out;
  uint32_t word; /* of all ranks, on its way */
  MPI_Request joining;
} exchange;

/* ---- Making and releasing ----------------------------------------------------------------------
 */

static int letters_create(letters *l, size_t buckets, size_t most) {
  *l = (letters){ls_new(buckets * most, sizeof(MPI_Request)), ls_new(buckets, sizeof(int)), most};
  return l->requests && l->counts ? LS_OK : LS_FAILED;
}

static void letters_destroy(letters *l, size_t buckets) {
  for (size_t b = 0; l->requests && l->counts && b < buckets; b++) {
    for (int k = 0; k < l->counts[b]; k++) MPI_Request_free(&l->requests[b * l->most + (size_t)k]);
  }
  free(l->requests);
  free(l->counts);
}

/* Where the next one of a bucket goes. */
static MPI_Request *letters_next(letters *l, size_t bucket) {
  return &l->requests[bucket * l->most + (size_t)l->counts[bucket]++];
}

static int letters_start(letters *l, size_t bucket, const char *doing) {
  return ls_mpi_check(MPI_Startall(l->counts[bucket], l->requests + bucket * l->most), doing);
}

static int letters_wait(letters *l, size_t bucket, const char *doing) {
  return ls_mpi_check(
      MPI_Waitall(l->counts[bucket], l->requests + bucket * l->most, MPI_STATUSES_IGNORE), doing);
}

static int letters_test(letters *l, size_t bucket, bool *there, const char *doing) {
  int flag = 0;
  int code =
      MPI_Testall(l->counts[bucket], l->requests + bucket * l->most, &flag, MPI_STATUSES_IGNORE);
  *there = flag;
  return ls_mpi_check(code, doing);
}

/* Where the run of this rank's counterpart on a node begins in a bucket, and its blocks. */
static int run_of(const ls_reducer *r, size_t node, size_t bucket, size_t *begin) {
  const ls_block_cyclic share = {r->column.first + node * r->share.width, r->share.width,
                                 r->share.stride, r->padded};
  return (int)(ls_block_cyclic_block(&share, bucket, begin) / LS_BLOCK);
}

static int tag_of(const ls_reducer *r, size_t bucket, size_t slot, bool weights) {
  return (int)(weights ? r->buckets * TREE_DEPTH + bucket : bucket * TREE_DEPTH + slot);
}

static int prepare_receives(ls_reducer *r, size_t bucket) {
  exchange *x = r->mail;
  size_t begin;
  int code = MPI_SUCCESS, blocks = run_of(r, r->node, bucket, &begin);
  for (size_t i = 0; i < r->total.input_count && blocks > 0 && code == MPI_SUCCESS; i++) {
    const sum_input *input = &r->total.inputs[i];
    if (input->member == r->node) continue;
    code = MPI_Recv_init((ls_real *)input->values + bucket * r->share.width, blocks, x->block,
                         (int)input->member, tag_of(r, bucket, input->slot, false), x->column,
                         letters_next(&x->sums_in, bucket));
  }
  for (size_t node = 0; node < r->nodes && code == MPI_SUCCESS; node++) {
    if (node == r->node || (blocks = run_of(r, node, bucket, &begin)) == 0) continue;
    code =
        MPI_Recv_init(r->weights + begin, blocks, x->block, (int)node, tag_of(r, bucket, 0, true),
                      x->column, letters_next(&x->weights_in, bucket));
  }
  return ls_mpi_check(code, "preparing to receive");
}

/* Where this node's partial sum number `slot` of the elements from `begin` on is. */
static ls_real *own_sum(const ls_reducer *r, size_t slot, size_t begin) {
  if (r->mates == 1) return r->partials + slot * r->padded + begin;
  return r->column_sums + slot * r->column_length + ls_block_cyclic_index(&r->column, begin);
}

/* To the next node first, so that not all send to the same one at a time. */
static int prepare_sends(ls_reducer *r, size_t bucket) {
  exchange *x = r->mail;
  const size_t slots = sum_slots(r->shards, (size_t)r->group->size, r->mates, r->node);
  int code = MPI_SUCCESS;
  for (size_t k = 1; k < r->nodes && code == MPI_SUCCESS; k++) {
    size_t begin, node = (r->node + k) % r->nodes;
    int blocks = run_of(r, node, bucket, &begin);
    for (size_t slot = 0; slot < slots && blocks > 0 && code == MPI_SUCCESS; slot++) {
      code = MPI_Send_init(own_sum(r, slot, begin), blocks, x->block, (int)node,
                           tag_of(r, bucket, slot, false), x->column,
                           letters_next(&x->sums_out, bucket));
    }
    blocks = run_of(r, r->node, bucket, &begin);
    if (blocks == 0 || code != MPI_SUCCESS) continue;
    code =
        MPI_Send_init(r->weights + begin, blocks, x->block, (int)node, tag_of(r, bucket, 0, true),
                      x->column, letters_next(&x->weights_out, bucket));
  }
  return ls_mpi_check(code, "preparing to send");
}

/* Local. */
static int allocate(ls_reducer *r) {
  exchange *x = r->mail;
  ls_block_cyclic share = r->share;
  share.end = r->padded;
  const size_t blocks = ls_block_cyclic_count(&share), inputs = r->total.input_count;
  size_t others = 0, slots = 0;
  if (r->padded / LS_BLOCK > INT_MAX) {
    return ls_fail(LS_INVALID, "%zu parameters are too many for one message", r->count);
  }
  for (size_t i = 0; i < inputs; i++) others += r->total.inputs[i].member != r->node;
  slots = inputs - others;
  x->received = ls_new(others * blocks, sizeof(ls_real));
  if (!x->received) return LS_FAILED;
  for (size_t i = 0; i < inputs; i++) {
    if (r->total.inputs[i].member == r->node) continue;
    r->total.inputs[i].values = x->received + --others * blocks;
    r->total.inputs[i].packing = &r->share;
  }
  int status = letters_create(&x->sums_in, r->buckets, inputs);
  if (status == LS_OK) status = letters_create(&x->sums_out, r->buckets, slots * r->nodes);
  if (status == LS_OK) status = letters_create(&x->weights_in, r->buckets, r->nodes);
  if (status == LS_OK) status = letters_create(&x->weights_out, r->buckets, r->nodes);
  return status;
}

int exchange_create(ls_reducer *r) {
  exchange *x = r->mail = ls_new(1, sizeof *x);
  int status = ls_group_agree(r->group, x ? LS_OK : LS_FAILED);
  if (status != LS_OK) return status;
  x->column = MPI_COMM_NULL;
  x->block = MPI_DATATYPE_NULL;
  x->joining = MPI_REQUEST_NULL;
  status = ls_group_agree(r->group, allocate(r));
  if (status != LS_OK) return status;
  status = ls_mpi_check(MPI_Comm_split(r->group->comm, (int)r->local, (int)r->node, &x->column),
                        "MPI_Comm_split");
  if (status != LS_OK) return status;
  MPI_Comm_set_errhandler(x->column, MPI_ERRORS_RETURN);
  MPI_Type_contiguous((int)(LS_BLOCK * sizeof(ls_real)), MPI_BYTE, &x->block);
  MPI_Type_commit(&x->block);
  for (size_t b = 0; b < r->buckets && status == LS_OK; b++) {
    status = prepare_receives(r, b);
    if (status == LS_OK) status = prepare_sends(r, b);
  }
  return status;
}

void exchange_destroy(ls_reducer *r) {
  exchange *x = r->mail;
  if (!x) return;
  letters_destroy(&x->sums_in, r->buckets);
  letters_destroy(&x->sums_out, r->buckets);
  letters_destroy(&x->weights_in, r->buckets);
  letters_destroy(&x->weights_out, r->buckets);
  if (x->block != MPI_DATATYPE_NULL) MPI_Type_free(&x->block);
  if (x->column != MPI_COMM_NULL) MPI_Comm_free(&x->column);
  free(x->received);
  free(x);
}

/* ---- A step ------------------------------------------------------------------------------------
 */

int exchange_begin(ls_reducer *r, bool sums) {
  exchange *x = r->mail;
  int status = LS_OK;
  for (size_t b = r->buckets; b-- > 0 && status == LS_OK;) {
    if (sums) status = letters_start(&x->sums_in, b, "receiving gradients");
    if (status == LS_OK) status = letters_start(&x->weights_in, b, "receiving weights");
  }
  return status;
}

int exchange_send(ls_reducer *r, size_t bucket) {
  return letters_start(&r->mail->sums_out, bucket, "sending gradients");
}

int exchange_send_weights(ls_reducer *r, size_t bucket) {
  return letters_start(&r->mail->weights_out, bucket, "sending weights");
}

int exchange_arrived(ls_reducer *r, size_t bucket, bool *there) {
  return letters_test(&r->mail->sums_in, bucket, there, "receiving gradients");
}

int exchange_weights_arrived(ls_reducer *r, size_t bucket, bool *there) {
  return letters_test(&r->mail->weights_in, bucket, there, "receiving weights");
}

int exchange_join(ls_reducer *r, uint32_t word) {
  exchange *x = r->mail;
  x->word = word;
  return ls_mpi_check(
      MPI_Iallreduce(MPI_IN_PLACE, &x->word, 1, MPI_UINT32_T, MPI_BOR, r->group->comm, &x->joining),
      "agreeing");
}

int exchange_end(ls_reducer *r, uint32_t *word) {
  exchange *x = r->mail;
  int status = LS_OK;
  for (size_t b = r->buckets; b-- > 0 && status == LS_OK;) {
    status = letters_wait(&x->sums_out, b, "sending gradients");
    if (status == LS_OK) status = letters_wait(&x->weights_out, b, "sending weights");
  }
  if (status == LS_OK) status = ls_mpi_check(MPI_Wait(&x->joining, MPI_STATUS_IGNORE), "agreeing");
  *word = x->word;
  return status;
}
