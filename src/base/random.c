/* Counter-based random streams over Philox4x32-10. */
#include "lockstep/random.h"

#include "base/elementary.h"
#include "base/isa.h"

#include <Random123/philox.h>
#include <math.h>

/* Block b of a stream holds its numbers 4b .. 4b + 3. The counter's words are the block's low half,
 * the sample, the epoch, and (high bits of the block, purpose, layer) packed. */
static philox4x32_ctr_t counter_of(ls_stream s, uint64_t b) {
  return (philox4x32_ctr_t){
      {(uint32_t)b, s.sample, s.epoch,
       ((uint32_t)(b >> 32) << 24) | ((uint32_t)s.purpose << 16) | (s.layer & 0xffffu)}};
}

static philox4x32_key_t key_of(ls_stream s) {
  return (philox4x32_key_t){{(uint32_t)s.seed, (uint32_t)(s.seed >> 32)}};
}

static philox4x32_ctr_t block(ls_stream s, uint64_t b) {
  return philox4x32(counter_of(s, b), key_of(s));
}

/* Blocks b .. b + LANES - 1 of a stream, 4 LANES numbers: the same as LANES times block(), worked
 * out side by side, for processors with vectors. */
enum { LANES = 32 };

static inline __attribute__((always_inline)) void many_blocks(ls_stream s, uint64_t b,
                                                              uint32_t *restrict out) {
  const philox4x32_key_t key = key_of(s);
  uint32_t v[4][LANES];
  for (size_t i = 0; i < LANES; i++) {
    const philox4x32_ctr_t start = counter_of(s, b + i);
    uint32_t v0 = start.v[0], v1 = start.v[1], v2 = start.v[2], v3 = start.v[3];
    for (uint32_t round = 0; round < 10; round++) {
      uint64_t product0 = (uint64_t)PHILOX_M4x32_0 * v0, product1 = (uint64_t)PHILOX_M4x32_1 * v2;
      v0 = (uint32_t)(product1 >> 32) ^ v1 ^ (key.v[0] + round * PHILOX_W32_0);
      v1 = (uint32_t)product1;
      v2 = (uint32_t)(product0 >> 32) ^ v3 ^ (key.v[1] + round * PHILOX_W32_1);
      v3 = (uint32_t)product0;
    }
    v[0][i] = v0;
    v[1][i] = v1;
    v[2][i] = v2;
    v[3][i] = v3;
  }
  for (size_t i = 0; i < LANES; i++) {
    for (size_t k = 0; k < 4; k++) out[4 * i + k] = v[k][i];
  }
}

/* The same for the instruction set of the build, and for wider vectors: integers, so that the
 * numbers are equal. */
static void blocks_of_build(ls_stream s, uint64_t b, uint32_t *out) {
  many_blocks(s, b, out);
}

#if defined(__x86_64__)
__attribute__((target("arch=x86-64-v4")))
#endif
static void
blocks_of_v4(ls_stream s, uint64_t b, uint32_t *out) {
  many_blocks(s, b, out);
}

void ls_random_bits(ls_stream stream, uint64_t first, size_t count, uint32_t *out) {
  size_t done = 0;
  const bool wide = count >= 4 * LANES && ls_isa_has_v4();
  while (done < count) {
    uint64_t number = first + done;
    if (number % 4 == 0 && count - done >= 4 * LANES) {
      (wide ? blocks_of_v4 : blocks_of_build)(stream, number / 4, out + done);
      done += 4 * LANES;
      continue;
    }
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
  for (size_t i = 0; i < count; i++) {
    uint32_t bits[2];
    ls_random_bits(stream, 2 * (first + i), 2, bits);
    double cosine, sine;
    ls_cos_sin((double)bits[1] * 0x1p-32, &cosine, &sine);
    /* The logarithm's argument is in (0, 1]. */
    double radius = sqrt(-2 * ls_logarithm(((double)bits[0] + 1) * 0x1p-32));
    out[i] = (ls_real)(radius * cosine);
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
