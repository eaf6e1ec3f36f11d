/* Sums by messages: every rank sends each other rank that one's share of its partial sums, adds up
 * what it got for its own share, and sends its share of the updated weights to all.
 *
 * Gradients are sent while backward still runs, a bucket of the vector at a time, from the end of
 * the vector on, as backward completes them. Each bucket is dealt out to all ranks. Were shares
 * contiguous slices, a bucket would be for one rank, which can't receive faster than one link does:
 * what is for the rank of the first layers' slice, (P - 1) / P of a vector's size like what any
 * rank receives, would all be sent at the end of backward, and nothing would be gained. As it is,
 * all links carry equal parts of each bucket, and only the last bucket has to wait for backward's
 * end. What the weights' way back could gain by buckets, which would have to be waited for in the
 * next forward, layer by layer, is left: they go in one piece.
 *
 * MPI moves data only in calls, so that backward makes some between layers (`start`). The messages
 * are persistent requests, since they are the same in all steps. Counts are in blocks, so that they
 * fit MPI's int. */
#include "lockstep/error.h"
#include "lockstep/memory.h"
#include "reducer.h"

#include <stdlib.h>

typedef struct exchange {
  ls_real *received;     /* [input of another rank][this rank's share, in whole blocks] */
  MPI_Request *requests; /* [bucket][most], of receives, then of sends */
  int *counts;           /* [bucket] of them */
  size_t most;
  size_t unsent;     /* buckets that weren't sent yet in this step */
  size_t unarrived;  /* the number of the first bucket from which on all have arrived */
  int status;        /* of what was sent in this step */
  MPI_Datatype runs; /* a rank's runs in all buckets but the last */
  int *numbers;      /* [4][ranks], see prepare_gathering */
} exchange;

/* Where rank q's run of a bucket begins, and the number of its blocks. */
static int run_of(const ls_reducer *r, int q, size_t bucket, size_t *begin) {
  const ls_share share = {(size_t)q * r->share.width, r->share.width, r->share.stride, r->padded};
  return (int)(ls_share_run(&share, bucket, begin) / LS_BLOCK);
}

/* ---- Making and releasing ----------------------------------------------------------------------
 */

static int prepare_receives(ls_reducer *r, size_t bucket, MPI_Request *requests) {
  exchange *x = r->exchange;
  size_t begin;
  const int blocks = run_of(r, r->group->rank, bucket, &begin);
  for (size_t i = 0; i < r->input_count && blocks > 0; i++) {
    const reduce_input *input = &r->inputs[i];
    if (!input->packed) continue;
    ls_real *place = (ls_real *)input->values + bucket * r->share.width;
    int code = MPI_Recv_init(place, blocks, r->block, input->rank,
                             (int)(bucket * TREE_DEPTH + input->slot), r->group->comm,
                             &requests[x->counts[bucket]]);
    if (code != MPI_SUCCESS) return ls_mpi_check(code, "preparing to receive gradients");
    x->counts[bucket]++;
  }
  return LS_OK;
}

/* To the next rank first, so that not all ranks send to the same one at a time. */
static int prepare_sends(ls_reducer *r, size_t bucket, MPI_Request *requests) {
  exchange *x = r->exchange;
  for (int k = 1; k < r->group->size; k++) {
    size_t begin;
    const int q = (r->group->rank + k) % r->group->size, blocks = run_of(r, q, bucket, &begin);
    for (size_t slot = 0; slot < r->slots && blocks > 0; slot++) {
      int code = MPI_Send_init(r->partials + slot * r->padded + begin, blocks, r->block, q,
                               (int)(bucket * TREE_DEPTH + slot), r->group->comm,
                               &requests[x->counts[bucket]]);
      if (code != MPI_SUCCESS) return ls_mpi_check(code, "preparing to send gradients");
      x->counts[bucket]++;
    }
  }
  return LS_OK;
}

static int prepare_messages(ls_reducer *r) {
  exchange *x = r->exchange;
  int status = LS_OK;
  x->most = r->input_count + r->slots * (size_t)r->group->size;
  x->requests = ls_new(r->buckets * x->most, sizeof(MPI_Request));
  x->counts = ls_new(r->buckets, sizeof *x->counts);
  if (!x->requests || !x->counts) return LS_FAILED;
  for (size_t b = 0; b < r->buckets && status == LS_OK; b++) {
    status = prepare_receives(r, b, x->requests + b * x->most);
    if (status == LS_OK) status = prepare_sends(r, b, x->requests + b * x->most);
  }
  return status;
}

/* How weights are gathered. Of all buckets but the last the runs of a rank are one element of a
 * type that begins for each rank a run's length further: one such element of each rank, and its
 * number. Of the last bucket, where runs may be shorter: the blocks of each rank, and where they
 * begin. MPI_Allgather would do for the former, but chooses other ways than MPI_Allgatherv: by some
 * of them weights come into a node once for each of its ranks. */
static int prepare_gathering(ls_reducer *r) {
  exchange *x = r->exchange;
  const int width = (int)(r->share.width / LS_BLOCK), ranks = r->group->size;
  MPI_Datatype scattered;
  int *numbers = x->numbers = ls_new(4 * (size_t)ranks, sizeof *x->numbers);
  if (!numbers) return LS_FAILED;
  for (int q = 0; q < ranks; q++) {
    numbers[q] = 1;
    numbers[ranks + q] = q;
    numbers[2 * ranks + q] = run_of(r, q, r->buckets - 1, &(size_t){0});
    numbers[3 * ranks + q] = q * width;
  }
  MPI_Type_vector((int)r->buckets - 1, width, width * ranks, r->block, &scattered);
  MPI_Type_create_resized(scattered, 0, (MPI_Aint)(r->share.width * sizeof(ls_real)), &x->runs);
  MPI_Type_free(&scattered);
  return ls_mpi_check(MPI_Type_commit(&x->runs), "MPI_Type_commit");
}

static int create(ls_reducer *r) {
  exchange *x = r->exchange = ls_new(1, sizeof *x);
  if (!x) return LS_FAILED;
  x->runs = MPI_DATATYPE_NULL;
  x->unsent = x->unarrived = r->buckets;
  int status = reduce_own_memory(r);
  if (status != LS_OK) return status;
  ls_share share = r->share;
  share.end = r->padded;
  size_t blocks = ls_share_count(&share), others = 0;
  x->received = ls_new((r->input_count - r->slots) * blocks, sizeof(ls_real));
  if (!x->received) return LS_FAILED;
  for (size_t i = 0; i < r->input_count; i++) {
    reduce_input *input = &r->inputs[i];
    input->packed = input->rank != r->group->rank;
    input->values =
        input->packed ? x->received + others++ * blocks : r->partials + input->slot * r->padded;
  }
  status = prepare_messages(r);
  return status == LS_OK ? prepare_gathering(r) : status;
}

static void destroy(ls_reducer *r) {
  exchange *x = r->exchange;
  for (size_t b = 0; x && x->requests && x->counts && b < r->buckets; b++) {
    for (int k = 0; k < x->counts[b]; k++) MPI_Request_free(&x->requests[b * x->most + (size_t)k]);
  }
  if (x && x->runs != MPI_DATATYPE_NULL) MPI_Type_free(&x->runs);
  reduce_release_own_memory(r);
  if (!x) return;
  free(x->received);
  free(x->requests);
  free(x->counts);
  free(x->numbers);
  free(x);
}

/* ---- A step ------------------------------------------------------------------------------------
 */

static void start(ls_reducer *r, size_t first) {
  exchange *x = r->exchange;
  while (x->status == LS_OK && x->unsent > 0 && (x->unsent - 1) * r->share.stride >= first) {
    size_t b = --x->unsent;
    x->status =
        ls_mpi_check(MPI_Startall(x->counts[b], x->requests + b * x->most), "sending gradients");
  }
  int arrived = 1;
  while (x->status == LS_OK && arrived && x->unarrived > x->unsent) {
    size_t b = x->unarrived - 1;
    x->status = ls_mpi_check(
        MPI_Testall(x->counts[b], x->requests + b * x->most, &arrived, MPI_STATUSES_IGNORE),
        "exchanging gradients");
    if (arrived) x->unarrived--;
  }
}

static int wait_for(ls_reducer *r, size_t bucket) {
  exchange *x = r->exchange;
  return ls_mpi_check(
      MPI_Waitall(x->counts[bucket], x->requests + bucket * x->most, MPI_STATUSES_IGNORE),
      "exchanging gradients");
}

/* Ranks without shards receive only. When the step ends here what was sent is for nothing. */
static int begin(ls_reducer *r, uint32_t *word) {
  exchange *x = r->exchange;
  start(r, 0);
  x->unsent = x->unarrived = r->buckets;
  int status = x->status == LS_OK ? reduce_join_words(r, word) : x->status;
  if (status != LS_OK || !(*word & LS_WORD_ABORT)) return status;
  for (size_t b = 0; b < r->buckets && status == LS_OK; b++) status = wait_for(r, b);
  return status;
}

static int gather(const ls_reducer *r, ls_real *weights, const int *numbers, MPI_Datatype type) {
  return ls_mpi_check(MPI_Allgatherv(MPI_IN_PLACE, 0, MPI_DATATYPE_NULL, weights, numbers,
                                     numbers + r->group->size, type, r->group->comm),
                      "gathering the weights");
}

static int end(ls_reducer *r) {
  const exchange *x = r->exchange;
  const size_t whole = r->buckets - 1;
  int status = whole > 0 ? gather(r, r->weights, x->numbers, x->runs) : LS_OK;
  if (status != LS_OK) return status;
  return gather(r, r->weights + whole * r->share.stride, x->numbers + 2 * r->group->size, r->block);
}

const reduce_transport reduce_exchange = {
    .create = create,
    .destroy = destroy,
    .start = start,
    .begin = begin,
    .wait = wait_for,
    .end = end,
    .publish = reduce_broadcast_weights,
};
