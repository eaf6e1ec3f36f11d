/* The arithmetic of which sample goes to which step, shard and rank. Local, pure.
 *
 * `samples` positions of an order are cut into steps of `batch` (the last one may be smaller), each
 * step into `shards` equal parts, and the shards are partitioned over `ranks`. The shard that uses
 * a position never depends on the number of ranks, and every position is used by exactly one shard
 * of one step. */
#ifndef LS_DATA_LAYOUT_H
#define LS_DATA_LAYOUT_H

#include <stddef.h>

typedef struct ls_layout {
  size_t samples, batch, shards, ranks;
} ls_layout;

size_t ls_layout_steps(const ls_layout *layout);

/* Samples of a step. */
size_t ls_layout_batch(const ls_layout *layout, size_t step);

/* The positions [*first, *end) of the order that a shard uses at a step. */
void ls_layout_shard(const ls_layout *layout, size_t step, size_t shard, size_t *first,
                     size_t *end);

/* The positions [*first, *end) that all shards of a rank use at a step. */
void ls_layout_rank(const ls_layout *layout, size_t step, size_t rank, size_t *first, size_t *end);

/* The largest number of samples that all shards of any rank have at any step. */
size_t ls_layout_largest_rank(const ls_layout *layout);

/* The largest number of samples that any shard has at any step. */
size_t ls_layout_largest_shard(const ls_layout *layout);

#endif
