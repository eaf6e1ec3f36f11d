/* The order of the training samples in an epoch: a function of the seed and the epoch alone.
 *
 * By default all samples are shuffled. With a buffer of fewer samples, for datasets larger than
 * memory, blocks of consecutive samples are shuffled, and then the samples of each window of
 * LS_SHUFFLE_BLOCKS blocks, which together fill the buffer: a window is read from the file in a few
 * long pieces, and only two of them need be in memory. It mixes better than the buffer of
 * tf.data.Dataset.shuffle, which draws from samples that are consecutive in the file. */
#ifndef LS_DATA_SHUFFLE_H
#define LS_DATA_SHUFFLE_H

#include "data/node_samples.h"

/* Blocks of a window. */
enum { LS_SHUFFLE_BLOCKS = 32 };

typedef struct ls_shuffle {
  const ls_node_samples *stored; /* borrowed; NULL: records are exchanged */
  const uint32_t *samples;       /* [count], borrowed; ascending if blocks are shuffled */
  size_t count;
  size_t block; /* samples of a block, the last of which may be shorter; 0: no blocks */
  size_t block_count;
  uint32_t *block_order; /* [2][block_count], of the current epoch and of the next one */
  uint32_t *order;       /* [count], the sample numbers of the current epoch */
  size_t next;           /* the first block of both orders that has not been asked for */
  size_t used;           /* the first one that has not been released */
} ls_shuffle;

/* Whether a buffer of `buffer` samples (0: all) has blocks of `count` samples shuffled. Pure. */
bool ls_shuffle_has_blocks(size_t count, size_t buffer);

/* Prepares to shuffle `samples` of those that are `stored`, with a buffer of `buffer` samples (0:
 * all of them). Local. */
int ls_shuffle_create(ls_shuffle *shuffle, const ls_node_samples *stored, const uint32_t *samples,
                      size_t count, size_t buffer);
void ls_shuffle_destroy(ls_shuffle *shuffle);

/* Sets shuffle->order to that of an epoch. Local. */
void ls_shuffle_epoch(ls_shuffle *shuffle, uint64_t seed, uint32_t epoch);

/* Before samples from position `position` of the order on are used: asks for the blocks to be read
 * that may be used up to a window later, in this epoch or the next one, of which each of `readers`
 * readers asks for every readers-th; and releases those of earlier windows. Does nothing without
 * blocks. Local. */
void ls_shuffle_advance(ls_shuffle *shuffle, size_t position, size_t reader, size_t readers);

#endif
