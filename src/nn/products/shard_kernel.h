/* Sums of products over samples, c = a^T b, in the tree of shards (nn/shards.h), for one
 * instruction set, as kernel.h.
 *
 * The tree is added while sums are in registers and the first-level cache. Two or four shards that
 * are a subtree are computed together and added in registers: two at a time in half of the
 * registers, or in two thirds while the last third has the sum of the two before. For a strip of
 * rows of one panel's columns there is a stack of sums, which these are then added to.
 *
 * Where the distance between samples in a is such that they share few sets of the caches, which
 * then hold a few samples only, the strip's part of a is first copied; as many panels as the cache
 * holds share the copy. */
#ifndef LS_NN_PRODUCTS_SHARD_KERNEL_H
#define LS_NN_PRODUCTS_SHARD_KERNEL_H

#include "nn/product.h"
#include "nn/products/kernels.h"
#include "nn/products/tile.h"
#include "nn/shards.h"

/* A minibatch has at most 2^20 shards, whose stack is at most 41 deep. */
enum { STRIP = 8 * TILE_ROWS, STACK = 41 };

/* One tile: the sum of 1, 2 or 4 shards, TOGETHER at most, from element (0, 0) of a^T and b on. */
typedef struct shard_tile {
  const ls_real *a[TOGETHER], *b[TOGETHER];
  size_t depth[TOGETHER]; /* samples; all rows of b are PANEL apart */
  size_t a_row;
  ls_real *sum; /* its place in the stack */
  bool adds;    /* the sum was begun; of 1 shard only */
  size_t joins; /* additions that follow, to the sums below in the stack */
  ls_real *to;  /* where the last of these goes */
  size_t to_row, to_columns;
} shard_tile;

INLINE void end_sums(const shard_tile *t, tile_sums sum, int vectors, int rows) {
  const ls_real *left = t->sum;
  for (size_t k = 0; k < t->joins; k++) {
    left -= STRIP * PANEL;
    for (int i = 0; i < rows; i++) {
      for (int v = 0; v < vectors; v++) {
        sum[i][v] = ls_vector_load(left + i * PANEL + v * LS_LANES) + sum[i][v];
      }
    }
  }
  if (t->to_columns == PANEL) { /* known to the compiler */
    store_sums(sum, t->to, t->to_row, rows, vectors, PANEL);
  } else {
    store_sums(sum, t->to, t->to_row, rows, vectors, t->to_columns);
  }
}

/* sum += the products of `depth` samples */
INLINE void add_samples(tile_sums sum, size_t depth, const ls_real *a, size_t a_row,
                        const ls_real *b, int vectors, int rows) {
  for (; depth > 0; depth--, a += a_row, b += PANEL) add_outer(sum, a, 1, b, rows, vectors);
}

INLINE void add_sums(tile_sums left, tile_sums right, int vectors, int rows) {
  for (int i = 0; i < rows; i++) {
    for (int v = 0; v < vectors; v++) left[i][v] += right[i][v];
  }
}

/* left = the sum of shard k and the one after it */
INLINE void sum_pair(tile_sums left, const shard_tile *t, int k, int vectors, int rows) {
  const ls_real *a = t->a[k], *b = t->b[k], *c = t->a[k + 1], *d = t->b[k + 1];
  const size_t both = t->depth[k] < t->depth[k + 1] ? t->depth[k] : t->depth[k + 1];
  tile_sums right;
  begin_sums(left, false, NULL, 0, rows, vectors, PANEL);
  begin_sums(right, false, NULL, 0, rows, vectors, PANEL);
  for (size_t p = 0; p < both; p++, a += t->a_row, b += PANEL, c += t->a_row, d += PANEL) {
    add_outer(left, a, 1, b, rows, vectors);
    add_outer(right, c, 1, d, rows, vectors);
  }
  add_samples(left, t->depth[k] - both, a, t->a_row, b, vectors, rows);
  add_samples(right, t->depth[k + 1] - both, c, t->a_row, d, vectors, rows);
  add_sums(left, right, vectors, rows);
}

INLINE void tile_of_shards(const shard_tile *t, int shards, int vectors, int rows) {
  tile_sums sum, right;
  prefetch_sums(t->to, t->to_row, rows, vectors);
  if (shards == 1) {
    begin_sums(sum, t->adds, t->sum, PANEL, rows, vectors, PANEL);
    add_samples(sum, t->depth[0], t->a[0], t->a_row, t->b[0], vectors, rows);
  } else {
    sum_pair(sum, t, 0, vectors, rows);
  }
  if (shards == 4) {
    sum_pair(right, t, 2, vectors, rows);
    add_sums(sum, right, vectors, rows);
  }
  end_sums(t, sum, vectors, rows);
}

/* Rows of a tile whose sums fit the registers with those of so many shards. */
#define ROWS_OF(shards) ((shards) == 4 ? TILE_ROWS / 3 : TILE_ROWS / (shards))

/* The tiles of a strip of `rows` rows: whole ones, then one that is cut. */
INLINE void compute_strip(const shard_tile *whole, int shards, size_t rows, int vectors) {
  const size_t most = (size_t)ROWS_OF(shards);
  shard_tile t = *whole;
  for (; rows >= most; rows -= most) {
    tile_of_shards(&t, shards, vectors, ROWS_OF(shards));
    for (int k = 0; k < shards; k++) t.a[k] += most;
    t.sum += most * PANEL;
    t.to += most * t.to_row;
  }
  FOR_ROWS(rows, ROWS_OF(shards), tile_of_shards, &t, shards, vectors)
}

/* The operands of a sum over shards, at the first row of a strip and the first column of a panel.
 */
typedef struct strip_operands {
  const ls_product *product;
  const ls_shards *shards;
  const ls_real *a, *b; /* of the first sample */
  size_t a_row;
  size_t rows, columns; /* of the strip */
  ls_real *panel;
  bool filled; /* the panel has all samples */
} strip_operands;

static void compute_strip_of(const shard_tile *t, int shards, size_t rows, size_t columns) {
  const bool narrow = vectors_for(columns) == 1;
  if (TOGETHER == 4 && narrow && shards == 4) compute_strip(t, 4, rows, 1);
  if (narrow && shards == 2) compute_strip(t, 2, rows, 1);
  if (narrow && shards == 1) compute_strip(t, 1, rows, 1);
  if (TOGETHER == 4 && !narrow && shards == 4) compute_strip(t, 4, rows, TILE_VECTORS);
  if (!narrow && shards == 2) compute_strip(t, 2, rows, TILE_VECTORS);
  if (!narrow && shards == 1) compute_strip(t, 1, rows, TILE_VECTORS);
}

/* The sum of 1, 2 or 4 shards, or of a part of one: shard k has samples begin[k] .. begin[k + 1] -
 * 1. */
static void sum_samples(const strip_operands *s, shard_tile *t, const size_t *begin, int shards) {
  const size_t n = s->product->n, first = begin[0], samples = begin[shards] - first;
  const ls_real *panel = s->panel + (s->filled ? first * PANEL : 0);
  if (!s->filled) copy_panels(samples, s->columns, s->b + first * n, n, s->panel, 0);
  for (int k = 0; k < shards; k++) {
    t->a[k] = s->a + begin[k] * s->a_row;
    t->b[k] = panel + (begin[k] - first) * PANEL;
    t->depth[k] = begin[k + 1] - begin[k];
  }
  compute_strip_of(t, shards, s->rows, s->columns);
}

/* Whether `count` shards from k on, a power of two, are a subtree that fits the panel. */
static bool is_subtree(const ls_shards *s, size_t k, size_t count) {
  if (count > TOGETHER || k + count > s->count || s->begin[k + count] - s->begin[k] > DEPTH)
    return false;
  for (size_t i = 0; i + 1 < count; i++) {
    if (s->joins[k + i] != i % 2) return false;
  }
  return s->joins[k + count - 1] >= count / 2;
}

/* Takes the sum of the next shards, from k on, which goes to `c` if it is the last one; returns how
 * many shards these are. */
static size_t sum_shards(const strip_operands *s, size_t k, shard_tile *t, ls_real *c) {
  const size_t *begin = s->shards->begin, *joins = s->shards->joins;
  const size_t taken = is_subtree(s->shards, k, 4) ? 4 : is_subtree(s->shards, k, 2) ? 2 : 1;
  const bool last = k + taken == s->shards->count;
  size_t first = begin[k];
  t->to = t->sum;
  t->to_row = t->to_columns = PANEL;
  t->adds = false;
  for (t->joins = 0; taken == 1 && begin[k + 1] - first > DEPTH; first += DEPTH, t->adds = true) {
    sum_samples(s, t, (const size_t[]){first, first + DEPTH}, 1);
  }
  t->joins = joins[k + taken - 1] - taken / 2;
  t->to = last ? c : t->sum - t->joins * STRIP * PANEL;
  if (last) {
    t->to_row = s->product->n;
    t->to_columns = s->columns;
  }
  if (taken == 1) {
    sum_samples(s, t, (const size_t[]){first, begin[k + 1]}, 1);
  } else {
    sum_samples(s, t, begin + k, (int)taken);
  }
  return taken;
}

/* All sums of a strip; c is the strip's place in the first that remains. */
static void sum_strip(const strip_operands *s, ls_real (*stack)[STRIP * PANEL], ls_real *c) {
  const size_t sums = s->shards->sums, row = s->product->n;
  ls_real *last = sums > 0 ? c + (sums - 1) * s->shards->stride : NULL;
  shard_tile t = {.a_row = s->a_row};
  size_t depth = 0;
  for (size_t k = 0; k < s->shards->count; depth += 1 - t.joins) {
    t.sum = stack[depth];
    k += sum_shards(s, k, &t, last);
  }
  for (size_t k = 0; k + 1 < sums; k++, c += s->shards->stride) {
    for (size_t i = 0; i < s->rows; i++) {
      memcpy(c + i * row, stack[k] + i * PANEL, s->columns * sizeof *c);
    }
  }
}

/* The strip's columns of a group of panels, from c on. */
static void sum_panels(strip_operands s, size_t columns, ls_real (*stack)[STRIP * PANEL],
                       ls_real *c) {
  const size_t samples = s.shards->begin[s.shards->count];
  for (; columns > 0; columns -= s.columns, s.b += PANEL, c += PANEL) {
    s.columns = columns < PANEL ? columns : PANEL;
    sum_strip(&s, stack, c);
    s.panel += samples * PANEL;
  }
}

/* The strip of rows that begins at row *i or, where that is in none of the ranges, at the next row
 * that is; returns the number of its rows, 0 behind the last range. */
static size_t next_strip(const ls_rows *rows, size_t *i) {
  for (size_t r = 0; r < rows->count; r++) {
    const ls_row_range *range = &rows->ranges[r];
    if (range->end <= *i) continue;
    if (*i < range->first) *i = range->first;
    return range->end - *i < STRIP ? range->end - *i : STRIP;
  }
  return 0;
}

static inline void multiply_shards(const ls_product *p, const ls_shards *shards,
                                   const ls_rows *rows, const ls_real *a, const ls_real *b,
                                   ls_real *c) {
  ls_real panels[GROUP * DEPTH * PANEL] __attribute__((aligned(64)));
  ls_real stack[STACK][STRIP * PANEL] __attribute__((aligned(64)));
  ls_real copy[DEPTH * STRIP] __attribute__((aligned(64)));
  const size_t samples = shards->begin[shards->count];
  const bool filled = samples <= DEPTH, copies = filled && collides(samples, p->m);
  const size_t group = copies ? GROUP * DEPTH / samples * PANEL : PANEL;
  strip_operands s = {.product = p, .shards = shards, .panel = panels, .filled = filled};
  s.a_row = copies ? STRIP : p->m;
  for (size_t j = 0; j < p->n; j += group) {
    const size_t columns = p->n - j < group ? p->n - j : group;
    s.b = b + j;
    if (filled) copy_panels(samples, columns, s.b, p->n, panels, samples * PANEL);
    size_t i = 0;
    while ((s.rows = next_strip(rows, &i)) > 0) {
      s.a = copies ? copy : a + i;
      if (copies) copy_rows(samples, s.rows, a + i, p->m, copy, STRIP);
      sum_panels(s, columns, stack, c + i * p->n + j);
      i += s.rows;
    }
  }
}

#endif
