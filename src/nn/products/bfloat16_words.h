/* Words for one instruction set: two numbers that follow each other along k, rounded to bfloat16
 * (to nearest, ties to even; NaN stays NaN), the first in the lower half. They are in memory of
 * reals. Where the processor has instructions for them, numbers below the range of normal ones
 * become 0.
 */
#ifndef LS_NN_PRODUCTS_BFLOAT16_WORDS_H
#define LS_NN_PRODUCTS_BFLOAT16_WORDS_H

#include "nn/products/vector.h"

#include <stdint.h>

typedef uint32_t words __attribute__((vector_size(sizeof(ls_vector))));

#if defined(__AVX512BF16__)

/* The products of two vectors of words, the sum of each word's two added to `sum`. */
INLINE ls_vector add_two_products(ls_vector a, ls_vector b, ls_vector sum) {
  return _mm512_dpbf16_ps(sum, (__m512bh)a, (__m512bh)b);
}

/* Words of first[j] and second[j]. */
INLINE ls_vector join_vectors(ls_vector first, ls_vector second) {
  const __m512i halves = (__m512i)_mm512_cvtne2ps_pbh(second, first);
  const __m512i lower = _mm512_set_epi32(15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0);
  const __m512i upper = _mm512_add_epi32(lower, _mm512_set1_epi32(16));
  const __m512i order = _mm512_or_epi32(lower, _mm512_slli_epi32(upper, 16));
  return (ls_vector)_mm512_permutexvar_epi16(order, halves);
}

/* Words of the neighbours in `first`, then of those in `second`. */
INLINE ls_vector join_pairs(ls_vector first, ls_vector second) {
  return (ls_vector)_mm512_cvtne2ps_pbh(second, first);
}

#else

/* In the order of the instruction above. */
INLINE ls_vector add_two_products(ls_vector a, ls_vector b, ls_vector sum) {
  const words high = {0};
  const words upper_a = (words)a & (high + 0xffff0000u), upper_b = (words)b & (high + 0xffff0000u);
  sum = ls_vector_fma((ls_vector)upper_a, (ls_vector)upper_b, sum);
  return ls_vector_fma((ls_vector)((words)a << 16), (ls_vector)((words)b << 16), sum);
}

/* The bits of x in its upper half, rounded. */
INLINE words round_bits(ls_vector x) {
  const words bits = (words)x, nan = (words)(x != x);
  const words rounded = bits + 0x7fffu + (bits >> 16 & 1u);
  return (rounded & ~nan) | (nan & 0x7fc00000u);
}

INLINE ls_vector join_vectors(ls_vector first, ls_vector second) {
  return (ls_vector)((round_bits(first) >> 16) | (round_bits(second) & 0xffff0000u));
}

INLINE ls_vector join_pairs(ls_vector first, ls_vector second) {
  ls_real from[2 * LS_LANES], even[LS_LANES], odd[LS_LANES];
  ls_vector_store(from, first);
  ls_vector_store(from + LS_LANES, second);
  for (size_t j = 0; j < LS_LANES; j++) {
    even[j] = from[2 * j];
    odd[j] = from[2 * j + 1];
  }
  return join_vectors(ls_vector_load(even), ls_vector_load(odd));
}

#endif

INLINE size_t up_to_lanes(size_t count) {
  return count < LS_LANES ? count : LS_LANES;
}

/* to[j] = the word of first[j] and second[j] for j < columns, 0 for the others below `width`;
 * second NULL: of first[j] and 0 */
static inline void join_rows(size_t columns, const ls_real *first, const ls_real *second,
                             size_t width, ls_real *to) {
  const ls_vector none = ls_vector_all(0);
  size_t j = 0;
  for (; j + LS_LANES <= columns; j += LS_LANES) {
    const ls_vector v = ls_vector_load(first + j);
    ls_vector_store(to + j, join_vectors(v, second ? ls_vector_load(second + j) : none));
  }
  for (; j < width; j += LS_LANES) {
    const size_t count = j < columns ? up_to_lanes(columns - j) : 0;
    const ls_vector v = ls_vector_load_lanes(first + j, count);
    const ls_vector w = second ? ls_vector_load_lanes(second + j, count) : none;
    ls_vector_store_lanes(to + j, join_vectors(v, w), up_to_lanes(width - j));
  }
}

/* to[p] = the word of from[2 p] and from[2 p + 1], of `count` reals; behind an odd count comes 0 */
static inline void join_neighbours(size_t count, const ls_real *from, ls_real *to) {
  for (; count >= 2 * LS_LANES; count -= 2 * LS_LANES, from += 2 * LS_LANES, to += LS_LANES) {
    ls_vector_store(to, join_pairs(ls_vector_load(from), ls_vector_load(from + LS_LANES)));
  }
  const size_t first = up_to_lanes(count);
  const ls_vector v = ls_vector_load_lanes(from, first);
  const ls_vector w = ls_vector_load_lanes(from + first, count - first);
  ls_vector_store_lanes(to, join_pairs(v, w), (count + 1) / 2);
}

/* to[p][j] = the words of rows 2 p and 2 p + 1 of `depth` rows, with 0 in columns from `columns` to
 * `width` */
static inline void join_all_rows(size_t depth, size_t columns, const ls_real *from, size_t from_row,
                                 size_t width, ls_real *to, size_t to_row) {
  for (size_t p = 0; p < depth; p += 2, from += 2 * from_row, to += to_row) {
    join_rows(columns, from, p + 1 < depth ? from + from_row : NULL, width, to);
  }
}

#endif
