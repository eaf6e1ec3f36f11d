/* Making pools. */
#include "data/pool.h"

#include "base/memory.h"
#include "base/partition.h"
#include "lockstep/error.h"

#include <stdlib.h>

size_t pool_begin(const ls_pool *pool, int rank) {
  return ls_partition_begin(pool->count, (size_t)pool->peers->size, (size_t)rank);
}

int ls_pool_open(ls_pool **out, const ls_dataset *dataset, ls_part part, const ls_peers *peers,
                 const ls_node_samples *samples) {
  ls_pool *pool = *out = ls_new(1, sizeof *pool);
  if (!pool) return LS_FAILED;
  *pool = (ls_pool){
      .dataset = dataset, .peers = peers, .count = dataset->count[part], .shared = samples};
  return LS_OK;
}

/* Reads the records that this rank keeps. */
static int read_own(ls_pool *pool, ls_part part) {
  const size_t first = pool_begin(pool, pool->peers->rank);
  const size_t mine = pool_begin(pool, pool->peers->rank + 1) - first;
  pool->own = ls_new(mine, pool->dataset->record_bytes);
  return pool->own ? ls_dataset_read(pool->dataset, part, first, mine, pool->own) : LS_FAILED;
}

int ls_pool_load(ls_pool **out, const ls_dataset *dataset, ls_part part, const ls_peers *peers) {
  int status = peers->agree(peers->context, ls_pool_open(out, dataset, part, peers, NULL));
  ls_pool *pool = *out;
  if (status == LS_OK && peers->node_file) {
    status = ls_node_samples_create(&pool->created, dataset, part, peers);
    pool->shared = pool->created;
  } else if (status == LS_OK) {
    status = peers->agree(peers->context, read_own(pool, part));
  }
  if (status != LS_OK) ls_pool_free(out);
  return status;
}

void ls_pool_free(ls_pool **pool) {
  if (!*pool) return;
  ls_node_samples_free(&(*pool)->created);
  free((*pool)->own);
  free(*pool);
  *pool = NULL;
}
