/* The matrix product for one instruction set. Each file that includes this header is compiled for
 * an instruction set of its own.
 *
 * Every element of the result is one chain of fused multiply-adds in ascending order of k, whatever
 * the tile, the width of vectors and the number of rows: so its bits depend on its row of a and its
 * column of b alone, and are the same on every processor.
 *
 * Method (Goto and van de Geijn 2008, without the packing of a): a tile of the result, TILE_ROWS
 * rows by TILE_VECTORS vectors, stays in registers while k passes. The columns of b that a tile
 * needs are read where they are or, if that is faster, first copied to a panel of consecutive
 * memory, which all tiles of these columns share. Rows of a are read where they are. */
#ifndef LS_NN_PRODUCTS_KERNEL_H
#define LS_NN_PRODUCTS_KERNEL_H

#include "nn/product.h"
#include "nn/products/tile.h"

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
  upcoming *next; /* what the tile prefetches */
} tile_operands;

INLINE void tile(const tile_operands *t, bool transposed, int vectors, size_t columns, int rows) {
  const ls_real *a = t->a, *b = t->b;
  size_t a_row = transposed ? 1 : t->a_row, a_step = transposed ? t->a_row : 1;
  upcoming next = *t->next;
  tile_sums sum;
  size_t p = 0;
  begin_sums(sum, t->adds, t->c, t->c_row, rows, vectors, columns);
  prefetch_sums(t->c + (size_t)rows * t->c_row, t->c_row, rows, vectors); /* of the next tile */
  for (; next.rows > 0 && p + STEPS <= t->depth; p += STEPS) {
    prefetch(&next);
    for (int k = 0; k < STEPS; k++, a += a_step, b += t->b_row) {
      add_outer(sum, a, a_row, b, rows, vectors);
    }
  }
  for (; p < t->depth; p++, a += a_step, b += t->b_row) {
    add_outer(sum, a, a_row, b, rows, vectors);
  }
  *t->next = next;
  store_sums(sum, t->c, t->c_row, rows, vectors, columns);
}

static void cut_tile(const tile_operands *t, bool transposed, int rows, size_t columns) {
  const int vectors = vectors_for(columns);
  if (transposed && vectors == 1) {
    FOR_ROWS(rows, TILE_ROWS, tile, t, true, 1, columns)
  } else if (transposed) {
    FOR_ROWS(rows, TILE_ROWS, tile, t, true, TILE_VECTORS, columns)
  } else if (vectors == 1) {
    FOR_ROWS(rows, TILE_ROWS, tile, t, false, 1, columns)
  } else {
    FOR_ROWS(rows, TILE_ROWS, tile, t, false, TILE_VECTORS, columns)
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

#if defined(__AVX512F__) && !defined(LS_DOUBLE)

enum { TRANSPOSED = 16 }; /* columns at a time */

/* from[first, first + 4, first + 8, first + 12][0 .. 3], one after the other */
INLINE ls_vector load_fours(const ls_real *from, size_t from_row, size_t first) {
  from += first * from_row;
  ls_vector v = _mm512_castps128_ps512(_mm_loadu_ps(from));
  v = _mm512_insertf32x4(v, _mm_loadu_ps(from + 4 * from_row), 1);
  v = _mm512_insertf32x4(v, _mm_loadu_ps(from + 8 * from_row), 2);
  return _mm512_insertf32x4(v, _mm_loadu_ps(from + 12 * from_row), 3);
}

/* The same for j < 16: four transpositions at a time, one in each quarter of the vectors. */
INLINE void transpose_block(const ls_real *from, size_t from_row, ls_real *to, size_t to_row) {
  ls_vector r[4];
  for (size_t j = 0; j < 4; j++) r[j] = load_fours(from, from_row, j);
  __m512d a = _mm512_castps_pd(_mm512_unpacklo_ps(r[0], r[1]));
  __m512d b = _mm512_castps_pd(_mm512_unpacklo_ps(r[2], r[3]));
  __m512d c = _mm512_castps_pd(_mm512_unpackhi_ps(r[0], r[1]));
  __m512d d = _mm512_castps_pd(_mm512_unpackhi_ps(r[2], r[3]));
  ls_vector_store(to, _mm512_castpd_ps(_mm512_unpacklo_pd(a, b)));
  ls_vector_store(to + to_row, _mm512_castpd_ps(_mm512_unpackhi_pd(a, b)));
  ls_vector_store(to + 2 * to_row, _mm512_castpd_ps(_mm512_unpacklo_pd(c, d)));
  ls_vector_store(to + 3 * to_row, _mm512_castpd_ps(_mm512_unpackhi_pd(c, d)));
}

#else

enum { TRANSPOSED = 4 };

INLINE void transpose_block(const ls_real *from, size_t from_row, ls_real *to, size_t to_row) {
  transpose_4x4(from, from_row, to, to_row);
}

#endif

/* The same with b stored as [column, p]. */
static void transpose_panel(size_t depth, size_t columns, const ls_real *b, size_t b_row,
                            ls_real *panel) {
  const size_t width = (size_t)vectors_for(columns) * LS_LANES;
  const size_t whole_depth = depth / 4 * 4, blocks = columns / TRANSPOSED * TRANSPOSED;
  const size_t whole_columns = columns / 4 * 4;
  for (size_t j = 0; j < blocks; j += TRANSPOSED) {
    for (size_t p = 0; p < whole_depth; p += 4) {
      transpose_block(b + j * b_row + p, b_row, panel + p * PANEL + j, PANEL);
    }
  }
  for (size_t j = blocks; j < whole_columns; j += 4) {
    for (size_t p = 0; p < whole_depth; p += 4) {
      transpose_4x4(b + j * b_row + p, b_row, panel + p * PANEL + j, PANEL);
    }
  }
  for (size_t p = 0; p < depth; p++) {
    for (size_t j = p < whole_depth ? whole_columns : 0; j < width; j++) {
      panel[p * PANEL + j] = j < columns ? b[j * b_row + p] : 0;
    }
  }
}

INLINE void next_rows(tile_operands *t, bool transposed) {
  t->a += transposed ? TILE_ROWS : TILE_ROWS * t->a_row;
  t->c += TILE_ROWS * t->c_row;
}

/* The columns of c that share a panel: whole tiles, then those that are cut. */
INLINE void multiply_panel(tile_operands t, bool transposed, size_t rows, size_t columns) {
  for (; columns == PANEL && rows >= TILE_ROWS; rows -= TILE_ROWS, next_rows(&t, transposed)) {
    tile(&t, transposed, TILE_VECTORS, PANEL, TILE_ROWS);
  }
  for (; rows > TILE_ROWS; rows -= TILE_ROWS, next_rows(&t, transposed)) {
    cut_tile(&t, transposed, TILE_ROWS, columns);
  }
  cut_tile(&t, transposed, (int)rows, columns);
}

/* Where the operands of a part of the chains begin, and its length. */
typedef struct part_operands {
  const ls_real *a, *b;
  size_t a_row, b_row, depth;
  bool adds;
} part_operands;

/* Whether columns of b are copied to panels, which takes time but makes reading them faster: for
 * many tiles, or where rows of b are so far apart that caches hold few of them. */
static bool copy_pays(const ls_product *p) {
  if (p->m <= TILE_ROWS || p->n <= NEAR_COLUMNS) return false;
  return p->m > MANY_TILES * TILE_ROWS || p->n > FAR_COLUMNS;
}

/* `columns` columns of b from j on, as far as there are as many. */
static upcoming columns_of_b(const ls_product *p, const part_operands *part, size_t j,
                             size_t columns) {
  const size_t end = ls_product_end_column(p);
  if (j >= end) return (upcoming){0};
  if (columns > end - j) columns = end - j;
  if (p->b_transposed) {
    return (upcoming){part->b + j * part->b_row, part->b_row, part->depth, columns, 0};
  }
  return (upcoming){part->b + j, part->b_row, columns, part->depth, 0};
}

/* The columns of c from j on that belong to a group of panels. */
static void multiply_group(const ls_product *p, const part_operands *part, size_t j, ls_real *c,
                           ls_real (*panels)[DEPTH * PANEL]) {
  const size_t last = ls_product_end_column(p);
  const size_t end = last - j < GROUP * PANEL ? last : j + GROUP * PANEL;
  const bool copies = !p->b_transposed && copy_pays(p);
  upcoming next = columns_of_b(p, part, end, GROUP * PANEL);
  if (copies) {
    copy_panels(part->depth, end - j, part->b + j, part->b_row, panels[0], DEPTH * PANEL);
  }
  for (size_t g = 0; j < end; g++, j += PANEL) {
    const size_t columns = end - j < PANEL ? end - j : PANEL;
    tile_operands t = {.depth = part->depth,
                       .a = part->a,
                       .a_row = part->a_row,
                       .b = panels[g],
                       .b_row = PANEL,
                       .c = c + j,
                       .c_row = p->n,
                       .adds = part->adds,
                       .next = &next};
    if (!copies) next = columns_of_b(p, part, j + PANEL, PANEL);
    if (p->b_transposed) {
      transpose_panel(part->depth, columns, part->b + j * part->b_row, part->b_row, panels[g]);
    } else if (!copies && columns == PANEL) {
      t.b = part->b + j;
      t.b_row = part->b_row;
    } else if (!copies) {
      copy_panels(part->depth, columns, part->b + j, part->b_row, panels[g], 0);
    }
    if (p->a_transposed) {
      multiply_panel(t, true, p->m, columns);
    } else {
      multiply_panel(t, false, p->m, columns);
    }
  }
}

/* Rows that a copy of rows of a has: whole tiles for any instruction set. */
enum { COPIED_ROWS = 132, COPIED_GAP = 16 };

/* All columns that are computed. */
static void multiply_groups(const ls_product *p, const part_operands *part, ls_real *c,
                            ls_real (*panels)[DEPTH * PANEL]) {
  const size_t end = ls_product_end_column(p);
  for (size_t j = p->first_column; j < end; j += GROUP * PANEL) {
    multiply_group(p, part, j, c, panels);
  }
}

/* A part of the chains, with rows of a copied to where they don't collide in the caches. */
static void multiply_copied(const ls_product *p, part_operands part, ls_real *c,
                            ls_real (*panels)[DEPTH * PANEL]) {
  ls_real copy[COPIED_ROWS * (DEPTH + COPIED_GAP)];
  const ls_real *a = part.a;
  const size_t a_row = part.a_row;
  ls_product block = *p;
  part.a = copy;
  part.a_row = p->a_transposed ? COPIED_ROWS : DEPTH + COPIED_GAP;
  for (size_t i = 0; i < p->m; i += COPIED_ROWS, c += COPIED_ROWS * p->n) {
    block.m = p->m - i < COPIED_ROWS ? p->m - i : COPIED_ROWS;
    if (p->a_transposed) {
      copy_rows(part.depth, block.m, a + i, a_row, copy, part.a_row);
    } else {
      copy_rows(block.m, part.depth, a + i * a_row, a_row, copy, part.a_row);
    }
    multiply_groups(&block, &part, c, panels);
  }
}

static inline void multiply(const ls_product *p, const ls_real *a, const ls_real *b, ls_real *c) {
  ls_real panels[GROUP][DEPTH * PANEL] __attribute__((aligned(64)));
  const size_t parts = p->k > DEPTH ? (p->k + DEPTH - 1) / DEPTH : 1;
  part_operands part = {.a_row = p->a_transposed ? p->m : p->k,
                        .b_row = p->b_transposed ? p->k : p->n};
  const bool copies = collides(TILE_ROWS, part.a_row) && p->m > TILE_ROWS && p->n > NEAR_COLUMNS;
  for (size_t i = 0; i < parts; i++) {
    const size_t k = p->k * i / parts;
    part.depth = p->k * (i + 1) / parts - k;
    part.a = a + (p->a_transposed ? k * part.a_row : k);
    part.b = b + (p->b_transposed ? k : k * part.b_row);
    part.adds = p->adds || k > 0;
    if (copies) {
      multiply_copied(p, part, c, panels);
    } else {
      multiply_groups(p, &part, c, panels);
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
