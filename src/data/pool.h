/* Pools: the samples of one part of a dataset, partitioned over the ranks of a group.
 *
 * Of n records rank r of P keeps numbers [n r / P, n (r + 1) / P). Where the ranks share memory
 * each reads the records of the others in place. */
#ifndef LS_DATA_POOL_H
#define LS_DATA_POOL_H

#include "base/peers.h"
#include "data/dataset.h"

typedef struct ls_pool {
  const ls_dataset *dataset; /* borrowed */
  const ls_peers *peers;     /* borrowed */
  size_t count;              /* records of all ranks */
  unsigned char **bases;     /* [rank], where this rank sees that rank's records, or NULL */
  unsigned char *own;        /* this rank's records */
  bool shared;               /* whether the ranks share memory */
  void *handle;              /* of the shared memory */
} ls_pool;

/* Collective: reads this rank's records of a part. Dataset and peers are borrowed. */
int ls_pool_load(ls_pool **out, const ls_dataset *dataset, ls_part part, const ls_peers *peers);

/* Collective. */
void ls_pool_free(ls_pool **pool);

/* The number of a rank's first record; of rank `size`, the number of records. Local. */
size_t pool_begin(const ls_pool *pool, int rank);

#endif
