/* How rows of work are shared over ranks: in pieces that are the same for any number of them. */
#ifndef LS_STUDY_EMBED_ROWS_H
#define LS_STUDY_EMBED_ROWS_H

#include "base/partition.h"
#include "base/peers.h"

enum { ROWS_PIECE = 32 };

/* The first row of rank `rank`; of the number of ranks, the end. */
static inline size_t rows_begin(size_t rows, const ls_peers *peers, int rank) {
  size_t pieces = (rows + ROWS_PIECE - 1) / ROWS_PIECE;
  size_t row = ROWS_PIECE * ls_partition_begin(pieces, (size_t)peers->size, (size_t)rank);
  return row < rows ? row : rows;
}

#endif
