/* Block-cyclic partition of a vector. */
#include "base/block_cyclic.h"

#include <string.h>

ls_block_cyclic ls_block_cyclic_all(size_t count) {
  size_t width = count > 0 ? count : 1;
  return (ls_block_cyclic){0, width, width, count};
}

size_t ls_block_cyclic_block(const ls_block_cyclic *s, size_t k, size_t *begin) {
  *begin = s->first + k * s->stride;
  if (*begin >= s->end) return 0;
  return s->end - *begin < s->width ? s->end - *begin : s->width;
}

size_t ls_block_cyclic_count(const ls_block_cyclic *s) {
  if (s->first >= s->end) return 0;
  size_t begin, last = (s->end - 1 - s->first) / s->stride;
  return last * s->width + ls_block_cyclic_block(s, last, &begin);
}

bool ls_block_cyclic_has(const ls_block_cyclic *s, size_t element) {
  return element >= s->first && element < s->end && (element - s->first) % s->stride < s->width;
}

size_t ls_block_cyclic_index(const ls_block_cyclic *s, size_t element) {
  return (element - s->first) / s->stride * s->width + (element - s->first) % s->stride;
}

void ls_block_cyclic_pack(const ls_block_cyclic *s, const ls_real *whole, ls_real *packed) {
  size_t begin, n;
  for (size_t k = 0; (n = ls_block_cyclic_block(s, k, &begin)) > 0; k++) {
    memcpy(packed + k * s->width, whole + begin, n * sizeof *whole);
  }
}

void ls_block_cyclic_unpack(const ls_block_cyclic *s, const ls_real *packed, ls_real *whole) {
  size_t begin, n;
  for (size_t k = 0; (n = ls_block_cyclic_block(s, k, &begin)) > 0; k++) {
    memcpy(whole + begin, packed + k * s->width, n * sizeof *whole);
  }
}
