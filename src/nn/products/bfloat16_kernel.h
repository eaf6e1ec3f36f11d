/* Products of operands that are rounded to bfloat16 (8 bits of precision), with sums in float, for
 * one instruction set. Two numbers that follow each other along k make a word: what kernel.h and
 * shard_kernel.h do with one multiply-add then adds two products. Operands are rounded when they
 * are copied; an odd k ends with a 0. */
#ifndef LS_NN_PRODUCTS_BFLOAT16_KERNEL_H
#define LS_NN_PRODUCTS_BFLOAT16_KERNEL_H

#include "nn/products/bfloat16_words.h"

#define TILE_MULTIPLY_ADD add_two_products
#include "nn/products/kernel.h"
#include "nn/products/shard_kernel.h"

/* A panel of words from `depth` rows of b; 0 in the other columns that tiles read. */
static void fill_panel(size_t depth, size_t columns, const ls_real *b, size_t b_row,
                       ls_real *panel) {
  join_all_rows(depth, columns, b, b_row, (size_t)vectors_for(columns) * LS_LANES, panel, PANEL);
}

/* The same with b stored as [column, k]. */
static void fill_panel_transposed(size_t depth, size_t columns, const ls_real *b, size_t b_row,
                                  ls_real *panel) {
  ls_real rows[PANEL][DEPTH + COPIED_GAP];
  for (size_t j = 0; j < columns; j++) join_neighbours(depth, b + j * b_row, rows[j]);
  transpose_panel((depth + 1) / 2, columns, rows[0], DEPTH + COPIED_GAP, panel);
}

/* Words of a block of rows of a. */
static void fill_rows(const ls_product *p, size_t rows, const part_operands *part, size_t i,
                      ls_real *to) {
  if (p->a_transposed) {
    join_all_rows(part->depth, rows, part->a + i, part->a_row, rows, to, COPIED_ROWS);
    return;
  }
  for (size_t r = 0; r < rows; r++) {
    join_neighbours(part->depth, part->a + (i + r) * part->a_row, to + r * (DEPTH + COPIED_GAP));
  }
}

/* The columns of c from j on that belong to a group of panels. `rows` has the words of all of a if
 * that is one block and these are not the first columns. */
static void multiply_words(const ls_product *p, const part_operands *part, size_t j, ls_real *c,
                           ls_real (*panels)[DEPTH * PANEL], ls_real *rows) {
  const size_t last = ls_product_end_column(p);
  const size_t end = last - j < GROUP * PANEL ? last : j + GROUP * PANEL;
  upcoming next = columns_of_b(p, part, end, GROUP * PANEL);
  for (size_t g = 0, at = j; at < end; g++, at += PANEL) {
    const size_t columns = end - at < PANEL ? end - at : PANEL;
    if (p->b_transposed) {
      fill_panel_transposed(part->depth, columns, part->b + at * part->b_row, part->b_row,
                            panels[g]);
    } else {
      fill_panel(part->depth, columns, part->b + at, part->b_row, panels[g]);
    }
  }
  for (size_t i = 0; i < p->m; i += COPIED_ROWS) {
    const size_t count = p->m - i < COPIED_ROWS ? p->m - i : COPIED_ROWS;
    if (j == p->first_column || p->m > COPIED_ROWS) fill_rows(p, count, part, i, rows);
    for (size_t g = 0, at = j; at < end; g++, at += PANEL) {
      const tile_operands t = {.depth = (part->depth + 1) / 2,
                               .a = rows,
                               .a_row = p->a_transposed ? COPIED_ROWS : DEPTH + COPIED_GAP,
                               .b = panels[g],
                               .b_row = PANEL,
                               .c = c + i * p->n + at,
                               .c_row = p->n,
                               .adds = part->adds,
                               .next = &next};
      const size_t columns = end - at < PANEL ? end - at : PANEL;
      if (p->a_transposed) {
        multiply_panel(t, true, count, columns);
      } else {
        multiply_panel(t, false, count, columns);
      }
    }
  }
}

static inline void multiply_bfloat16(const ls_product *p, const ls_real *a, const ls_real *b,
                                     ls_real *c) {
  enum { MOST = 2 * DEPTH };
  ls_real panels[GROUP][DEPTH * PANEL] __attribute__((aligned(64)));
  ls_real rows[COPIED_ROWS * (DEPTH + COPIED_GAP)];
  part_operands part = {.a_row = p->a_transposed ? p->m : p->k,
                        .b_row = p->b_transposed ? p->k : p->n,
                        .adds = p->adds};
  const size_t end = ls_product_end_column(p);
  for (size_t k = 0; k == 0 || k < p->k; k += MOST, part.adds = true) {
    part.depth = p->k - k < MOST ? p->k - k : MOST;
    part.a = a + (p->a_transposed ? k * part.a_row : k);
    part.b = b + (p->b_transposed ? k : k * part.b_row);
    for (size_t j = p->first_column; j < end; j += GROUP * PANEL) {
      multiply_words(p, &part, j, c, panels, rows);
    }
  }
}

/* A shard after the other: for more samples than a panel has. */
static void multiply_each_shard(const ls_product *p, const ls_shards *shards, const ls_real *a,
                                const ls_real *b, ls_real *c) {
  ls_product part = *p;
  for (size_t k = 0; k < shards->count; k++) {
    const size_t first = shards->begin[k];
    part.k = shards->begin[k + 1] - first;
    multiply_bfloat16(&part, a + first * p->m, b + first * p->n, c);
    c = ls_shards_push(shards, k, p->m * p->n, c);
  }
}

enum { MOST_SHARDS = LS_FEW_SAMPLES };

/* Sets begin[shard] to the first word of each shard; returns the number of words. */
static size_t count_words(const ls_shards *shards, size_t begin[MOST_SHARDS + 1]) {
  begin[0] = 0;
  for (size_t k = 0; k < shards->count; k++) {
    begin[k + 1] = begin[k] + (shards->begin[k + 1] - shards->begin[k] + 1) / 2;
  }
  return begin[shards->count];
}

/* Words of some columns of x for every shard, [word][column]. */
static void join_shards(const ls_shards *shards, const size_t *begin, size_t columns,
                        const ls_real *x, size_t x_row, ls_real *to, size_t to_row, bool panel) {
  for (size_t k = 0; k < shards->count; k++) {
    const size_t first = shards->begin[k], samples = shards->begin[k + 1] - first;
    if (panel) {
      fill_panel(samples, columns, x + first * x_row, x_row, to + begin[k] * to_row);
    } else {
      join_all_rows(samples, columns, x + first * x_row, x_row, columns, to + begin[k] * to_row,
                    to_row);
    }
  }
}

static inline void multiply_shards_bfloat16(const ls_product *p, const ls_shards *shards,
                                            const ls_rows *rows, const ls_real *a, const ls_real *b,
                                            ls_real *c) {
  ls_real panels[GROUP * DEPTH * PANEL] __attribute__((aligned(64)));
  ls_real stack[STACK][STRIP * PANEL] __attribute__((aligned(64)));
  ls_real words_of_a[DEPTH * STRIP] __attribute__((aligned(64)));
  size_t begin[MOST_SHARDS + 1];
  const size_t count = shards->count > MOST_SHARDS ? 0 : count_words(shards, begin);
  if (count == 0 || count > DEPTH) {
    multiply_each_shard(p, shards, a, b, c);
    return;
  }
  ls_shards joined = *shards;
  joined.begin = begin;
  const size_t group = GROUP * DEPTH / count * PANEL;
  strip_operands s = {.product = p,
                      .shards = &joined,
                      .panel = panels,
                      .filled = true,
                      .a = words_of_a,
                      .a_row = STRIP};
  for (size_t j = 0; j < p->n; j += group) {
    const size_t columns = p->n - j < group ? p->n - j : group;
    for (size_t g = 0; g < columns; g += PANEL) {
      join_shards(shards, begin, columns - g < PANEL ? columns - g : PANEL, b + j + g, p->n,
                  panels + g * count, PANEL, true);
    }
    size_t i = 0;
    while ((s.rows = next_strip(rows, &i)) > 0) {
      join_shards(shards, begin, s.rows, a + i, p->m, words_of_a, STRIP, false);
      sum_panels(s, columns, stack, c + i * p->n + j);
      i += s.rows;
    }
  }
}

#endif
