/* The matrix product for one instruction set. Each file that includes this header is compiled for
 * an instruction set of its own.
 *
 * Every element of the result is one chain of fused multiply-adds in ascending order of k, whatever
 * the tile, the width of vectors and the number of rows: so its bits depend on its row of a and its
 * column of b alone, and are the same on every processor.
 *
 * Method (Goto and van de Geijn 2008, without the packing of a): a tile of the result, TILE_ROWS
 * rows by TILE_VECTORS vectors, stays in registers while k passes. The columns of b that a tile
 * needs are first copied to a panel of consecutive memory, which all tiles of these columns share.
 * Rows of a are read where they are. */
#ifndef LS_NN_PRODUCTS_KERNEL_H
#define LS_NN_PRODUCTS_KERNEL_H

#include "nn/product.h"
#include "nn/products/vector.h"
#include "nn/shards.h"

#include <string.h>

/* Registers hold the tile, a row of the panel and an element of a. */
#if LS_VECTOR_REGISTERS == 32 && defined(__aarch64__)
enum { TILE_ROWS = 6, TILE_VECTORS = 4 };
#elif LS_VECTOR_REGISTERS == 32
enum { TILE_ROWS = 12, TILE_VECTORS = 2 };
#else
enum { TILE_ROWS = 6, TILE_VECTORS = 2 };
#endif

enum {
  PANEL = TILE_VECTORS * LS_LANES,             /* columns of a panel */
  DEPTH = 48 * 1024 / sizeof(ls_real) / PANEL, /* rows of a panel: it stays in the cache */
};

#define INLINE static inline __attribute__((always_inline))

/* One tile: c[rows, columns] = (adds ? c : 0) + a[rows, depth] b[depth, columns]. */
typedef struct tile_operands {
  size_t depth;
  const ls_real *a;
  size_t
      a_row; /* reals from one row of a to the next; if a is transposed, from one p to the next */
  const ls_real *b;
  size_t b_row;
  ls_real *c;
  size_t c_row;
  bool adds;
} tile_operands;

typedef ls_vector tile_sums[TILE_ROWS][TILE_VECTORS];

INLINE void begin_sums(tile_sums sum, bool adds, const ls_real *c, size_t c_row, int rows,
                       int vectors) {
  for (int i = 0; i < rows; i++) {
    for (int v = 0; v < vectors; v++) {
      sum[i][v] = adds ? ls_vector_load(c + (size_t)i * c_row + v * LS_LANES) : ls_vector_all(0);
    }
  }
}

/* sum[rows, columns] += the product of one column of a and one row of b */
INLINE void add_outer(tile_sums sum, const ls_real *a, size_t a_row, const ls_real *b, int rows,
                      int vectors) {
  ls_vector row[TILE_VECTORS];
  for (int v = 0; v < vectors; v++) row[v] = ls_vector_load(b + v * LS_LANES);
  for (int i = 0; i < rows; i++) {
    ls_vector all = ls_vector_all(a[(size_t)i * a_row]);
    for (int v = 0; v < vectors; v++) sum[i][v] = ls_vector_fma(all, row[v], sum[i][v]);
  }
}

INLINE void store_sums(tile_sums sum, ls_real *c, size_t c_row, int rows, int vectors) {
  for (int i = 0; i < rows; i++) {
    for (int v = 0; v < vectors; v++) {
      ls_vector_store(c + (size_t)i * c_row + v * LS_LANES, sum[i][v]);
    }
  }
}

INLINE void tile(const tile_operands *t, bool transposed, int vectors, int rows) {
  const ls_real *a = t->a, *b = t->b;
  size_t a_row = transposed ? 1 : t->a_row, a_step = transposed ? t->a_row : 1;
  tile_sums sum;
  begin_sums(sum, t->adds, t->c, t->c_row, rows, vectors);
  for (size_t p = 0; p < t->depth; p++, a += a_step, b += t->b_row) {
    add_outer(sum, a, a_row, b, rows, vectors);
  }
  store_sums(sum, t->c, t->c_row, rows, vectors);
}

/* Calls function(..., rows) with the number of rows, `most` at most, known to the compiler. */
#define ROWS_CASE(n, most, function, ...)                                                          \
  case n:                                                                                          \
    if (n <= most) function(__VA_ARGS__, n);                                                       \
    break;
#define FOR_ROWS(rows, most, function, ...)                                                        \
  switch (rows) {                                                                                  \
    ROWS_CASE(1, most, function, __VA_ARGS__)                                                      \
    ROWS_CASE(2, most, function, __VA_ARGS__)                                                      \
    ROWS_CASE(3, most, function, __VA_ARGS__)                                                      \
    ROWS_CASE(4, most, function, __VA_ARGS__)                                                      \
    ROWS_CASE(5, most, function, __VA_ARGS__)                                                      \
    ROWS_CASE(6, most, function, __VA_ARGS__)                                                      \
    ROWS_CASE(7, most, function, __VA_ARGS__)                                                      \
    ROWS_CASE(8, most, function, __VA_ARGS__)                                                      \
    ROWS_CASE(9, most, function, __VA_ARGS__)                                                      \
    ROWS_CASE(10, most, function, __VA_ARGS__)                                                     \
    ROWS_CASE(11, most, function, __VA_ARGS__)                                                     \
    ROWS_CASE(12, most, function, __VA_ARGS__)                                                     \
  }

/* Vectors of a tile of so many columns: one, or all that a tile has. */
static inline int vectors_for(size_t columns) {
  return columns <= LS_LANES ? 1 : TILE_VECTORS;
}

static void compute_tile(const tile_operands *t, bool transposed, int rows, int vectors) {
  if (transposed && vectors == 1) {
    FOR_ROWS(rows, TILE_ROWS, tile, t, true, 1)
  } else if (transposed) {
    FOR_ROWS(rows, TILE_ROWS, tile, t, true, TILE_VECTORS)
  } else if (vectors == 1) {
    FOR_ROWS(rows, TILE_ROWS, tile, t, false, 1)
  } else {
    FOR_ROWS(rows, TILE_ROWS, tile, t, false, TILE_VECTORS)
  }
}

/* A tile of fewer columns than vectors hold, by way of a copy. */
static void narrow_tile(tile_operands t, bool transposed, int rows, int columns) {
  ls_real copy[TILE_ROWS * PANEL], *c = t.c;
  size_t c_row = t.c_row, bytes = (size_t)columns * sizeof *c;
  if (t.adds) {
    memset(copy, 0, sizeof copy);
    for (int i = 0; i < rows; i++) memcpy(copy + i * PANEL, c + (size_t)i * c_row, bytes);
  }
  t.c = copy;
  t.c_row = PANEL;
  compute_tile(&t, transposed, rows, vectors_for((size_t)columns));
  for (int i = 0; i < rows; i++) memcpy(c + (size_t)i * c_row, copy + i * PANEL, bytes);
}

/* panel[p][j] = b[p][j] for p < depth, j < columns; 0 in the other columns that tiles read. */
static void copy_panel(size_t depth, size_t columns, const ls_real *b, size_t b_row,
                       ls_real *panel) {
  size_t width = (size_t)vectors_for(columns) * LS_LANES;
  for (size_t p = 0; p < depth; p++, b += b_row, panel += PANEL) {
    if (columns == PANEL) {
      memcpy(panel, b, PANEL * sizeof *b);
    } else {
      for (size_t j = 0; j < width; j++) panel[j] = j < columns ? b[j] : 0;
    }
  }
}

typedef ls_real four __attribute__((vector_size(4 * sizeof(ls_real)), aligned(sizeof(ls_real))));

#if defined(__clang__)
#define PICK(v, w, ...) __builtin_shufflevector(v, w, __VA_ARGS__)
#elif defined(LS_DOUBLE)
typedef int64_t four_numbers __attribute__((vector_size(32)));
#define PICK(v, w, ...) __builtin_shuffle(v, w, (four_numbers){__VA_ARGS__})
#else
typedef int32_t four_numbers __attribute__((vector_size(16)));
#define PICK(v, w, ...) __builtin_shuffle(v, w, (four_numbers){__VA_ARGS__})
#endif

/* to[i][j] = from[j][i] for i, j < 4 */
INLINE void transpose_4x4(const ls_real *from, size_t from_row, ls_real *to, size_t to_row) {
  four r[4];
  for (int j = 0; j < 4; j++) r[j] = *(const four *)(from + (size_t)j * from_row);
  four a = PICK(r[0], r[1], 0, 4, 1, 5), b = PICK(r[2], r[3], 0, 4, 1, 5);
  four c = PICK(r[0], r[1], 2, 6, 3, 7), d = PICK(r[2], r[3], 2, 6, 3, 7);
  *(four *)to = PICK(a, b, 0, 1, 4, 5);
  *(four *)(to + to_row) = PICK(a, b, 2, 3, 6, 7);
  *(four *)(to + 2 * to_row) = PICK(c, d, 0, 1, 4, 5);
  *(four *)(to + 3 * to_row) = PICK(c, d, 2, 3, 6, 7);
}

/* The same with b stored as [column, p]. */
static void transpose_panel(size_t depth, size_t columns, const ls_real *b, size_t b_row,
                            ls_real *panel) {
  size_t width = (size_t)vectors_for(columns) * LS_LANES;
  size_t whole_depth = depth / 4 * 4, whole_columns = columns / 4 * 4;
  for (size_t p = 0; p < whole_depth; p += 4) {
    for (size_t j = 0; j < whole_columns; j += 4) {
      transpose_4x4(b + j * b_row + p, b_row, panel + p * PANEL + j, PANEL);
    }
  }
  for (size_t p = 0; p < depth; p++) {
    for (size_t j = p < whole_depth ? whole_columns : 0; j < width; j++) {
      panel[p * PANEL + j] = j < columns ? b[j * b_row + p] : 0;
    }
  }
}

/* The columns of c that share a panel. */
static void multiply_panel(const ls_product *p, const tile_operands *whole, size_t columns) {
  tile_operands t = *whole;
  for (size_t i = 0; i < p->m; i += TILE_ROWS) {
    int rows = p->m - i < TILE_ROWS ? (int)(p->m - i) : TILE_ROWS;
    t.a = whole->a + (p->a_transposed ? i : i * t.a_row);
    t.c = whole->c + i * t.c_row;
    if (columns < PANEL) {
      narrow_tile(t, p->a_transposed, rows, (int)columns);
    } else {
      compute_tile(&t, p->a_transposed, rows, TILE_VECTORS);
    }
  }
}

static inline void multiply(const ls_product *p, const ls_real *a, const ls_real *b, ls_real *c) {
  ls_real panel[DEPTH * PANEL] __attribute__((aligned(64)));
  size_t a_row = p->a_transposed ? p->m : p->k, b_row = p->b_transposed ? p->k : p->n;
  for (size_t k = 0; k < p->k || k == 0; k += DEPTH) {
    size_t depth = p->k - k < DEPTH ? p->k - k : DEPTH;
    for (size_t j = 0; j < p->n; j += PANEL) {
      size_t columns = p->n - j < PANEL ? p->n - j : PANEL;
      tile_operands t = {.depth = depth,
                         .a = a + (p->a_transposed ? k * a_row : k),
                         .a_row = a_row,
                         .b = panel,
                         .b_row = PANEL,
                         .c = c + j,
                         .c_row = p->n,
                         .adds = p->adds || k > 0};
      if (p->b_transposed) {
        transpose_panel(depth, columns, b + j * b_row + k, b_row, panel);
      } else if (p->m <= TILE_ROWS && columns == PANEL) { /* read once */
        t.b = b + k * b_row + j;
        t.b_row = b_row;
      } else {
        copy_panel(depth, columns, b + k * b_row + j, b_row, panel);
      }
      multiply_panel(p, &t, columns);
    }
  }
}

/* ---- Sums over shards ------------------------------------------------------------------------ */

/* The tree of shards is added while sums are in registers and the first-level cache: for a strip of
 * rows of one panel's columns there is a stack of sums (nn/shards.h). Two shards whose sums are
 * added first are computed together, each in half of the registers. A minibatch has at most 2^20
 * shards, whose stack is at most 41 deep. */
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
  size_t to_row;
} shard_tile;

INLINE void end_sums(const shard_tile *t, tile_sums sum, int vectors, int rows) {
  const ls_real *left = t->sum;
  for (size_t k = 0; k < t->joins; k++) {
    left -= STRIP * PANEL;
    for (int i = 0; i < rows; i++) {
      for (int v = 0; v < vectors; v++) {
        sum[i][v] = ls_vector_add(ls_vector_load(left + i * PANEL + v * LS_LANES), sum[i][v]);
      }
    }
  }
  store_sums(sum, t->to, t->to_row, rows, vectors);
}

INLINE void tile_of_shard(const shard_tile *t, int vectors, int rows) {
  const ls_real *a = t->a[0], *b = t->b[0];
  tile_sums sum;
  begin_sums(sum, t->adds, t->sum, PANEL, rows, vectors);
  for (size_t p = 0; p < t->depth[0]; p++, a += t->a_row, b += PANEL) {
    add_outer(sum, a, 1, b, rows, vectors);
  }
  end_sums(t, sum, vectors, rows);
}

INLINE void tile_of_pair(const shard_tile *t, int vectors, int rows) {
  const ls_real *a = t->a[0], *b = t->b[0], *c = t->a[1], *d = t->b[1];
  size_t both = t->depth[0] < t->depth[1] ? t->depth[0] : t->depth[1];
  tile_sums left, right;
  begin_sums(left, false, NULL, 0, rows, vectors);
  begin_sums(right, false, NULL, 0, rows, vectors);
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
    for (int v = 0; v < vectors; v++) left[i][v] = ls_vector_add(left[i][v], right[i][v]);
  }
  end_sums(t, left, vectors, rows);
}

/* All tiles of a strip of `rows` rows. */
static void compute_strip(const shard_tile *whole, bool pair, size_t rows, int vectors) {
  size_t most = pair ? PAIR_ROWS : TILE_ROWS;
  shard_tile t = *whole;
  for (size_t i = 0; i < rows; i += most) {
    int count = (int)(rows - i < most ? rows - i : most);
    for (int k = 0; k < 2; k++) t.a[k] = whole->a[k] + (pair || k == 0 ? i : 0);
    t.sum = whole->sum + i * PANEL;
    t.to = whole->to + i * t.to_row;
    if (pair && vectors == 1) {
      FOR_ROWS(count, PAIR_ROWS, tile_of_pair, &t, 1)
    } else if (pair) {
      FOR_ROWS(count, PAIR_ROWS, tile_of_pair, &t, TILE_VECTORS)
    } else if (vectors == 1) {
      FOR_ROWS(count, TILE_ROWS, tile_of_shard, &t, 1)
    } else {
      FOR_ROWS(count, TILE_ROWS, tile_of_shard, &t, TILE_VECTORS)
    }
  }
}

/* The operands of a sum over shards, at the first row of a strip and the first column of a panel.
 */
typedef struct strip_operands {
  const ls_product *product;
  const ls_shards *shards;
  const ls_real *a, *b; /* of the first sample */
  size_t rows, columns; /* of the strip */
  ls_real *panel;
  bool filled; /* the panel has all samples */
} strip_operands;

/* Sums over samples first .. middle - 1 and, of a pair, middle .. end - 1. */
static void sum_samples(const strip_operands *s, shard_tile *t, size_t first, size_t middle,
                        size_t end) {
  size_t m = s->product->m, n = s->product->n;
  const ls_real *panel = s->filled ? s->panel + first * PANEL : s->panel;
  if (!s->filled) copy_panel(end - first, s->columns, s->b + first * n, n, s->panel);
  t->a[0] = s->a + first * m;
  t->a[1] = s->a + middle * m;
  t->b[0] = panel;
  t->b[1] = panel + (middle - first) * PANEL;
  t->depth[0] = middle - first;
  t->depth[1] = end - middle;
  compute_strip(t, end > middle, s->rows, vectors_for(s->columns));
}

/* Whether the sums of shards k and k + 1 are added to each other first, and fit the panel. */
static bool is_pair(const ls_shards *s, size_t k) {
  return k + 1 < s->count && s->joins[k] == 0 && s->joins[k + 1] > 0 &&
         s->begin[k + 2] > s->begin[k + 1] && s->begin[k + 2] - s->begin[k] <= DEPTH;
}

/* Takes the sum of shard k, or of the pair of shards k and k + 1, which goes to `c` if it is the
 * last one and as wide as a panel; returns how many shards these are. */
static size_t sum_shard(const strip_operands *s, size_t k, shard_tile *t, ls_real *c) {
  const size_t *begin = s->shards->begin, *joins = s->shards->joins;
  const size_t taken = is_pair(s->shards, k) ? 2 : 1, end = begin[k + taken];
  const bool last = k + taken == s->shards->count && s->columns == PANEL;
  size_t first = begin[k];
  t->to = t->sum;
  t->to_row = PANEL;
  t->adds = false;
  for (t->joins = 0; taken == 1 && end - first > DEPTH; first += DEPTH, t->adds = true) {
    sum_samples(s, t, first, first + DEPTH, first + DEPTH);
  }
  t->joins = joins[k + taken - 1] - (taken - 1);
  t->to = last ? c : t->sum - t->joins * STRIP * PANEL;
  if (last) t->to_row = s->product->n;
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
  for (size_t k = 0; k < (t.to == last ? sums - 1 : sums); k++, c += s->shards->stride) {
    for (size_t i = 0; i < s->rows; i++) {
      memcpy(c + i * row, stack[k] + i * PANEL, s->columns * sizeof *c);
    }
  }
}

static inline void multiply_shards(const ls_product *p, const ls_shards *shards, const ls_real *a,
                                   const ls_real *b, ls_real *c) {
  ls_real panel[DEPTH * PANEL] __attribute__((aligned(64)));
  ls_real stack[STACK][STRIP * PANEL] __attribute__((aligned(64)));
  size_t samples = shards->begin[shards->count];
  for (size_t j = 0; j < p->n; j += PANEL) {
    strip_operands s = {.product = p, .shards = shards, .b = b + j, .panel = panel};
    s.columns = p->n - j < PANEL ? p->n - j : PANEL;
    s.filled = samples <= DEPTH;
    if (s.filled) copy_panel(samples, s.columns, s.b, p->n, panel);
    for (size_t i = 0; i < p->m; i += STRIP) {
      s.rows = p->m - i < STRIP ? p->m - i : STRIP;
      s.a = a + i;
      sum_strip(&s, stack, c + i * p->n + j);
    }
  }
}

/* ---- The most that a core can do ------------------------------------------------------------- */

static inline double multiply_adds(size_t rounds) {
  const ls_vector half = ls_vector_all((ls_real)0.5);
  ls_vector sum[TILE_ROWS][TILE_VECTORS];
  ls_real result[LS_LANES];
  for (int i = 0; i < TILE_ROWS; i++) {
    for (int v = 0; v < TILE_VECTORS; v++) sum[i][v] = ls_vector_all((ls_real)(i + v));
  }
  for (size_t round = 0; round < rounds; round++) {
    for (int i = 0; i < TILE_ROWS; i++) {
      for (int v = 0; v < TILE_VECTORS; v++) sum[i][v] = ls_vector_fma(sum[i][v], half, half);
    }
  }
  for (int i = 0; i < TILE_ROWS; i++) {
    for (int v = 0; v < TILE_VECTORS; v++) {
      ls_vector_store(result, sum[i][v]);
      __asm__ volatile("" : : "r"(result) : "memory"); /* the sums are used */
    }
  }
  return 2.0 * LS_LANES * TILE_ROWS * TILE_VECTORS * (double)rounds;
}

#endif
