/* Pools: the samples of one part of a dataset, as the ranks of a group have them.
 *
 * On one node all ranks see all samples (data/node_samples.h). Between nodes, of n records rank r
 * of P keeps numbers [n r / P, n (r + 1) / P), which the feed exchanges. */
#ifndef LS_DATA_POOL_H
#define LS_DATA_POOL_H

#include "data/node_samples.h"

typedef struct ls_pool {
  const ls_dataset *dataset;     /* borrowed */
  const ls_peers *peers;         /* borrowed */
  size_t count;                  /* records of all ranks */
  const ls_node_samples *shared; /* all samples; NULL: records are exchanged */
  ls_node_samples *created;      /* by this pool; NULL: `shared` is borrowed */
  unsigned char *own;            /* this rank's records, if they are exchanged */
} ls_pool;

/* Collective: makes a pool of a part. Dataset and peers are borrowed. */
int ls_pool_load(ls_pool **out, const ls_dataset *dataset, ls_part part, const ls_peers *peers);

/* The same with samples that each node has already, borrowed as well. Local. */
int ls_pool_open(ls_pool **out, const ls_dataset *dataset, ls_part part, const ls_peers *peers,
                 const ls_node_samples *samples);

/* Local. */
void ls_pool_free(ls_pool **pool);

/* The number of a rank's first record, if they are exchanged; of rank `size`, the number of
 * records. Local. */
size_t pool_begin(const ls_pool *pool, int rank);

#endif
