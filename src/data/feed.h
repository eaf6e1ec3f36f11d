/* From samples spread over ranks to the batches that each rank works on.
 *
 *   file -> pool: rank r keeps records [n r / P, n (r + 1) / P) of a part of the dataset
 *   pool -> feed: for each pass over an order of samples, every rank gets those it will use
 *   feed -> batch: step by step, shard by shard, converted to numbers, and transformed
 *
 * Which shard uses which sample is fixed by the order and the layout alone (ls_layout), never by
 * the number of ranks; every position of the order is used by exactly one shard of one step.
 * Ranks of one node read one another's records in shared memory; between nodes records are
 * exchanged at the start of a pass. */
#ifndef LS_DATA_FEED_H
#define LS_DATA_FEED_H

#include "base/partition.h"
#include "base/peers.h"
#include "data/dataset.h"
#include "data/transform.h"

/* ---- The arithmetic of who uses what. Pure. ----------------------------------------------------
 */

/* `samples` positions are cut into steps of `batch` (the last one may be smaller), each step into
 * `shards` equal parts, and the shards are dealt to `ranks` in equal runs. */
typedef struct ls_layout {
  size_t samples, batch, shards, ranks;
} ls_layout;

size_t ls_layout_steps(const ls_layout *layout);

/* Samples of a step. */
size_t ls_layout_batch(const ls_layout *layout, size_t step);

/* Positions [*first, *end) of the order are a shard's at a step / a rank's (its shards together).
 */
void ls_layout_shard(const ls_layout *layout, size_t step, size_t shard, size_t *first,
                     size_t *end);
void ls_layout_rank(const ls_layout *layout, size_t step, size_t rank, size_t *first, size_t *end);

/* Most samples any shard has at any step. */
size_t ls_layout_largest_shard(const ls_layout *layout);

/* ---- Pool and feed -----------------------------------------------------------------------------
 */

typedef struct ls_pool ls_pool;
typedef struct ls_feed ls_feed;

/* Collective: reads this rank's records of a part. Dataset and peers are borrowed. */
int ls_pool_load(ls_pool **out, const ls_dataset *dataset, ls_part part, const ls_peers *peers);

/* Collective. */
void ls_pool_free(ls_pool **pool);

/* A feed of one layout over a pool, whose inputs go through `transforms` (NULL: none); both are
 * borrowed. Local. */
int ls_feed_create(ls_feed **out, ls_pool *pool, const ls_layout *layout,
                   const ls_transforms *transforms);
void ls_feed_free(ls_feed **feed);

/* Collective: starts a pass over `order` [layout.samples], sample numbers in the pool's part, the
 * same on all ranks; it is not kept. */
int ls_feed_start(ls_feed *feed, const uint32_t *order);

/* Where a target of the dataset is to be put: labels [sample] or values [sample, width]. */
typedef struct ls_feed_target {
  size_t target;
  int32_t *labels;
  ls_real *values;
} ls_feed_target;

/* Converts the samples of one of this rank's shards at a step to x [sample, ...], as it comes from
 * the transforms, the given targets and ids [sample] (their numbers in the part); returns how many.
 * Local. */
size_t ls_feed_read(const ls_feed *feed, size_t step, size_t shard, ls_real *x, uint32_t *ids,
                    const ls_feed_target *targets, size_t target_count);

/* Collective: has the transforms learn from the training samples `order` [count] of the pool, as
 * many as they were created for. What they learn is the same bits for any number of ranks. */
int ls_transforms_fit(ls_transforms *transforms, ls_pool *pool, const uint32_t *order,
                      size_t count);

/* Bytes of memory that this takes per rank, the mean of them, as an estimate for `check`. Local. */
double ls_transforms_fit_bytes(const ls_transforms *transforms, size_t ranks);

#endif
