/* The tree of gradient sums. */
#include "base/binary_tree.h"

#include <string.h>

void tree_push(tree_stack *stack, tree_node node) {
  stack->nodes[stack->depth++] = node;
}

bool tree_join(tree_stack *stack) {
  if (stack->depth < 2) return false;
  tree_node *left = &stack->nodes[stack->depth - 2], *right = left + 1;
  bool siblings =
      left->level == right->level && left->index % 2 == 0 && right->index == left->index + 1;
  if (!siblings) return false;
  *left = (tree_node){left->level + 1, left->index / 2};
  stack->depth--;
  return true;
}

/* Adds the top row to the one before. */
static void add_top(size_t count, double *top) {
  for (size_t j = 0; j < count; j++) (top - count)[j] += top[j];
}

void tree_push_row(tree_stack *stack, tree_node node, size_t count, const double *row,
                   double *rows) {
  double *top = rows + stack->depth * count;
  if (top != row) memcpy(top, row, count * sizeof *top);
  tree_push(stack, node);
  for (; tree_join(stack); top -= count) add_top(count, top);
}

void tree_join_rest(tree_stack *stack, size_t count, double *rows) {
  for (; stack->depth > 1; stack->depth--) add_top(count, rows + (stack->depth - 1) * count);
}

void tree_cover(size_t first, size_t end, tree_stack *cover, size_t *deepest) {
  size_t most = 0;
  cover->depth = 0;
  for (size_t shard = first; shard < end; shard++) {
    tree_push(cover, (tree_node){0, shard});
    if (cover->depth > most) most = cover->depth;
    while (tree_join(cover)) {
    }
  }
  if (deepest) *deepest = most;
}
