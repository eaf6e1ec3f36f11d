/* The plain reference: every rank adds up its shards, MPI_Allreduce adds up the ranks, every rank
 * updates all weights. */
#include "lockstep/error.h"
#include "reducer.h"

#include <string.h>

static int create(ls_reducer *r) {
  r->share = ls_share_all(r->count);
  r->input_count = 1;
  r->op_count = 0;
  if (r->deepest == 0) r->deepest = 1;
  int status = reduce_own_memory(r);
  r->inputs[0].values = r->partials;
  return status;
}

/* Long vectors go in pieces whose count fits an int: sums of derived types don't exist. */
static int sum_over_ranks(ls_reducer *r) {
  const size_t piece = (size_t)1 << 28;
  for (size_t at = 0; at < r->count; at += piece) {
    int n = (int)(r->count - at < piece ? r->count - at : piece);
    int status = ls_mpi_check(
        MPI_Allreduce(MPI_IN_PLACE, r->partials + at, n, LS_MPI_REAL, MPI_SUM, r->group->comm),
        "summing gradients");
    if (status != LS_OK) return status;
  }
  return LS_OK;
}

static int begin(ls_reducer *r, uint32_t *word) {
  int status = reduce_join_words(r, word);
  if (status != LS_OK || (*word & LS_WORD_ABORT)) return status;
  tree_stack cover;
  tree_cover(r->first_shard, r->end_shard, &cover, NULL);
  if (cover.depth == 0) memset(r->partials, 0, r->count * sizeof(ls_real));
  for (size_t slot = cover.depth; slot-- > 1;) {
    ls_real *left = r->partials + (slot - 1) * r->padded;
    reduce_add(r->count, left, left + r->padded, left);
  }
  return sum_over_ranks(r);
}

static int end(ls_reducer *r) {
  (void)r;
  return LS_OK;
}

const reduce_transport reduce_allreduce = {
    .create = create,
    .destroy = reduce_release_own_memory,
    .begin = begin,
    .end = end,
    .publish = reduce_broadcast_weights,
};
