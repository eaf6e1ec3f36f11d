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

INLINE void tile(const tile_operands *t, bool transposed, int rows, int vectors) {
  const ls_real *a = t->a, *b = t->b;
  size_t a_row = transposed ? 1 : t->a_row, a_step = transposed ? t->a_row : 1;
  ls_vector sum[TILE_ROWS][TILE_VECTORS];
  for (int i = 0; i < rows; i++) {
    for (int v = 0; v < vectors; v++) {
      ls_real *c = t->c + (size_t)i * t->c_row + v * LS_LANES;
      sum[i][v] = t->adds ? ls_vector_load(c) : ls_vector_all(0);
    }
  }
  for (size_t p = 0; p < t->depth; p++, a += a_step, b += t->b_row) {
    ls_vector row[TILE_VECTORS];
    for (int v = 0; v < vectors; v++) row[v] = ls_vector_load(b + v * LS_LANES);
    for (int i = 0; i < rows; i++) {
      ls_vector all = ls_vector_all(a[(size_t)i * a_row]);
      for (int v = 0; v < vectors; v++) sum[i][v] = ls_vector_fma(all, row[v], sum[i][v]);
    }
  }
  for (int i = 0; i < rows; i++) {
    for (int v = 0; v < vectors; v++) {
      ls_vector_store(t->c + (size_t)i * t->c_row + v * LS_LANES, sum[i][v]);
    }
  }
}

/* The tile with its number of rows known to the compiler. */
INLINE void tile_of_rows(const tile_operands *t, bool transposed, int rows, int vectors) {
#define CASE(n)                                                                                    \
  case n:                                                                                          \
    if (n <= TILE_ROWS) tile(t, transposed, n, vectors);                                           \
    break;
  switch (rows) {
    CASE(1)
    CASE(2)
    CASE(3)
    CASE(4)
    CASE(5)
    CASE(6)
    CASE(7)
    CASE(8)
    CASE(9)
    CASE(10)
    CASE(11)
    CASE(12)
  }
#undef CASE
}

/* Vectors of a tile of so many columns: one, or all that a tile has. */
static inline int vectors_for(size_t columns) {
  return columns <= LS_LANES ? 1 : TILE_VECTORS;
}

static void compute_tile(const tile_operands *t, bool transposed, int rows, int vectors) {
  if (transposed && vectors == 1) {
    tile_of_rows(t, true, rows, 1);
  } else if (transposed) {
    tile_of_rows(t, true, rows, TILE_VECTORS);
  } else if (vectors == 1) {
    tile_of_rows(t, false, rows, 1);
  } else {
    tile_of_rows(t, false, rows, TILE_VECTORS);
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
