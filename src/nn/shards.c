/* Sums over shards in the fixed tree. */
#include "nn/shards.h"

#include "base/binary_tree.h"
#include "base/memory.h"
#include "lockstep/error.h"

#include <stdlib.h>
#include <string.h>

int ls_shards_create(ls_shards *s, size_t first, size_t end) {
  tree_stack stack = {.depth = 0};
  *s = (ls_shards){.first = first, .count = end - first};
  s->begin = ls_new(s->count + 1, sizeof *s->begin);
  s->joins = ls_new(s->count + 1, sizeof *s->joins);
  if (!s->begin || !s->joins) return LS_FAILED;
  for (size_t shard = 0; shard < s->count; shard++) {
    tree_push(&stack, (tree_node){0, first + shard});
    if (stack.depth > s->depth) s->depth = stack.depth;
    while (tree_join(&stack)) s->joins[shard]++;
  }
  s->sums = stack.depth;
  return LS_OK;
}

void ls_shards_destroy(ls_shards *s) {
  free(s->begin);
  free(s->joins);
  *s = (ls_shards){0};
}

void ls_shards_samples(const ls_shards *s, size_t k, size_t *first, size_t *end) {
  size_t begin[TREE_DEPTH + 1], depth = 0;
  for (size_t shard = 0; shard < s->count; shard++) {
    begin[depth++] = s->begin[shard];
    depth -= s->joins[shard];
  }
  begin[depth] = s->begin[s->count];
  *first = begin[k];
  *end = begin[k + 1];
}

/* Leaves what remains in the first rows. */
static void join(const ls_shards *s, size_t count, double *rows, tree_stack *stack) {
  stack->depth = 0;
  for (size_t shard = 0; shard < s->count; shard++) {
    tree_push_row(stack, (tree_node){0, s->first + shard}, count, rows + shard * count, rows);
  }
}

void ls_shards_join(const ls_shards *s, size_t count, double *rows) {
  tree_stack stack;
  join(s, count, rows, &stack);
}

void ls_shards_sum(const ls_shards *s, size_t count, double *rows) {
  tree_stack stack;
  if (s->sum_all) {
    s->sum_all(s->context, count, rows);
    return;
  }
  join(s, count, rows, &stack);
  tree_join_rest(&stack, count, rows);
}

ls_real *ls_shards_push(const ls_shards *s, size_t shard, size_t count, ls_real *top) {
  for (size_t k = 0; k < s->joins[shard]; k++, top -= s->stride) {
    ls_real *restrict left = top - s->stride;
    const ls_real *restrict right = top;
    for (size_t i = 0; i < count; i++) left[i] += right[i];
  }
  return top + s->stride;
}

enum { COLUMNS = 64 };

/* Columns of x, `width` to a row, of which there are `columns`. */
static void sum_columns(const ls_shards *s, size_t rows, size_t width, size_t columns,
                        const ls_real *x, ls_real *sums) {
  ls_real stack[TREE_DEPTH][COLUMNS];
  size_t depth = 0;
  for (size_t shard = 0; shard < s->count; shard++) {
    ls_real *top = stack[depth++];
    for (size_t j = 0; j < columns; j++) top[j] = 0;
    for (size_t i = s->begin[shard] * rows; i < s->begin[shard + 1] * rows; i++) {
      for (size_t j = 0; j < columns; j++) top[j] += x[i * width + j];
    }
    for (size_t k = 0; k < s->joins[shard]; k++, depth--, top -= COLUMNS) {
      for (size_t j = 0; j < columns; j++) top[(ptrdiff_t)j - COLUMNS] += top[j];
    }
  }
  for (size_t k = 0; k < depth; k++) {
    memcpy(sums + k * s->stride, stack[k], columns * sizeof *sums);
  }
}

void ls_shards_sum_rows(const ls_shards *s, size_t rows, size_t width, const ls_real *x,
                        ls_real *sums) {
  for (size_t j = 0; j < width; j += COLUMNS) {
    size_t columns = width - j < COLUMNS ? width - j : COLUMNS;
    sum_columns(s, rows, width, columns, x + j, sums + j);
  }
}
