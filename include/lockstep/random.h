/* Random numbers as a function of what they are for.
 *
 * A stream is named by (seed, purpose, epoch, layer, sample). Number i of a stream is always the
 * same, on every rank and in any order of calls: there is no hidden state to save or share.
 * Generator: Philox4x32-10 of Salmon et al., "Parallel random numbers: as easy as 1, 2, 3",
 * SC'11, as implemented in Random123. All functions are local and cannot fail. */
#ifndef LOCKSTEP_RANDOM_H
#define LOCKSTEP_RANDOM_H

#include "lockstep/types.h"
#include "lockstep/visibility.h"

#include <stddef.h>
#include <stdint.h>

LS_BEGIN_DECLARATIONS

/* What a stream is for. Append only: the numbers are part of what makes a run reproducible. */
typedef enum ls_purpose {
  LS_RANDOM_INITIALIZER = 1, /* initial weights */
  LS_RANDOM_SHUFFLE,         /* order of the samples of an epoch */
  LS_RANDOM_DROPOUT,         /* masks */
  LS_RANDOM_SPLIT,           /* which samples are for validation */
  LS_RANDOM_GENERATOR,       /* generated datasets */
  LS_RANDOM_AUGMENTATION,    /* changes to images */
  LS_RANDOM_NOISE,           /* added to inputs or outputs of layers */
  LS_RANDOM_TRANSFORM,       /* permutations of pixels */
  LS_RANDOM_PERTURBATION,    /* perturbations in an evaluation */
  LS_RANDOM_EMBEDDING,       /* initial points of projections */
  LS_RANDOM_CODE,            /* codes for a decoder */
  LS_RANDOM_SAMPLER,         /* points of a sweep */
  LS_RANDOM_FOREST,          /* samples of the trees of a random forest */
} ls_purpose;

typedef struct ls_stream {
  uint64_t seed;
  ls_purpose purpose;
  uint32_t epoch;
  uint32_t layer;
  uint32_t sample;
} ls_stream;

/* Numbers first .. first + count - 1 of the stream, uniform over all 32-bit integers. */
void ls_random_bits(ls_stream stream, uint64_t first, size_t count, uint32_t *out);

/* The same numbers as reals uniform over [0, 1), of 24 random bits each. */
void ls_random_uniform(ls_stream stream, uint64_t first, size_t count, ls_real *out);

/* Standard normal numbers (Box-Muller): number i is made of bits 2i and 2i + 1 of the stream. */
void ls_random_normal(ls_stream stream, uint64_t first, size_t count, ls_real *out);

/* Fills `out` with a permutation of 0 .. count - 1, each equally likely (Fisher-Yates). */
void ls_random_permutation(ls_stream stream, size_t count, uint32_t *out);

LS_END_DECLARATIONS

#endif
