/* Shuffling all samples, or blocks and windows of them. */
#include "data/shuffle.h"

#include "base/memory.h"
#include "lockstep/error.h"
#include "lockstep/random.h"

#include <stdlib.h>

/* `layer` of the random streams; windows are numbered by `sample`. */
enum { ALL_STREAM = 0, BLOCK_STREAM = 1, WINDOW_STREAM = 2 };

static ls_stream stream_of(uint64_t seed, uint32_t epoch, uint32_t kind, size_t window) {
  return (ls_stream){seed, LS_RANDOM_SHUFFLE, epoch, kind, (uint32_t)window};
}

bool ls_shuffle_has_blocks(size_t count, size_t buffer) {
  return buffer > 0 && buffer < count;
}

int ls_shuffle_create(ls_shuffle *s, const ls_node_samples *stored, const uint32_t *samples,
                      size_t count, size_t buffer) {
  *s = (ls_shuffle){.stored = stored, .samples = samples, .count = count};
  if (ls_shuffle_has_blocks(count, buffer)) {
    s->block = (buffer + LS_SHUFFLE_BLOCKS - 1) / LS_SHUFFLE_BLOCKS;
    s->block_count = (count + s->block - 1) / s->block;
    s->used = s->block_count;
  }
  s->order = ls_new(count, sizeof *s->order);
  s->block_order = ls_new(2 * s->block_count, sizeof *s->block_order);
  return s->order && s->block_order ? LS_OK : LS_FAILED;
}

void ls_shuffle_destroy(ls_shuffle *s) {
  free(s->order);
  free(s->block_order);
  *s = (ls_shuffle){0};
}

/* ---- Shuffling ------------------------------------------------------------------------------- */

static size_t block_begin(const ls_shuffle *s, size_t block) {
  return block * s->block < s->count ? block * s->block : s->count;
}

/* Samples of the block. */
static size_t block_size(const ls_shuffle *s, size_t block) {
  return block_begin(s, block + 1) - block_begin(s, block);
}

static void shuffle_all(ls_shuffle *s, uint64_t seed, uint32_t epoch) {
  ls_random_permutation(stream_of(seed, epoch, ALL_STREAM, 0), s->count, s->order);
  for (size_t i = 0; i < s->count; i++) s->order[i] = s->samples[s->order[i]];
}

/* The sample at place `place` of blocks first .. end - 1 of the order of blocks, side by side. One
 * of them may be shorter than the others: number `shorter`, `end` if none is. */
static uint32_t sample_at(const ls_shuffle *s, size_t first, size_t shorter, size_t place) {
  const size_t missing = s->block * s->block_count - s->count;
  if (place >= (shorter - first) * s->block + s->block - missing) place += missing;
  const size_t block = s->block_order[first + place / s->block];
  return s->samples[block * s->block + place % s->block];
}

/* Shuffles the samples of blocks first .. end - 1, a window, to `out`; returns their number. */
static size_t shuffle_window(const ls_shuffle *s, size_t first, size_t end, ls_stream stream,
                             uint32_t *out) {
  size_t count = 0, shorter = end;
  for (size_t k = first; k < end; k++) {
    const size_t size = block_size(s, s->block_order[k]);
    if (size < s->block) shorter = k;
    count += size;
  }
  ls_random_permutation(stream, count, out);
  for (size_t i = 0; i < count; i++) out[i] = sample_at(s, first, shorter, out[i]);
  return count;
}

/* ---- Reading ahead --------------------------------------------------------------------------- */

/* Calls a function of the stored samples with those of block number k of the order. */
static void for_block(const ls_shuffle *s, size_t k,
                      void (*advise)(const ls_node_samples *, size_t first, size_t end)) {
  const size_t first = block_begin(s, s->block_order[k]);
  const size_t last = first + block_size(s, s->block_order[k]) - 1;
  advise(s->stored, s->samples[first], s->samples[last] + 1);
}

/* Whether block number k of the order has been asked for again, for the next epoch. */
static bool is_wanted_again(const ls_shuffle *s, size_t k) {
  size_t i = s->block_count;
  while (i < s->next && s->block_order[i] != s->block_order[k]) i++;
  return i < s->next;
}

static void release_before(ls_shuffle *s, size_t end) {
  for (; s->used < end; s->used++) {
    if (!is_wanted_again(s, s->used)) for_block(s, s->used, ls_node_samples_release);
  }
}

void ls_shuffle_advance(ls_shuffle *s, size_t position, size_t reader, size_t readers) {
  if (s->block == 0 || !s->stored) return;
  /* At the start of a window all of it, and of the next one as many blocks as have been used; and a
   * few more, which take time to arrive. */
  enum { FEW = 4 };
  const size_t current = position / s->block, window = current / LS_SHUFFLE_BLOCKS;
  size_t end = current + LS_SHUFFLE_BLOCKS + FEW;
  if (end > 2 * s->block_count) end = 2 * s->block_count;
  release_before(s, window * LS_SHUFFLE_BLOCKS);
  if (s->next < s->used) s->next = s->used; /* an epoch that is resumed */
  for (; s->next < end; s->next++) {
    if (s->next % readers == reader) for_block(s, s->next, ls_node_samples_read_ahead);
  }
}

/* ---- Epochs ---------------------------------------------------------------------------------- */

static void order_blocks(const ls_shuffle *s, uint64_t seed, uint32_t epoch, uint32_t *order) {
  ls_random_permutation(stream_of(seed, epoch, BLOCK_STREAM, 0), s->block_count, order);
}

void ls_shuffle_epoch(ls_shuffle *s, uint64_t seed, uint32_t epoch) {
  uint32_t *out = s->order;
  if (s->block == 0) {
    shuffle_all(s, seed, epoch);
    return;
  }
  if (s->stored) release_before(s, s->block_count);
  s->next = s->next > s->block_count ? s->next - s->block_count : 0;
  s->used = 0;
  order_blocks(s, seed, epoch, s->block_order);
  order_blocks(s, seed, epoch + 1, s->block_order + s->block_count);
  for (size_t first = 0; first < s->block_count; first += LS_SHUFFLE_BLOCKS) {
    const size_t left = s->block_count - first;
    const size_t end = first + (left < LS_SHUFFLE_BLOCKS ? left : LS_SHUFFLE_BLOCKS);
    out += shuffle_window(s, first, end, stream_of(seed, epoch, WINDOW_STREAM, first), out);
  }
}
