/* The Sobol sequence by its definition: a coordinate is the sum, without carries, of the direction
 * numbers that the bits of the point's Gray code select. */
#include "job/sobol.h"

enum { BITS = 32, MOST_TERMS = 7 };

/* The primitive polynomial of a dimension and its initial direction numbers m, as in the file
 * new-joe-kuo-6 of Joe and Kuo. */
typedef struct dimension {
  unsigned degree;
  uint32_t coefficients; /* of the polynomial, without its first and last term */
  uint32_t m[MOST_TERMS];
} dimension;

/* Of the dimensions from the second on. */
static const dimension dimensions[LS_SOBOL_DIMENSIONS - 1] = {
    {1, 0, {1}},
    {2, 1, {1, 3}},
    {3, 1, {1, 3, 1}},
    {3, 2, {1, 1, 1}},
    {4, 1, {1, 1, 3, 3}},
    {4, 4, {1, 3, 5, 13}},
    {5, 2, {1, 1, 5, 5, 17}},
    {5, 4, {1, 1, 5, 5, 5}},
    {5, 7, {1, 1, 7, 11, 19}},
    {5, 11, {1, 1, 5, 1, 1}},
    {5, 13, {1, 1, 1, 3, 11}},
    {5, 14, {1, 3, 5, 5, 31}},
    {6, 1, {1, 3, 3, 9, 7, 49}},
    {6, 13, {1, 1, 1, 15, 21, 21}},
    {6, 16, {1, 3, 1, 13, 27, 49}},
    {6, 19, {1, 1, 1, 15, 7, 5}},
    {6, 22, {1, 3, 1, 15, 13, 25}},
    {6, 25, {1, 1, 5, 5, 19, 61}},
    {7, 1, {1, 3, 7, 11, 23, 15, 103}},
    {7, 4, {1, 3, 7, 13, 13, 15, 69}},
    {7, 7, {1, 1, 3, 13, 7, 35, 63}},
    {7, 8, {1, 3, 5, 9, 1, 25, 53}},
    {7, 14, {1, 3, 1, 13, 9, 35, 107}},
    {7, 19, {1, 3, 1, 5, 27, 61, 31}},
    {7, 21, {1, 1, 5, 11, 19, 41, 61}},
    {7, 28, {1, 3, 5, 3, 3, 13, 69}},
    {7, 31, {1, 1, 7, 13, 1, 19, 1}},
    {7, 32, {1, 3, 7, 5, 13, 19, 59}},
    {7, 37, {1, 1, 3, 9, 25, 29, 41}},
    {7, 41, {1, 3, 5, 13, 23, 1, 55}},
    {7, 42, {1, 3, 7, 3, 13, 59, 17}},
};

/* Sets the direction numbers of a dimension, as fractions of 2^32. */
static void find_directions(uint32_t v[BITS], size_t d) {
  if (d == 0) {
    for (unsigned i = 0; i < BITS; i++) v[i] = UINT32_C(1) << (BITS - 1 - i);
    return;
  }
  const dimension *of = &dimensions[d - 1];
  unsigned s = of->degree;
  for (unsigned i = 0; i < s; i++) v[i] = of->m[i] << (BITS - 1 - i);
  for (unsigned i = s; i < BITS; i++) {
    v[i] = v[i - s] ^ (v[i - s] >> s);
    for (unsigned k = 1; k < s; k++) {
      if ((of->coefficients >> (s - 1 - k)) & 1) v[i] ^= v[i - k];
    }
  }
}

uint32_t ls_sobol(uint32_t index, size_t d) {
  uint32_t v[BITS], coordinate = 0, gray = index ^ (index >> 1);
  find_directions(v, d);
  for (unsigned i = 0; i < BITS; i++) {
    if ((gray >> i) & 1) coordinate ^= v[i];
  }
  return coordinate;
}

static uint32_t reverse(uint32_t x) {
  x = ((x >> 1) & 0x55555555) | ((x & 0x55555555) << 1);
  x = ((x >> 2) & 0x33333333) | ((x & 0x33333333) << 2);
  x = ((x >> 4) & 0x0f0f0f0f) | ((x & 0x0f0f0f0f) << 4);
  x = ((x >> 8) & 0x00ff00ff) | ((x & 0x00ff00ff) << 8);
  return x >> 16 | x << 16;
}

/* Each bit of the product depends on lower bits only: so each bit of the result, reversed, is
 * flipped by a function of the seed and the bits before it. */
uint32_t ls_sobol_scramble(uint32_t coordinate, uint32_t seed) {
  uint32_t x = reverse(coordinate);
  x += seed;
  x ^= x * 0x6c50b47cu;
  x ^= x * 0xb82f1e52u;
  x ^= x * 0xc7afe638u;
  x ^= x * 0x8d22f6e6u;
  return reverse(x);
}
