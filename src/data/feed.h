/* Feeds: from a pool of samples to the batches that this rank trains or evaluates.
 *
 *   file -> pool: the samples of a part of the dataset, as the ranks of a group have them
 *   pool -> feed: for each pass over an order of samples, every rank gets those it will use
 *   feed -> batch: step by step, shard by shard, converted to numbers, and transformed
 *
 * Ranks of one node read samples where the node has them; between nodes records are exchanged at
 * the start of a pass. The order and the layout alone determine which shard uses which sample
 * (data/layout.h). */
#ifndef LS_DATA_FEED_H
#define LS_DATA_FEED_H

#include "data/layout.h"
#include "data/pool.h"
#include "data/transforms.h"

typedef struct ls_feed ls_feed;

/* A feed of one layout over a pool, whose inputs go through `transforms` (NULL: none); both are
 * borrowed. Local. */
int ls_feed_create(ls_feed **out, ls_pool *pool, const ls_layout *layout,
                   const ls_transforms *transforms);
void ls_feed_free(ls_feed **feed);

/* Collective: starts a pass over `order` [layout.samples], sample numbers in the pool's part, the
 * same on all ranks; it is not kept. */
int ls_feed_start(ls_feed *feed, const uint32_t *order);

/* Where a target of the dataset and weights of the samples are written. */
typedef struct ls_feed_target {
  size_t target;
  int32_t *labels; /* [sample], or NULL */
  ls_real *values; /* [sample, width], or NULL */
  size_t weight;
  ls_real *weights; /* [sample], or NULL */
} ls_feed_target;

/* Converts the samples of one of this rank's shards at a step: inputs to x [sample, ...], after the
 * transforms (NULL, of a feed without transforms: none); the given targets; and their numbers in
 * the part to ids [sample]. Returns the number of samples. Local. */
size_t ls_feed_read(const ls_feed *feed, size_t step, size_t shard, ls_real *x, uint32_t *ids,
                    const ls_feed_target *targets, size_t target_count);

#endif
