/* The partition of rows of work over ranks, in chunks that are the same for any number of them. */
#ifndef LS_STUDY_EMBED_ROWS_H
#define LS_STUDY_EMBED_ROWS_H

#include "base/partition.h"
#include "base/peers.h"

enum { ROWS_CHUNK = 32 };

/* The first row of rank `rank`; of the number of ranks, the end. */
static inline size_t rows_begin(size_t rows, const ls_peers *peers, int rank) {
  size_t chunks = (rows + ROWS_CHUNK - 1) / ROWS_CHUNK;
  size_t row = ROWS_CHUNK * ls_partition_begin(chunks, (size_t)peers->size, (size_t)rank);
  return row < rows ? row : rows;
}

#endif
