/* Sums by messages: every rank sends each other rank its slice of the partial sums, adds up the
 * slices it got, and sends its updated slice of the weights to all. Counts are in blocks, so that
 * they fit MPI's int. */
#include "lockstep/error.h"
#include "lockstep/memory.h"
#include "lockstep/parts.h"
#include "reducer.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

/* Rows of `numbers`, each [ranks]. */
enum { SLICE_BLOCKS, SLICE_START, SEND, SEND_START, RECEIVE, RECEIVE_START, ROWS };

static int *row(const ls_reducer *r, int which) {
  return r->numbers + which * r->group->size;
}

static int create(ls_reducer *r) {
  size_t ranks = (size_t)r->group->size, blocks = r->padded / LS_BLOCK;
  if (blocks * ranks > INT_MAX) {
    return ls_fail(LS_INVALID, "%zu parameters are too many to exchange among %zu ranks", r->count,
                   ranks);
  }
  r->origin = r->first / LS_BLOCK * LS_BLOCK;
  r->numbers = ls_new(ROWS * ranks, sizeof *r->numbers);
  if (!r->numbers) return LS_FAILED;
  for (size_t q = 0; q < ranks; q++) {
    size_t begin = ls_part_begin(blocks, ranks, q);
    row(r, SLICE_START)[q] = (int)begin;
    row(r, SLICE_BLOCKS)[q] = (int)(ls_part_begin(blocks, ranks, q + 1) - begin);
  }
  size_t own = (size_t)row(r, SLICE_BLOCKS)[r->group->rank] * LS_BLOCK;
  r->received = ls_new(r->input_count * own, sizeof(ls_real));
  if (!r->received) return LS_FAILED;
  for (size_t i = 0; i < r->input_count; i++) r->inputs[i].values = r->received + i * own;
  return reduce_own_memory(r);
}

static void destroy(ls_reducer *r) {
  reduce_release_own_memory(r);
  free(r->received);
  free(r->numbers);
}

/* Sends slot number `slot` of every rank that has one to where it is added up. */
static int exchange_slot(ls_reducer *r, size_t slot, bool *any) {
  int own = row(r, SLICE_BLOCKS)[r->group->rank];
  memset(row(r, SEND), 0, sizeof(int) * (size_t)r->group->size * (ROWS - SEND));
  *any = false;
  for (size_t i = 0; i < r->input_count; i++) {
    if (r->inputs[i].slot != slot) continue;
    int rank = r->inputs[i].rank;
    *any = true;
    row(r, RECEIVE)[rank] = own;
    row(r, RECEIVE_START)[rank] = (int)i * own;
    if (rank != r->group->rank) continue;
    memcpy(row(r, SEND), row(r, SLICE_BLOCKS), sizeof(int) * (size_t)r->group->size);
    memcpy(row(r, SEND_START), row(r, SLICE_START), sizeof(int) * (size_t)r->group->size);
  }
  if (!*any) return LS_OK;
  return ls_mpi_check(MPI_Alltoallv(r->partials + slot * r->padded, row(r, SEND),
                                    row(r, SEND_START), r->block, r->received, row(r, RECEIVE),
                                    row(r, RECEIVE_START), r->block, r->group->comm),
                      "exchanging gradients");
}

static int begin(ls_reducer *r, uint32_t *word) {
  int status = reduce_join_words(r, word);
  if (status != LS_OK || (*word & LS_WORD_ABORT)) return status;
  bool any = true;
  for (size_t slot = 0; any && status == LS_OK; slot++) status = exchange_slot(r, slot, &any);
  return status;
}

static int end(ls_reducer *r) {
  return ls_mpi_check(MPI_Allgatherv(MPI_IN_PLACE, 0, r->block, r->weights, row(r, SLICE_BLOCKS),
                                     row(r, SLICE_START), r->block, r->group->comm),
                      "gathering the weights");
}

const reduce_transport reduce_exchange = {
    .create = create,
    .destroy = destroy,
    .begin = begin,
    .end = end,
    .publish = reduce_broadcast_weights,
};
