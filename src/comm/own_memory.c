/* What the reductions by messages share: memory that only its rank sees. */
#include "lockstep/error.h"
#include "lockstep/memory.h"
#include "reducer.h"

#include <limits.h>
#include <stdlib.h>

int reduce_own_memory(ls_reducer *r) {
  if (r->padded / LS_BLOCK > INT_MAX) {
    return ls_fail(LS_INVALID, "%zu parameters are too many for one message", r->count);
  }
  r->weights = ls_new(r->padded, sizeof(ls_real));
  r->partials = ls_new(r->deepest * r->padded, sizeof(ls_real));
  if (!r->weights || !r->partials) return LS_FAILED;
  MPI_Type_contiguous(LS_BLOCK, LS_MPI_REAL, &r->block);
  return ls_mpi_check(MPI_Type_commit(&r->block), "MPI_Type_commit");
}

void reduce_release_own_memory(ls_reducer *r) {
  if (r->block != MPI_DATATYPE_NULL) MPI_Type_free(&r->block);
  free(r->weights);
  free(r->partials);
}

int reduce_join_words(ls_reducer *r, uint32_t *word) {
  return ls_mpi_check(MPI_Allreduce(MPI_IN_PLACE, word, 1, MPI_UINT32_T, MPI_BOR, r->group->comm),
                      "agreeing");
}

int reduce_broadcast_weights(ls_reducer *r) {
  return ls_mpi_check(
      MPI_Bcast(r->weights, (int)(r->padded / LS_BLOCK), r->block, 0, r->group->comm),
      "sharing the weights");
}
