/* What kernels of matrix products are made of: the size of tiles and panels for one instruction
 * set, sums in registers, and copying columns of b to panels. */
#ifndef LS_NN_PRODUCTS_TILE_H
#define LS_NN_PRODUCTS_TILE_H

#include "nn/products/vector.h"

#include <stdbool.h>
#include <string.h>

/* Registers hold the tile, a row of the panel and an element of a. TOGETHER: shards whose sums are
 * computed together; 4 where a third of the tile still has enough independent sums. */
#if LS_VECTOR_REGISTERS == 32 && defined(__aarch64__)
enum { TILE_ROWS = 6, TILE_VECTORS = 4, FAR_COLUMNS = 128, TOGETHER = 2 };
#elif LS_VECTOR_REGISTERS == 32
enum { TILE_ROWS = 12, TILE_VECTORS = 2, FAR_COLUMNS = 2048, TOGETHER = 4 };
#else
enum { TILE_ROWS = 6, TILE_VECTORS = 2, FAR_COLUMNS = 128, TOGETHER = 2 };
#endif

enum {
  PANEL = TILE_VECTORS * LS_LANES, /* columns of a panel */
  GROUP = 4,                       /* panels copied together, in longer runs */
  NEAR_COLUMNS = 128, /* of b, up to which panels are never copied: measured, as FAR_COLUMNS */
  MANY_TILES = 16,    /* from which on a copy takes no time */
  DEPTH = 64 * 1024 / sizeof(ls_real) / PANEL, /* rows of a panel: a group stays in the cache */
};

typedef ls_vector tile_sums[TILE_ROWS][TILE_VECTORS];

/* Rows of memory that are read soon, and which tiles prefetch to the second-level cache while they
 * compute. Processors do not foresee which page follows, and reading rows of a large matrix would
 * wait for memory at each. */
typedef struct upcoming {
  const ls_real *row;
  size_t stride; /* reals from one row to the next */
  size_t width;  /* reals of a row */
  size_t rows;   /* that are left */
  size_t at;     /* reals of the first of these that are prefetched */
} upcoming;

/* Products along k after which a tile prefetches as many reals as a row of a panel has. */
enum { STEPS = 4, LINE = 64 / sizeof(ls_real) };

INLINE void prefetch(upcoming *u) {
  for (size_t i = 0; i < PANEL; i += LINE) __builtin_prefetch(u->row + u->at + i, 0, 2);
  u->at += PANEL;
  if (u->at < u->width) return;
  u->at = 0;
  u->row += u->stride;
  u->rows--;
}

/* Columns of vector v among the first `columns` of a row. */
INLINE size_t lanes_of(int v, size_t columns) {
  const size_t before = (size_t)v * LS_LANES;
  return columns <= before ? 0 : columns - before < LS_LANES ? columns - before : LS_LANES;
}

/* Prefetches elements c[rows, columns] of a tile, which wait for memory longer than others if only
 * their store asks for them. */
INLINE void prefetch_sums(const ls_real *c, size_t c_row, int rows, int vectors) {
  for (int i = 0; i < rows; i++) {
    for (int j = 0; j < vectors * LS_LANES; j += LINE) {
      __builtin_prefetch(c + (size_t)i * c_row + j, 1);
    }
  }
}

/* The sums begin with c[rows, columns] if `adds`, else with 0. */
INLINE void begin_sums(tile_sums sum, bool adds, const ls_real *c, size_t c_row, int rows,
                       int vectors, size_t columns) {
  for (int i = 0; i < rows; i++) {
    for (int v = 0; v < vectors; v++) {
      const ls_real *from = c + (size_t)i * c_row + v * LS_LANES;
      sum[i][v] = adds ? ls_vector_load_lanes(from, lanes_of(v, columns)) : ls_vector_all(0);
    }
  }
}

/* What adds the product of two vectors to a third; bfloat16_kernel.h has one for words. */
#ifndef TILE_MULTIPLY_ADD
#define TILE_MULTIPLY_ADD ls_vector_fma
#endif

/* sum[rows, columns] += the product of one column of a and one row of b */
INLINE void add_outer(tile_sums sum, const ls_real *a, size_t a_row, const ls_real *b, int rows,
                      int vectors) {
  ls_vector row[TILE_VECTORS];
  for (int v = 0; v < vectors; v++) row[v] = ls_vector_load(b + v * LS_LANES);
  for (int i = 0; i < rows; i++) {
    ls_vector all = ls_vector_all(a[(size_t)i * a_row]);
    for (int v = 0; v < vectors; v++) sum[i][v] = TILE_MULTIPLY_ADD(all, row[v], sum[i][v]);
  }
}

/* c[rows, columns] = sum */
INLINE void store_sums(tile_sums sum, ls_real *c, size_t c_row, int rows, int vectors,
                       size_t columns) {
  for (int v = 0; v < vectors; v++) {
    const size_t lanes = lanes_of(v, columns);
    for (int i = 0; i < rows; i++) {
      ls_vector_store_lanes(c + (size_t)i * c_row + v * LS_LANES, sum[i][v], lanes);
    }
  }
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

/* Whether a column of `rows` rows that are `row` reals apart fills more than half of the sets that
 * it has in a first-level cache: lines 4096 bytes apart share a set, of 8 lines or more. */
static inline bool collides(size_t rows, size_t row) {
  const size_t bytes = row * sizeof(ls_real), step = bytes & (~bytes + 1);
  return step >= LINE * sizeof(ls_real) && rows * (step < 4096 ? step : 4096) > (size_t)4 * 4096;
}

/* to[i][j] = from[i][j] for i < rows, j < columns */
static inline void copy_rows(size_t rows, size_t columns, const ls_real *from, size_t from_row,
                             ls_real *to, size_t to_row) {
  for (size_t i = 0; i < rows; i++) {
    memcpy(to + i * to_row, from + i * from_row, columns * sizeof *to);
  }
}

/* panels[j / PANEL][p][j % PANEL] = b[p][j] for p < depth, j < columns; 0 in the other columns that
 * tiles read. `size`: reals from one panel to the next. */
static inline void copy_panels(size_t depth, size_t columns, const ls_real *b, size_t b_row,
                               ls_real *panels, size_t size) {
  const size_t whole = columns / PANEL, rest = columns % PANEL;
  const int vectors = rest > 0 ? vectors_for(rest) : 0;
  for (size_t p = 0; p < depth; p++, b += b_row, panels += PANEL) {
    for (size_t g = 0; g < whole; g++) {
      memcpy(panels + g * size, b + g * PANEL, PANEL * sizeof *b);
    }
    for (int v = 0; v < vectors; v++) {
      ls_vector_store(panels + whole * size + v * LS_LANES,
                      ls_vector_load_lanes(b + whole * PANEL + v * LS_LANES, lanes_of(v, rest)));
    }
  }
}

#endif
