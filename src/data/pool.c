/* Loading pools, into shared memory where there is any. */
#include "data/pool.h"

#include "base/memory.h"
#include "base/partition.h"
#include "data/records.h"
#include "lockstep/error.h"

#include <stdlib.h>

size_t pool_begin(const ls_pool *pool, int rank) {
  return ls_partition_begin(pool->count, (size_t)pool->peers->size, (size_t)rank);
}

int ls_pool_load(ls_pool **out, const ls_dataset *dataset, ls_part part, const ls_peers *peers) {
  *out = NULL;
  ls_pool *pool = ls_new(1, sizeof *pool);
  if (!pool) return peers->agree(peers->context, LS_FAILED);
  *pool = (ls_pool){.dataset = dataset, .peers = peers, .count = dataset->count[part]};
  size_t first = pool_begin(pool, peers->rank);
  size_t mine = pool_begin(pool, peers->rank + 1) - first;
  pool->shared = peers->share != NULL;
  pool->bases = ls_new((size_t)peers->size, sizeof *pool->bases);
  int status = peers->agree(peers->context, pool->bases ? LS_OK : LS_FAILED);
  if (status == LS_OK && pool->shared) {
    status = peers->share(peers->context, mine * dataset->record_bytes, pool->bases, &pool->handle);
    pool->own = pool->bases[peers->rank];
  } else if (status == LS_OK) {
    pool->own = ls_new(mine, dataset->record_bytes);
    status = pool->own ? LS_OK : LS_FAILED;
  }
  if (status == LS_OK) status = ls_dataset_read(dataset, part, first, mine, pool->own);
  status = peers->agree(peers->context, status);
  if (status != LS_OK) {
    ls_pool_free(&pool);
    return status;
  }
  *out = pool;
  return LS_OK;
}

void ls_pool_free(ls_pool **pool) {
  ls_pool *p = *pool;
  if (!p) return;
  if (p->shared) {
    if (p->handle) p->peers->unshare(p->peers->context, p->handle);
  } else {
    free(p->own);
  }
  free(p->bases);
  free(p);
  *pool = NULL;
}
