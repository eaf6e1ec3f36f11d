/* Sums of products over samples, c = a^T b, in the tree of shards (nn/shards.h), for one
 * instruction set, as kernel.h.
 *
 * The tree is added while sums are in registers and the first-level cache: for a strip of rows of
 * one panel's columns there is a stack of sums. Two shards whose sums are added first are computed
 * together, each in half of the registers. */
#ifndef LS_NN_PRODUCTS_SHARD_KERNEL_H
#define LS_NN_PRODUCTS_SHARD_KERNEL_H

#include "nn/product.h"
#include "nn/products/tile.h"
#include "nn/shards.h"

/* A minibatch has at most 2^20 shards, whose stack is at most 41 deep. */
enum { PAIR_ROWS = TILE_ROWS / 2, STRIP = 8 * TILE_ROWS, STACK = 41 };

/* One tile: the sum of a shard, or of a pair of shards, from element (0, 0) of a^T and b on. */
typedef struct shard_tile {
  const ls_real *a[2], *b[2];
  size_t depth[2]; /* samples; all rows of b are PANEL apart */
  size_t a_row;
  ls_real *sum; /* its place in the stack */
  bool adds;    /* the sum was begun */
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

INLINE void tile_of_shard(const shard_tile *t, int vectors, int rows) {
  const ls_real *a = t->a[0], *b = t->b[0];
  tile_sums sum;
  begin_sums(sum, t->adds, t->sum, PANEL, rows, vectors, PANEL);
  for (size_t p = 0; p < t->depth[0]; p++, a += t->a_row, b += PANEL) {
    add_outer(sum, a, 1, b, rows, vectors);
  }
  end_sums(t, sum, vectors, rows);
}

INLINE void tile_of_pair(const shard_tile *t, int vectors, int rows) {
  const ls_real *a = t->a[0], *b = t->b[0], *c = t->a[1], *d = t->b[1];
  size_t both = t->depth[0] < t->depth[1] ? t->depth[0] : t->depth[1];
  tile_sums left, right;
  begin_sums(left, false, NULL, 0, rows, vectors, PANEL);
  begin_sums(right, false, NULL, 0, rows, vectors, PANEL);
  for (size_t p = 0; p < both; p++, a += t->a_row, b += PANEL, c += t->a_row, d += PANEL) {
    add_outer(left, a, 1, b, rows, vectors);
    add_outer(right, c, 1, d, rows, vectors);
  }
  for (size_t p = both; p < t->depth[0]; p++, a += t->a_row, b += PANEL) {
    add_outer(left, a, 1, b, rows, vectors);
  }
  for (size_t p = both; p < t->depth[1]; p++, c += t->a_row, d += PANEL) {
    add_outer(right, c, 1, d, rows, vectors);
  }
  for (int i = 0; i < rows; i++) {
    for (int v = 0; v < vectors; v++) left[i][v] += right[i][v];
  }
  end_sums(t, left, vectors, rows);
}

/* The tiles of a strip of `rows` rows: whole ones, then one that is cut. */
INLINE void compute_strip(const shard_tile *whole, bool pair, size_t rows, int vectors) {
  const size_t most = pair ? PAIR_ROWS : TILE_ROWS;
  shard_tile t = *whole;
  for (; rows >= most; rows -= most) {
    if (pair) {
      tile_of_pair(&t, vectors, PAIR_ROWS);
    } else {
      tile_of_shard(&t, vectors, TILE_ROWS);
    }
    t.a[0] += most;
    t.a[1] += most;
    t.sum += most * PANEL;
    t.to += most * t.to_row;
  }
  if (pair) {
    FOR_ROWS(rows, PAIR_ROWS, tile_of_pair, &t, vectors)
  } else {
    FOR_ROWS(rows, TILE_ROWS, tile_of_shard, &t, vectors)
  }
}

/* The operands of a sum over shards, at the first row of a strip and the first column of a panel.
 */
typedef struct strip_operands {
  const ls_product *product;
  const ls_shards *shards;
  const ls_real *a, *b; /* of the first sample */
  size_t rows, columns; /* of the strip */
  ls_real (*panel)[DEPTH * PANEL];
  bool filled; /* the panel has all samples */
} strip_operands;

/* Sums over samples first .. middle - 1 and, of a pair, middle .. end - 1. */
static void sum_samples(const strip_operands *s, shard_tile *t, size_t first, size_t middle,
                        size_t end) {
  size_t m = s->product->m, n = s->product->n;
  const ls_real *panel = *s->panel + (s->filled ? first * PANEL : 0);
  if (!s->filled) copy_panels(end - first, s->columns, s->b + first * n, n, s->panel);
  t->a[0] = s->a + first * m;
  t->a[1] = s->a + middle * m;
  t->b[0] = panel;
  t->b[1] = panel + (middle - first) * PANEL;
  t->depth[0] = middle - first;
  t->depth[1] = end - middle;
  if (end > middle && vectors_for(s->columns) == 1) {
    compute_strip(t, true, s->rows, 1);
  } else if (end > middle) {
    compute_strip(t, true, s->rows, TILE_VECTORS);
  } else if (vectors_for(s->columns) == 1) {
    compute_strip(t, false, s->rows, 1);
  } else {
    compute_strip(t, false, s->rows, TILE_VECTORS);
  }
}

/* Whether the sums of shards k and k + 1 are added to each other first, and fit the panel. */
static bool is_pair(const ls_shards *s, size_t k) {
  return k + 1 < s->count && s->joins[k] == 0 && s->joins[k + 1] > 0 &&
         s->begin[k + 2] > s->begin[k + 1] && s->begin[k + 2] - s->begin[k] <= DEPTH;
}

/* Takes the sum of shard k, or of the pair of shards k and k + 1, which goes to `c` if it is the
 * last one; returns how many shards these are. */
static size_t sum_shard(const strip_operands *s, size_t k, shard_tile *t, ls_real *c) {
  const size_t *begin = s->shards->begin, *joins = s->shards->joins;
  const size_t taken = is_pair(s->shards, k) ? 2 : 1, end = begin[k + taken];
  const bool last = k + taken == s->shards->count;
  size_t first = begin[k];
  t->to = t->sum;
  t->to_row = t->to_columns = PANEL;
  t->adds = false;
  for (t->joins = 0; taken == 1 && end - first > DEPTH; first += DEPTH, t->adds = true) {
    sum_samples(s, t, first, first + DEPTH, first + DEPTH);
  }
  t->joins = joins[k + taken - 1] - (taken - 1);
  t->to = last ? c : t->sum - t->joins * STRIP * PANEL;
  if (last) {
    t->to_row = s->product->n;
    t->to_columns = s->columns;
  }
  sum_samples(s, t, first, taken == 2 ? begin[k + 1] : end, end);
  return taken;
}

/* All sums of a strip; c is the strip's place in the first that remains. */
static void sum_strip(const strip_operands *s, ls_real (*stack)[STRIP * PANEL], ls_real *c) {
  const size_t sums = s->shards->sums, row = s->product->n;
  ls_real *last = sums > 0 ? c + (sums - 1) * s->shards->stride : NULL;
  shard_tile t = {.a_row = s->product->m};
  size_t depth = 0;
  for (size_t k = 0; k < s->shards->count; depth += 1 - t.joins) {
    t.sum = stack[depth];
    k += sum_shard(s, k, &t, last);
  }
  for (size_t k = 0; k + 1 < sums; k++, c += s->shards->stride) {
    for (size_t i = 0; i < s->rows; i++) {
      memcpy(c + i * row, stack[k] + i * PANEL, s->columns * sizeof *c);
    }
  }
}

static inline void multiply_shards(const ls_product *p, const ls_shards *shards, const ls_real *a,
                                   const ls_real *b, ls_real *c) {
  ls_real panel[1][DEPTH * PANEL] __attribute__((aligned(64)));
  ls_real stack[STACK][STRIP * PANEL] __attribute__((aligned(64)));
  size_t samples = shards->begin[shards->count];
  for (size_t j = 0; j < p->n; j += PANEL) {
    strip_operands s = {.product = p, .shards = shards, .b = b + j, .panel = panel};
    s.columns = p->n - j < PANEL ? p->n - j : PANEL;
    s.filled = samples <= DEPTH;
    if (s.filled) copy_panels(samples, s.columns, s.b, p->n, panel);
    for (size_t i = 0; i < p->m; i += STRIP) {
      s.rows = p->m - i < STRIP ? p->m - i : STRIP;
      s.a = a + i;
      sum_strip(&s, stack, c + i * p->n + j);
    }
  }
}

#endif
