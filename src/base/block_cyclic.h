/* How a vector is dealt out to ranks: in runs of equal width that go to them in turn, like cards. A
 * rank's share is its runs. With one run for each rank shares are contiguous slices.
 *
 * What a rank keeps for its share alone is packed: its runs one behind another. All functions are
 * local and pure. */
#ifndef LS_BASE_BLOCK_CYCLIC_H
#define LS_BASE_BLOCK_CYCLIC_H

#include "lockstep/types.h"

#include <stdbool.h>
#include <stddef.h>

/* Runs [first + k stride, first + k stride + width) for k = 0, 1, ..., as far as they are below
 * `end`, the elements of the vector. Neither width nor stride is 0. */
typedef struct ls_block_cyclic {
  size_t first, width, stride, end;
} ls_block_cyclic;

/* All of a vector of `count` elements. */
ls_block_cyclic ls_block_cyclic_all(size_t count);

/* Elements of the share. */
size_t ls_block_cyclic_count(const ls_block_cyclic *share);

/* Run k: the number of its elements, the first of which is *begin; 0 behind the last run. */
size_t ls_block_cyclic_block(const ls_block_cyclic *share, size_t k, size_t *begin);

/* Whether an element of the vector belongs to the share; the place among the packed ones of an
 * element that does. */
bool ls_block_cyclic_has(const ls_block_cyclic *share, size_t element);
size_t ls_block_cyclic_index(const ls_block_cyclic *share, size_t element);

/* Copies the share from a whole vector to packed elements, and back. */
void ls_block_cyclic_pack(const ls_block_cyclic *share, const ls_real *whole, ls_real *packed);
void ls_block_cyclic_unpack(const ls_block_cyclic *share, const ls_real *packed, ls_real *whole);

#endif
