/* The tree of gradient sums. */
#include "base/binary_tree.h"

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
