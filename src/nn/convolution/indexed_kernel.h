/* The product with an indexed matrix (ls_indexed) for one instruction set. Each file that includes
 * this header is compiled for an instruction set of its own. Tiles and chains of multiply-adds are
 * those of nn/products/kernel.h, so that the result has the bits of a product with a copy of the
 * indexed matrix. */
#ifndef LS_NN_CONVOLUTION_INDEXED_KERNEL_H
#define LS_NN_CONVOLUTION_INDEXED_KERNEL_H

#include "nn/products/kernels.h"
#include "nn/products/tile.h"

/* One tile: c[rows, columns] = (adds ? c : 0) + a[rows, depth] b[depth, columns], + bias. */
typedef struct indexed_operands {
  size_t depth;
  const ls_real *base;
  const uint32_t *row, *column; /* of the tile's first element of a */
  const ls_real *b;
  size_t b_row;
  const ls_real *bias; /* or NULL */
  ls_real *c;
  size_t c_row;
  bool adds;
} indexed_operands;

/* Whether a part of a vector is loaded and stored by one instruction: then rows of b that end
 * within a vector need no copy. */
#if defined(__AVX512F__)
enum { HAS_MASKS = true };
#else
enum { HAS_MASKS = false };
#endif

/* Vector v of a row of `columns` reals; of whole vectors unless it is cut. */
INLINE ls_vector load_part(const ls_real *row, int v, size_t columns, bool cut) {
  const ls_real *from = row + v * LS_LANES;
  if (!cut) return ls_vector_load(from);
  if (HAS_MASKS) return ls_vector_load_first(from, lanes_of(v, columns));
  return ls_vector_load_lanes(from, lanes_of(v, columns));
}

INLINE void store_part(ls_real *row, int v, size_t columns, bool cut, ls_vector value) {
  ls_real *to = row + v * LS_LANES;
  if (!cut) {
    ls_vector_store(to, value);
  } else if (HAS_MASKS) {
    ls_vector_store_first(to, value, lanes_of(v, columns));
  } else {
    ls_vector_store_lanes(to, value, lanes_of(v, columns));
  }
}

/* cut: columns < PANEL. */
INLINE void indexed_tile(const indexed_operands *t, int vectors, size_t columns, bool cut,
                         bool biased, int rows) {
  const ls_real *a[TILE_ROWS], *b = t->b;
  tile_sums sum;
  for (int i = 0; i < rows; i++) a[i] = t->base + t->row[i];
  for (int i = 0; i < rows; i++) {
    const ls_real *c = t->c + (size_t)i * t->c_row;
    for (int v = 0; v < vectors; v++) {
      sum[i][v] = t->adds ? load_part(c, v, columns, cut) : ls_vector_all(0);
    }
  }
  for (size_t p = 0; p < t->depth; p++, b += t->b_row) {
    const size_t at = t->column[p];
    ls_vector row[TILE_VECTORS];
    for (int v = 0; v < vectors; v++) row[v] = load_part(b, v, columns, cut && HAS_MASKS);
    for (int i = 0; i < rows; i++) {
      ls_vector all = ls_vector_all(a[i][at]);
      for (int v = 0; v < vectors; v++) sum[i][v] = ls_vector_fma(all, row[v], sum[i][v]);
    }
  }
  for (int v = 0; biased && v < vectors; v++) {
    const ls_vector all = load_part(t->bias, v, columns, cut);
    for (int i = 0; i < rows; i++) sum[i][v] += all;
  }
  for (int i = 0; i < rows; i++) {
    ls_real *c = t->c + (size_t)i * t->c_row;
    for (int v = 0; v < vectors; v++) store_part(c, v, columns, cut, sum[i][v]);
  }
}

INLINE void indexed_tile_of(const indexed_operands *t, size_t columns, bool biased, int rows) {
  if (columns == PANEL) {
    FOR_ROWS(rows, TILE_ROWS, indexed_tile, t, TILE_VECTORS, PANEL, false, biased)
  } else if (vectors_for(columns) == 1) {
    FOR_ROWS(rows, TILE_ROWS, indexed_tile, t, 1, columns, true, biased)
  } else {
    FOR_ROWS(rows, TILE_ROWS, indexed_tile, t, TILE_VECTORS, columns, true, biased)
  }
}

/* All rows of c. The last two tiles have half of the rest each, since a tile of few rows has too
 * few independent sums. */
static void multiply_indexed_panel(indexed_operands t, size_t rows, size_t columns) {
  for (size_t taken; rows > 0; rows -= taken) {
    taken = rows < TILE_ROWS ? rows : rows < 2 * TILE_ROWS ? (rows + 1) / 2 : TILE_ROWS;
    if (t.bias) {
      indexed_tile_of(&t, columns, true, (int)taken);
    } else {
      indexed_tile_of(&t, columns, false, (int)taken);
    }
    t.row += taken;
    t.c += taken * t.c_row;
  }
}

static inline void multiply_indexed(const ls_product *p, const ls_indexed *a, const ls_real *b,
                                    const ls_real *bias, ls_real *c) {
  ls_real panel[DEPTH * PANEL] __attribute__((aligned(64)));
  const size_t parts = (p->k + DEPTH - 1) / DEPTH;
  const bool far = p->n > NEAR_COLUMNS && p->m > MANY_TILES * TILE_ROWS;
  for (size_t i = 0; i < parts; i++) {
    const size_t k = p->k * i / parts, depth = p->k * (i + 1) / parts - k;
    for (size_t j = 0; j < p->n; j += PANEL) {
      const size_t columns = p->n - j < PANEL ? p->n - j : PANEL;
      const bool copies = far || (columns < PANEL && !HAS_MASKS);
      indexed_operands t = {.depth = depth,
                            .base = a->base,
                            .row = a->row,
                            .column = a->column + k,
                            .b = copies ? panel : b + k * p->n + j,
                            .b_row = copies ? PANEL : p->n,
                            .bias = bias && i + 1 == parts ? bias + j : NULL,
                            .c = c + j,
                            .c_row = p->n,
                            .adds = p->adds || k > 0};
      if (copies) copy_panels(depth, columns, b + k * p->n + j, p->n, panel, 0);
      multiply_indexed_panel(t, p->m, columns);
    }
  }
}

#endif
