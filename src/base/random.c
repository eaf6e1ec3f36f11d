/* Counter-based random streams over Philox4x32-10. */
#include "lockstep/random.h"

#include <Random123/philox.h>
#include <math.h>

/* Block b of a stream holds its numbers 4b .. 4b + 3. The counter's words are the block's low half,
 * the sample, the epoch, and (high bits of the block, purpose, layer) packed. */
static philox4x32_ctr_t block(ls_stream s, uint64_t b) {
  philox4x32_ctr_t counter = {
      {(uint32_t)b, s.sample, s.epoch,
       ((uint32_t)(b >> 32) << 24) | ((uint32_t)s.purpose << 16) | (s.layer & 0xffffu)}};
  philox4x32_key_t key = {{(uint32_t)s.seed, (uint32_t)(s.seed >> 32)}};
  return philox4x32(counter, key);
}

void ls_random_bits(ls_stream stream, uint64_t first, size_t count, uint32_t *out) {
  size_t done = 0;
  while (done < count) {
    uint64_t number = first + done;
    philox4x32_ctr_t four = block(stream, number / 4);
    for (size_t lane = number % 4; lane < 4 && done < count; lane++) out[done++] = four.v[lane];
  }
}

void ls_random_uniform(ls_stream stream, uint64_t first, size_t count, ls_real *out) {
  uint32_t bits[256];
  for (size_t done = 0; done < count;) {
    size_t n = count - done < 256 ? count - done : 256;
    ls_random_bits(stream, first + done, n, bits);
    for (size_t i = 0; i < n; i++) out[done + i] = (ls_real)(bits[i] >> 8) * (ls_real)0x1p-24;
    done += n;
  }
}

void ls_random_normal(ls_stream stream, uint64_t first, size_t count, ls_real *out) {
  const double two_pi = 6.283185307179586;
  for (size_t i = 0; i < count; i++) {
    uint32_t bits[2];
    ls_random_bits(stream, 2 * (first + i), 2, bits);
    double radius = sqrt(-2 * log(((double)bits[0] + 1) * 0x1p-32)); /* argument in (0, 1] */
    out[i] = (ls_real)(radius * cos(two_pi * (double)bits[1] * 0x1p-32));
  }
}

/* Uniform over 0 .. bound - 1, unbiased, made of `bits`, number i of the stream (Lemire, "Fast
 * random integer generation in an interval", 2019); after a rejection, less likely than bound /
 * 2^32, of number i of the streams with the next layer numbers. */
static uint32_t below(ls_stream stream, uint64_t i, uint32_t bits, uint32_t bound) {
  uint64_t product = (uint64_t)bits * bound;
  while ((uint32_t)product < bound && (uint32_t)product < -bound % bound) {
    stream.layer++;
    ls_random_bits(stream, i, 1, &bits);
    product = (uint64_t)bits * bound;
  }
  return (uint32_t)(product >> 32);
}

void ls_random_permutation(ls_stream stream, size_t count, uint32_t *out) {
  uint32_t bits[256];
  for (size_t i = 0; i < count; i++) {
    size_t at = i % 256;
    if (at == 0) ls_random_bits(stream, i, 256, bits);
    /* Inside-out: element i takes a place among the first i + 1, whose former holder moves up. */
    uint32_t j = below(stream, i, bits[at], (uint32_t)i + 1);
    if (j < i) out[i] = out[j];
    out[j] = (uint32_t)i;
  }
}
