/* Pools: the records that the ranks keep between them. */
#ifndef LS_DATA_POOL_H
#define LS_DATA_POOL_H

#include "data/feed.h"

struct ls_pool {
  const ls_dataset *dataset;
  const ls_peers *peers;
  size_t count;          /* records of all ranks */
  unsigned char **bases; /* [rank], where this rank sees its records, or NULL */
  unsigned char *own;    /* this rank's */
  bool shared;
  void *handle;
};

/* The first of a rank's records; of rank `size`, the end. */
size_t pool_begin(const ls_pool *pool, int rank);

#endif
