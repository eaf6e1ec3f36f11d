/* Block-cyclic partition of a vector among ranks: ranges of equal width are assigned to them
 * cyclically. With one range for each rank the parts are contiguous slices.
 *
 * What a rank stores for its part alone is packed: its ranges, one after the other. All functions
 * are local and pure. */
#ifndef LS_BASE_BLOCK_CYCLIC_H
#define LS_BASE_BLOCK_CYCLIC_H

#include "lockstep/types.h"

#include <stdbool.h>
#include <stddef.h>

/* One rank's part: ranges [first + k stride, first + k stride + width) for k = 0, 1, ..., up to
 * `end`, the elements of the vector. Neither width nor stride is 0. */
typedef struct ls_block_cyclic {
  size_t first, width, stride, end;
} ls_block_cyclic;

/* The whole of a vector of `count` elements, as one part. */
ls_block_cyclic ls_block_cyclic_all(size_t count);

/* Returns the number of elements of the part. */
size_t ls_block_cyclic_count(const ls_block_cyclic *part);

/* Range k: returns the number of its elements, 0 after the last range; *begin is the first element.
 */
size_t ls_block_cyclic_block(const ls_block_cyclic *part, size_t k, size_t *begin);

/* Returns whether an element of the vector is in the part; the packed index of an element that is.
 */
bool ls_block_cyclic_has(const ls_block_cyclic *part, size_t element);
size_t ls_block_cyclic_index(const ls_block_cyclic *part, size_t element);

/* Copies the part from a whole vector to packed elements, and back. */
void ls_block_cyclic_pack(const ls_block_cyclic *part, const ls_real *whole, ls_real *packed);
void ls_block_cyclic_unpack(const ls_block_cyclic *part, const ls_real *packed, ls_real *whole);

#endif
